// Profit and loss, balance sheet, trial balance and cash flow: sums per account and period.
import type { Account } from '../../../books/index.ts';
import { isBalanceSheet, kindOf } from '../account-types.ts';
import { accountName } from '../references.ts';
import { type Entry, entriesOf, netBy } from './ledger.ts';
import { type Period, periodOf, summaryColumns } from './periods.ts';
import { amount, type Cell, type Column, type Look, type Report, type Row, text } from './shape.ts';

export interface Asked {
  readonly query: URLSearchParams;
  readonly look: Look;
}

interface Spread {
  readonly columns: readonly Column[];
  /** Cents of an account per money column; the last one is the total. */
  of(account: Account): readonly number[];
  zero: readonly number[];
}

/** Cash accounting leaves out what nobody has paid. */
const counts =
  ({ basis }: Look) =>
  (entry: Entry): boolean =>
    basis === 'Accrual' || !entry.unpaid;

const sums = (rows: readonly (readonly number[])[], zero: readonly number[]): number[] =>
  rows.reduce<number[]>((total, row) => total.map((cents, at) => cents + (row[at] ?? 0)), [...zero]);

const label = (account: Account, { company }: Look): Cell =>
  text(`${account.code} ${accountName(account)}`, company.idOf('Account', account) ?? '');

/** Movements per column, or balances at each column's end. */
function spread(asked: Asked, period: Period, how: 'movement' | 'balance'): Spread {
  const { look, query } = asked;
  const by = query.get('summarize_column_by') ?? 'Total';
  const summary = summaryColumns(period, { by, modern: look.modern });
  const total: Column = {
    key: 'total',
    title: summary.length === 0 || how === 'balance' ? 'Total' : 'TOTAL',
    type: 'Money',
  };
  const spans = [
    ...summary.map(({ span }) => span),
    ...(how === 'balance' && summary.length > 0 ? [] : [period]),
  ];
  const entries = entriesOf(look.company).filter(counts(look));
  const nets = spans.map(({ from, to }) =>
    netBy(entries, ({ date }) => date <= to && (how === 'balance' || date >= from)),
  );
  return {
    columns: how === 'balance' && summary.length > 0 ? summary : [...summary, total],
    of: (account) => nets.map((net) => net.get(account) ?? 0),
    zero: spans.map(() => 0),
  };
}

interface Section {
  readonly title: string;
  readonly group: string;
  readonly types: readonly string[];
}

interface Made {
  readonly row: Row;
  readonly cents: readonly number[];
}

/** A section of accounts, turned so that the usual sign is positive. */
function sectionOf(
  { title, group, types }: Section,
  { data, look, sign }: { data: Spread; look: Look; sign: 1 | -1 },
): Made {
  const rows = look.company.books.accounts
    .filter((account) => types.includes(kindOf(account).type))
    .map((account) => ({ account, cents: data.of(account).map((net) => sign * net) }))
    .filter(({ cents }) => cents.some((one) => one !== 0));
  const cents = sums(
    rows.map((one) => one.cents),
    data.zero,
  );
  return {
    cents,
    row: {
      ...{ title, group },
      rows: rows.map((one) => ({
        cells: [label(one.account, look), ...one.cents.map((net) => amount(net, look))],
      })),
      total: [text(`Total ${title}`), ...cents.map((net) => amount(net, look))],
    },
  };
}

/** A line that only sums others up. */
const totalRow = (
  title: string,
  group: string,
  { cents, look }: { cents: readonly number[]; look: Look },
): Row => ({
  ...{ title, group, rows: [] },
  total: [text(title), ...cents.map((net) => amount(net, look))],
});

const ACCOUNT: Column = { key: 'account', title: '', type: 'Account' };

