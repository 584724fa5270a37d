// The trial balance, computed from the ledger.
import type { Books } from '../../books/index.ts';
import { balancesOf, profit, yearStart } from './balances.ts';
import { longDay } from './dates.ts';
import { isCash } from './journals.ts';
import { money } from './json.ts';
import type { Query } from './query.ts';
import { accountRow, header, moneys, type Report, section, summary, totalOf } from './report-rows.ts';
import type { AccountLine } from './reports-statements.ts';

const DAY = 86_400_000;

const TRIAL_SECTIONS = [
  ['revenue', 'Revenue'],
  ['expense', 'Expenses'],
  ['asset', 'Assets'],
  ['liability', 'Liabilities'],
  ['equity', 'Equity'],
] as const;

/** Debits and credits of the month, and of the year to date; balance sheet accounts carry all of their past in the latter. */
export function trialBalanceReport(books: Books, query: Query, { today }: { today: number }): Report {
  const date = query.day('date') ?? today;
  const lines = trialLines(books, { date, only: query.isTrue('paymentsOnly') ? isCash : () => true });
  const rows = TRIAL_SECTIONS.map(([kind, title]) =>
    section(
      title,
      lines
        .filter(({ account }) => account.class === kind)
        .map(({ account, cents }) =>
          accountRow(account, `${account.name} (${account.code})`, trialCells(cents, kind)),
        ),
    ),
  ).filter((one) => one.Rows?.length);
  const totals = moneys(
    totalOf(
      lines.map((one) => one.cents),
      4,
    ),
  );
  return {
    name: 'Trial Balance',
    type: 'TrialBalance',
    titles: ['Trial Balance', books.company.name, `As at ${longDay(date)}`],
    rows: [
      header('Account', 'Debit', 'Credit', 'YTD Debit', 'YTD Credit'),
      ...rows,
      section('', [summary('Total', totals)]),
    ],
  };
}

/** Debit and credit of the month, then of the year to date, of every account that has either. */
function trialLines(books: Books, { date, only }: { date: number; only: typeof isCash }): AccountLine[] {
  const year = yearStart(books, date);
  const monthStart = Date.UTC(new Date(date).getUTCFullYear(), new Date(date).getUTCMonth(), 1);
  const month = balancesOf(books, { from: monthStart, to: date, only });
  const sinceYear = balancesOf(books, { from: year, to: date, only });
  const ever = balancesOf(books, { to: date, only });
  const earlier = profit(books, { to: year - DAY, only });
  return books.accounts.flatMap((account) => {
    const flow = account.class === 'revenue' || account.class === 'expense';
    const moved = month.get(account) ?? 0;
    const total =
      ((flow ? sinceYear : ever).get(account) ?? 0) - (account.system === 'retained' ? earlier : 0);
    if (moved === 0 && total === 0) return [];
    return [
      { account, cents: [Math.max(0, moved), Math.max(0, -moved), Math.max(0, total), Math.max(0, -total)] },
    ];
  });
}

/** The side without an amount stays empty; nothing at all shows as 0.00 on the account's own side. */
function trialCells(cells: readonly number[], kind: string): string[] {
  const debit = kind === 'expense' || kind === 'asset';
  const pair = (left: number, right: number): [string, string] => {
    if (left === 0 && right === 0) return debit ? ['0.00', ''] : ['', '0.00'];
    return [left === 0 ? '' : money(left), right === 0 ? '' : money(right)];
  };
  const [a = 0, b = 0, c = 0, d = 0] = cells;
  return [...pair(a, b), ...pair(c, d)];
}
