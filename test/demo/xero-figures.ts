// What an accountant would ask of tables that came from Xero, and the same from the books.
import { type Books, type BookTotals, bookTotals } from '../books/index.ts';
import { type Engine, type Figures, gather, money } from './figures.ts';

const documentTables = ['invoices', 'bills', 'sales_credit_notes', 'purchase_credit_notes'] as const;

const keyOf = (table: string): string => (table.endsWith('notes') ? 'CreditNoteID' : 'InvoiceID');

/** Balances due by currency, documents by status, lines and their amounts by account. */
export const xeroFigures = (engine: Engine): Promise<Figures> =>
  gather(engine, [
    ...[
      ['invoices', 'receivable'],
      ['bills', 'payable'],
    ].map(
      ([table = '', figure]) =>
        `SELECT d."TenantID" AS tenant, '${figure} ' || d."CurrencyCode" AS figure, sum(d."AmountDue") AS value
         FROM ${engine.table(table)} AS d WHERE d."Status" = 'AUTHORISED' AND ${engine.living('d')} GROUP BY 1, 2`,
    ),
    ...documentTables.map(
      (table) =>
        `SELECT d."TenantID" AS tenant, '${table} ' || lower(d."Status") AS figure, count(*) AS value
         FROM ${engine.table(table)} AS d WHERE ${engine.living('d')} GROUP BY 1, 2`,
    ),
    ...[
      ['lines of', 'count(*)'],
      ['amount of', 'sum("LineAmount")'],
    ].map(
      ([figure, value]) =>
        `SELECT "TenantID" AS tenant, '${figure} ' || "AccountCode" AS figure, ${value} AS value
         FROM (${documentTables.map((table) => linesOf(engine, table)).join(' UNION ALL ')}) AS lines GROUP BY 1, 2`,
    ),
  ]);

const linesOf = (engine: Engine, table: string): string =>
  `SELECT d."TenantID", l."AccountCode", l."LineAmount"
   FROM ${engine.table(`${table}_LineItems`)} AS l JOIN ${engine.table(table)} AS d
   ON l."TenantID" = d."TenantID" AND l."${keyOf(table)}" = d."${keyOf(table)}"
   WHERE ${engine.living('l')} AND ${engine.living('d')} AND d."Status" IN ('AUTHORISED', 'PAID') AND l."AccountCode" IS NOT NULL`;

/** The books' own figures, under the names that `xeroFigures` gives them. */
export function xeroBooks(books: Books): Figures {
  const totals = bookTotals(books);
  const figures = new Map<string, string>();
  const add = (figure: string, cents: number) => {
    if (cents !== 0) figures.set(`${books.company.id} ${figure}`, money(cents));
  };
  for (const [currency, value] of Object.entries(totals.accountsReceivable.byCurrency))
    add(`receivable ${currency}`, value);
  for (const [currency, value] of Object.entries(totals.accountsPayable.byCurrency))
    add(`payable ${currency}`, value);
  for (const [table, counts] of statusCounts(totals))
    for (const [status, count] of Object.entries(counts))
      if (status !== 'deleted') add(`${table} ${status}`, count * 100);
  for (const [code, { count, amount }] of Object.entries(totals.linesByAccount)) {
    add(`lines of ${code}`, count * 100);
    add(`amount of ${code}`, amount);
  }
  return figures;
}

const statusCounts = (totals: BookTotals) =>
  [
    ['invoices', totals.invoices],
    ['bills', totals.bills],
    ['sales_credit_notes', totals.salesCreditNotes],
    ['purchase_credit_notes', totals.purchaseCreditNotes],
  ] as const;