function profit(asked: Asked, period: Period): { rows: Row[]; data: Spread; net: readonly number[] } {
  const { look } = asked;
  const data = spread(asked, period, 'movement');
  const make = (title: string, group: string, types: readonly string[], sign: 1 | -1): Made =>
    sectionOf({ title, group, types }, { data, look, sign });
  const income = make('Income', 'Income', ['Income'], -1);
  const cogs = make('Cost of Goods Sold', 'COGS', ['Cost of Goods Sold'], 1);
  const expenses = make('Expenses', 'Expenses', ['Expense'], 1);
  const otherIncome = make('Other Income', 'OtherIncome', ['Other Income'], -1);
  const otherExpenses = make('Other Expenses', 'OtherExpenses', ['Other Expense'], 1);
  const minus = (left: readonly number[], right: readonly number[]): number[] =>
    left.map((cents, at) => cents - (right[at] ?? 0));
  const gross = minus(income.cents, cogs.cents);
  const operating = minus(gross, expenses.cents);
  const other = minus(otherIncome.cents, otherExpenses.cents);
  const net = operating.map((cents, at) => cents + (other[at] ?? 0));
  const sum = (title: string, group: string, cents: readonly number[]): Row =>
    totalRow(title, group, { cents, look });
  const rows = [
    income.row,
    cogs.row,
    sum('Gross Profit', 'GrossProfit', gross),
    expenses.row,
    sum('Net Operating Income', 'NetOperatingIncome', operating),
    otherIncome.row,
    otherExpenses.row,
    sum('Net Other Income', 'NetOtherIncome', other),
    sum('Net Income', 'NetIncome', net),
  ];
  return { rows, data, net };
}

export function profitAndLoss(asked: Asked): Report {
  const period = periodOf(asked.look.company, asked.query, asked.look.now);
  const { rows, data, net } = profit(asked, period);
  const empty =
    net.every((cents) => cents === 0) && rows.every((row) => !('rows' in row) || row.rows.length === 0);
  return {
    ...{ name: 'ProfitAndLoss', ...period, rows: empty ? [] : rows },
    summarizedBy: asked.query.get('summarize_column_by') ?? 'Total',
    columns: [ACCOUNT, ...data.columns],
  };
}

/** Assets against liabilities and equity; earnings of the fiscal year and of the years before are lines of equity. */
export function balanceSheet(asked: Asked): Report {
  const { look, query } = asked;
  const { company } = look;
  const period = periodOf(company, query, look.now);
  const data = spread(asked, period, 'balance');
  const make = (title: string, group: string, types: readonly string[], sign: 1 | -1): Made =>
    sectionOf({ title, group, types }, { data, look, sign });
  const bank = make('Bank Accounts', 'BankAccounts', ['Bank'], 1);
  const receivable = make('Accounts Receivable', 'AR', ['Accounts Receivable'], 1);
  const current = make('Other Current Assets', 'OtherCurrentAssets', ['Other Current Asset'], 1);
  const fixed = make('Fixed Assets', 'FixedAssets', ['Fixed Asset'], 1);
  const payable = make('Accounts Payable', 'AP', ['Accounts Payable'], -1);
  const cards = make('Credit Cards', 'CreditCards', ['Credit Card'], -1);
  const owed = make('Other Current Liabilities', 'OtherCurrentLiabilities', ['Other Current Liability'], -1);
  const term = make('Long-Term Liabilities', 'LongTermLiabilities', ['Long Term Liability'], -1);
  const equity = make('Equity', 'EquityAccounts', ['Equity'], -1);
  const earned = data.zero.map(
    (_, at) =>
      -company.books.accounts
        .filter((one) => !isBalanceSheet(one))
        .reduce((sum, one) => sum + (data.of(one)[at] ?? 0), 0),
  );
  const assets = [bank, receivable, current, fixed];
  const liabilities = [payable, cards, owed, term];
  const own = sums([equity.cents, earned], data.zero);
  const group = (
    title: string,
    name: string,
    { parts, cents }: { parts: readonly Row[]; cents: readonly number[] },
  ): Row => ({
    ...{ title, group: name, rows: parts },
    total: [text(`Total ${title}`), ...cents.map((net) => amount(net, look))],
  });
  const assetCents = sums(
    assets.map((one) => one.cents),
    data.zero,
  );
  const owedCents = sums(
    liabilities.map((one) => one.cents),
    data.zero,
  );
  const rows = [
    group('ASSETS', 'TotalAssets', { parts: assets.map((one) => one.row), cents: assetCents }),
    group('LIABILITIES AND EQUITY', 'TotalLiabilitiesAndEquity', {
      parts: [
        group('Liabilities', 'Liabilities', { parts: liabilities.map((one) => one.row), cents: owedCents }),
        group('Equity', 'Equity', {
          parts: [equity.row, totalRow('Net Income', 'NetIncome', { cents: earned, look })],
          cents: own,
        }),
      ],
      cents: sums([owedCents, own], data.zero),
    }),
  ];
  return {
    ...{ name: 'BalanceSheet', ...period, rows },
    summarizedBy: query.get('summarize_column_by') ?? 'Total',
    columns: [ACCOUNT, ...data.columns],
  };
}

