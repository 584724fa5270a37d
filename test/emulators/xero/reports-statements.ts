// Profit and loss and balance sheet, computed from the ledger.
import type { Account, AccountType, Books } from '../../books/index.ts';
import { type Balances, balancesOf, profit, yearStart } from './balances.ts';
import { longDay, shortDay } from './dates.ts';
import { validationError } from './errors.ts';
import { isCash } from './journals.ts';
import type { Query } from './query.ts';
import {
  accountRow,
  header,
  moneys,
  type Report,
  type Row,
  section,
  summary,
  totalOf,
} from './report-rows.ts';

const DAY = 86_400_000;
const MONTHS_IN = { MONTH: 1, QUARTER: 3, YEAR: 12 } as const;

interface Column {
  readonly title: string;
  readonly balances: Balances;
}

/** `day` moved by whole months, kept inside the month it lands in. */
export function addMonths(day: number, months: number): number {
  const date = new Date(day);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0);
  const isLast =
    date.getUTCDate() === new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return isLast ? last : Math.min(last, first + (date.getUTCDate() - 1) * DAY);
}

function timeframe(query: Query): number {
  const name = (query.get('timeframe') ?? 'MONTH').toUpperCase();
  if (name !== 'MONTH' && name !== 'QUARTER' && name !== 'YEAR')
    throw validationError('The timeframe must be MONTH, QUARTER or YEAR');
  return MONTHS_IN[name];
}

/** Extra columns for earlier stretches of time; `most` of them. */
export function periodsOf(query: Query, most: number): number {
  const periods = Number(query.get('periods') ?? 0);
  if (!Number.isInteger(periods) || periods < 0 || periods > most)
    throw validationError(`The periods must be between 1 and ${most}`);
  return periods;
}

const PROFIT_SECTIONS: readonly {
  title: string;
  total: string;
  types: readonly AccountType[];
  after?: string;
  sign: 1 | -1;
}[] = [
  { title: 'Income', total: 'Total Income', types: ['revenue'], sign: -1 },
  {
    title: 'Less Cost of Sales',
    total: 'Total Cost of Sales',
    types: ['directCosts'],
    after: 'Gross Profit',
    sign: 1,
  },
  { title: 'Plus Other Income', total: 'Total Other Income', types: ['otherIncome'], sign: -1 },
  {
    title: 'Less Operating Expenses',
    total: 'Total Operating Expenses',
    types: ['expense', 'depreciation'],
    after: 'Net Profit',
    sign: 1,
  },
];

/** Income and costs of a stretch of days, by period or by the options of a tracking category. */
export function profitAndLoss(
  books: Books,
  query: Query,
  { today, periods }: { today: number; periods: 11 | 12 },
): Report {
  const to = query.day('toDate') ?? today;
  const from =
    query.day('fromDate') ?? Date.UTC(new Date(to).getUTCFullYear(), new Date(to).getUTCMonth(), 1);
  const columns = profitColumns(books, query, { from, to, periods: periodsOf(query, periods) });
  const rows: Row[] = [header('', ...columns.map((one) => one.title))];
  let running = columns.map(() => 0);
  for (const { title, total, types, after, sign } of PROFIT_SECTIONS) {
    const lines = accountLines(books, columns, { types, sign });
    const sums = totalOf(
      lines.map((one) => one.cents),
      columns.length,
    );
    running = running.map((value, at) => value - sign * (sums[at] ?? 0));
    if (lines.length > 0) rows.push(section(title, [...lines.map(toRow), summary(total, moneys(sums))]));
    if (after) rows.push(section('', [summary(after, moneys(running))]));
  }
  return {
    name: 'Profit and Loss',
    type: 'ProfitAndLoss',
    titles: ['Profit & Loss', books.company.name, `${longDay(from)} to ${longDay(to)}`],
    rows,
  };
}

function profitColumns(
  books: Books,
  query: Query,
  { from, to, periods }: { from: number; to: number; periods: number },
): Column[] {
  const only = query.isTrue('paymentsOnly') ? isCash : () => true;
  const chosen = [query.get('trackingOptionID'), query.get('trackingOptionID2')].filter(
    (one) => one !== undefined,
  );
  const categoryId = query.get('trackingCategoryID');
  if (categoryId && chosen.length === 0) return trackingColumns(books, categoryId, { from, to });
  const step = timeframe(query);
  return Array.from({ length: periods + 1 }, (_, at) => ({
    title: shortDay(addMonths(to, -at * step)),
    balances: balancesOf(books, {
      from: addMonths(from, -at * step),
      to: addMonths(to, -at * step),
      options: chosen,
      only,
    }),
  }));
}

