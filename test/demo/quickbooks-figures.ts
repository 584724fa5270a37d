// What an accountant would ask of tables that came from QuickBooks, and the same from the books.
import { type Books, bookTotals, type Document, trialBalance } from '../books/index.ts';
import { type Engine, type Figures, gather, money } from './figures.ts';

const documentTables = ['invoices', 'bills', 'credit_memos', 'vendor_credits'] as const;

/** Balances due by currency, documents and their totals by currency, and this month's trial balance by account. */
export const quickbooksFigures = (engine: Engine): Promise<Figures> =>
  gather(engine, [
    ...[
      ['invoices', 'receivable'],
      ['bills', 'payable'],
    ].map(
      ([table = '', figure]) =>
        `SELECT d."RealmID" AS tenant, '${figure} ' || d."CurrencyRef_value" AS figure, sum(d."Balance") AS value
         FROM ${engine.table(table)} AS d WHERE ${engine.living('d')} GROUP BY 1, 2`,
    ),
    ...documentTables.flatMap((table) =>
      [
        ['number of', 'count(*)'],
        ['total of', 'sum(d."TotalAmt")'],
      ].map(
        ([figure, value]) =>
          `SELECT d."RealmID" AS tenant, '${figure} ${table} ' || d."CurrencyRef_value" AS figure, ${value} AS value
           FROM ${engine.table(table)} AS d WHERE ${engine.living('d')} GROUP BY 1, 2`,
      ),
    ),
    `SELECT b."RealmID" AS tenant, 'balance of ' || a."AcctNum" AS figure,
       sum(coalesce(b."Debit", 0) - coalesce(b."Credit", 0)) AS value
     FROM ${engine.table('report_trial_balance')} AS b JOIN ${engine.table('accounts')} AS a
     ON a."RealmID" = b."RealmID" AND a."Id" = b."TitleID"
     WHERE ${engine.living('b')} AND b."RowType" = 'Data' AND a."Classification" IN ('Asset', 'Liability')
     AND b."Period" = (SELECT max("Period") FROM ${engine.table('report_trial_balance')}) GROUP BY 1, 2`,
  ]);

/**
 * The books' own figures, under the names that `quickbooksFigures` gives them, for the company QuickBooks calls
 * `realm`. A voided sale stays, with nothing on it; a voided purchase goes. Income and expenses begin anew with each
 * financial year, so the balances compared are those of assets and liabilities.
 */
export function quickbooksBooks(books: Books, realm: string): Figures {
  const totals = bookTotals(books);
  const figures = new Map<string, string>();
  const add = (figure: string, cents: number) => {
    if (cents !== 0) figures.set(`${realm} ${figure}`, money(cents));
  };
  for (const [currency, value] of Object.entries(totals.accountsReceivable.byCurrency))
    add(`receivable ${currency}`, value);
  for (const [currency, value] of Object.entries(totals.accountsPayable.byCurrency))
    add(`payable ${currency}`, value);
  const tables = [books.invoices, books.bills, books.salesCredits, books.purchaseCredits] as const;
  for (const [index, table] of documentTables.entries())
    for (const [currency, { count, total }] of byCurrency(tables[index] ?? [], index % 2 === 0)) {
      add(`number of ${table} ${currency}`, count * 100);
      add(`total of ${table} ${currency}`, total);
    }
  const lasting = new Set(
    books.accounts
      .filter((one) => one.class === 'asset' || one.class === 'liability')
      .map(({ code }) => code),
  );
  for (const [code, balance] of Object.entries(trialBalance(books)))
    if (lasting.has(code)) add(`balance of ${code}`, balance);
  return figures;
}

function byCurrency(documents: readonly Document[], sold: boolean) {
  const sums = new Map<string, { count: number; total: number }>();
  for (const { status, currency, total } of documents) {
    const living = status === 'authorised' || status === 'paid';
    if (!living && !(sold && status === 'voided')) continue;
    const before = sums.get(currency) ?? { count: 0, total: 0 };
    sums.set(currency, { count: before.count + 1, total: before.total + (living ? total : 0) });
  }
  return sums;
}