/** Debit and credit per account: results of the period, balances at its end; earlier results are retained earnings. */
export function trialBalance({ look, query }: Asked): Report {
  const { company } = look;
  const period = periodOf(company, query, look.now);
  const entries = entriesOf(company).filter(counts(look));
  const end = netBy(entries, ({ date }) => date <= period.to);
  const before = netBy(entries, ({ date }) => date < period.from);
  let retained = 0;
  for (const [account, cents] of before) if (!isBalanceSheet(account)) retained += cents;
  const rows: Row[] = [];
  let [debits, credits] = [0, 0];
  for (const account of company.books.accounts) {
    const carried = isBalanceSheet(account) ? 0 : (before.get(account) ?? 0);
    const extra = account.system === 'retained' ? retained : 0;
    const cents = (end.get(account) ?? 0) - carried + extra;
    if (cents === 0) continue;
    debits += Math.max(0, cents);
    credits += Math.max(0, -cents);
    const sides = cents > 0 ? [amount(cents, look), text('')] : [text(''), amount(-cents, look)];
    rows.push({ cells: [label(account, look), ...sides] });
  }
  const total = {
    title: 'TOTAL',
    group: 'GrandTotal',
    rows: [],
    total: [text('TOTAL'), amount(debits, look), amount(credits, look)],
  };
  return {
    ...{ name: 'TrialBalance', ...period },
    columns: [
      ACCOUNT,
      { key: 'debit', title: 'Debit', type: 'Money' },
      { key: 'credit', title: 'Credit', type: 'Money' },
    ],
    rows: rows.length === 0 ? [] : [...rows, total],
  };
}

/** Net income, corrected by what moved elsewhere, is what moved in the bank. */
export function cashFlow(asked: Asked): Report {
  const { look, query } = asked;
  const { company } = look;
  const period = periodOf(company, query, look.now);
  const data = spread(asked, period, 'movement');
  const { net } = profit(asked, period);
  const make = (title: string, group: string, types: readonly string[]): Made =>
    sectionOf({ title, group, types }, { data, look, sign: -1 });
  const adjusted = make(
    'Adjustments to reconcile Net Income to Net Cash provided by operations',
    'OperatingAdjustments',
    [
      'Accounts Receivable',
      'Other Current Asset',
      'Accounts Payable',
      'Credit Card',
      'Other Current Liability',
    ],
  );
  const investing = make('INVESTING ACTIVITIES', 'InvestingActivities', ['Fixed Asset', 'Other Asset']);
  const financing = make('FINANCING ACTIVITIES', 'FinancingActivities', ['Long Term Liability', 'Equity']);
  const operating = sums([net, adjusted.cents], data.zero);
  const increase = sums([operating, investing.cents, financing.cents], data.zero);
  const money = (cents: readonly number[]): Cell[] => cents.map((one) => amount(one, look));
  const rows: Row[] = [
    {
      ...{ title: 'OPERATING ACTIVITIES', group: 'OperatingActivities' },
      rows: [{ cells: [text('Net Income'), ...money(net)] }, adjusted.row],
      total: [text('Net cash provided by operating activities'), ...money(operating)],
    },
    investing.row,
    financing.row,
    totalRow('Net cash increase for period', 'CashIncrease', { cents: increase, look }),
  ];
  return {
    ...{ name: 'CashFlow', ...period, rows },
    summarizedBy: query.get('summarize_column_by') ?? 'Total',
    columns: [ACCOUNT, ...data.columns],
  };
}