function trackingColumns(
  books: Books,
  categoryId: string,
  { from, to }: { from: number; to: number },
): Column[] {
  const category = books.trackingCategories.find((one) => one.id === categoryId.toLowerCase());
  if (!category) throw validationError(`Tracking category "${categoryId}" does not exist`);
  // More than a thousand columns are refused.
  if (category.options.length > 1000) throw validationError('The report has more than 1000 tracking columns');
  const every = balancesOf(books, { from, to });
  const columns = category.options.map((option) => ({
    title: option.name,
    balances: balancesOf(books, { from, to, options: [option.id] }),
  }));
  const rest = new Map(
    [...every].map(([account, cents]) => [
      account,
      columns.reduce((left, one) => left - (one.balances.get(account) ?? 0), cents),
    ]),
  );
  return [...columns, { title: 'Unassigned', balances: rest }, { title: 'Total', balances: every }];
}

export interface AccountLine {
  readonly account: Account;
  readonly cents: readonly number[];
}

/** Accounts of some types that have anything in any column. */
function accountLines(
  books: Books,
  columns: readonly Column[],
  { types, sign }: { types: readonly AccountType[]; sign: 1 | -1 },
): AccountLine[] {
  return books.accounts
    .filter((account) => types.includes(account.type))
    .map((account) => ({
      account,
      cents: columns.map(({ balances }) => sign * (balances.get(account) ?? 0)),
    }))
    .filter(({ cents }) => cents.some((one) => one !== 0));
}

const toRow = ({ account, cents }: AccountLine): Row =>
  accountRow(account, account.name, moneys(cents.map((one) => one + 0)));

const SHEET_SECTIONS: readonly {
  title: string;
  types: readonly AccountType[];
  side: 'assets' | 'liabilities';
}[] = [
  { title: 'Bank', types: ['bank'], side: 'assets' },
  { title: 'Current Assets', types: ['current', 'inventory'], side: 'assets' },
  { title: 'Fixed Assets', types: ['fixed'], side: 'assets' },
  { title: 'Current Liabilities', types: ['currentLiability'], side: 'liabilities' },
  { title: 'Non-current Liabilities', types: ['termLiability'], side: 'liabilities' },
];

/** What is owned and owed at the end of a day, and of earlier periods. */
export function balanceSheet(books: Books, query: Query, { today }: { today: number }): Report {
  const date =
    query.day('date') ??
    addMonths(Date.UTC(new Date(today).getUTCFullYear(), new Date(today).getUTCMonth() + 1, 0), 0);
  const step = timeframe(query);
  const dates = Array.from({ length: periodsOf(query, 11) + 1 }, (_, at) => addMonths(date, -at * step));
  const only = query.isTrue('paymentsOnly') ? isCash : () => true;
  const options = [query.get('trackingOptionID1'), query.get('trackingOptionID2')].filter(
    (one) => one !== undefined,
  );
  const columns = dates.map((to) => ({
    title: shortDay(to),
    balances: balancesOf(books, { to, only, options }),
  }));
  const rows: Row[] = [header('', ...columns.map((one) => one.title))];
  const totals = { assets: columns.map(() => 0), liabilities: columns.map(() => 0) };
  for (const side of ['assets', 'liabilities'] as const) {
    rows.push(section(side === 'assets' ? 'Assets' : 'Liabilities', []));
    for (const { title, types } of SHEET_SECTIONS.filter((one) => one.side === side)) {
      const lines = accountLines(books, columns, { types, sign: side === 'assets' ? 1 : -1 });
      if (lines.length === 0) continue;
      const sums = totalOf(
        lines.map((one) => one.cents),
        columns.length,
      );
      totals[side] = totals[side].map((value, at) => value + (sums[at] ?? 0));
      rows.push(section(title, [...lines.map(toRow), summary(`Total ${title}`, moneys(sums))]));
    }
    rows.push(
      section('', [summary(side === 'assets' ? 'Total Assets' : 'Total Liabilities', moneys(totals[side]))]),
    );
  }
  const net = totals.assets.map((value, at) => value - (totals.liabilities[at] ?? 0));
  rows.push(section('', [summary('Net Assets', moneys(net))]));
  rows.push(equitySection(books, columns, { dates, only }));
  return {
    name: 'Balance Sheet',
    type: 'BalanceSheet',
    titles: ['Balance Sheet', books.company.name, `As at ${longDay(date)}`],
    rows,
  };
}

/** Equity accounts, with this year's profit and earlier years' in rows of their own. */
function equitySection(
  books: Books,
  columns: readonly Column[],
  { dates, only }: { dates: readonly number[]; only: typeof isCash },
): Row {
  const lines = accountLines(books, columns, { types: ['equity'], sign: -1 }).filter(
    ({ account }) => account.system !== 'retained',
  );
  const current = dates.map((to) => profit(books, { from: yearStart(books, to), to, only }));
  const retained = books.system.retained;
  const earlier = dates.map(
    (to, at) =>
      profit(books, { to: yearStart(books, to) - DAY, only }) - (columns[at]?.balances.get(retained) ?? 0),
  );
  const sums = totalOf([...lines.map((one) => one.cents), current, earlier], columns.length);
  return section('Equity', [
    { RowType: 'Row', Cells: ['Current Year Earnings', ...moneys(current)].map((Value) => ({ Value })) },
    ...lines.map(toRow),
    accountRow(retained, retained.name, moneys(earlier)),
    summary('Total Equity', moneys(sums)),
  ]);
}
