// Bank summary, aged documents of one contact, executive and budget summaries, and the 1099 list.
import type { Account, Books, Document } from '../../books/index.ts';
import { balancesOf } from './balances.ts';
import { isoLocal, longDay, shortMonth } from './dates.ts';
import { validationError } from './errors.ts';
import { money } from './json.ts';
import type { Query } from './query.ts';
import { header, moneys, plainRow, type Report, type Row, section, summary, totalOf } from './report-rows.ts';
import { addMonths, periodsOf } from './reports-statements.ts';

const DAY = 86_400_000;

const monthStart = (day: number): number =>
  Date.UTC(new Date(day).getUTCFullYear(), new Date(day).getUTCMonth(), 1);
const monthEnd = (day: number): number =>
  Date.UTC(new Date(day).getUTCFullYear(), new Date(day).getUTCMonth() + 1, 0);

/** Opening balance, cash in, cash out and closing balance of each bank account. */
export function bankSummary(books: Books, query: Query, { today }: { today: number }): Report {
  const to = query.day('toDate') ?? monthEnd(today);
  const from = query.day('fromDate') ?? monthStart(to);
  const opening = balancesOf(books, { to: from - DAY });
  const moved = new Map<Account, { received: number; spent: number }>();
  for (const journal of books.journals) {
    if (journal.date < from || journal.date > to) continue;
    for (const { account, net } of journal.lines) {
      if (account.type !== 'bank') continue;
      const sums = moved.get(account) ?? { received: 0, spent: 0 };
      moved.set(account, sums);
      if (net > 0) sums.received += net;
      else sums.spent -= net;
    }
  }
  const lines = books.accounts
    .filter((one) => one.type === 'bank')
    .map((account) => {
      const { received, spent } = moved.get(account) ?? { received: 0, spent: 0 };
      const before = opening.get(account) ?? 0;
      return { account, cents: [before, received, spent, before + received - spent] };
    });
  const rows = lines.map(({ account, cents }): Row => {
    const [first = '', ...rest] = moneys(cents);
    const marked = [{ Value: account.id, Id: 'account' }];
    const cells = [
      { Value: account.name, Attributes: [{ Value: account.id, Id: 'accountID' }] },
      { Value: first },
    ];
    const [received = '', spent = '', closing = ''] = rest;
    return {
      RowType: 'Row',
      Cells: [
        ...cells,
        { Value: received, Attributes: marked },
        { Value: spent, Attributes: marked },
        { Value: closing },
      ],
    };
  });
  const total = summary(
    'Total',
    moneys(
      totalOf(
        lines.map((one) => one.cents),
        4,
      ),
    ),
  );
  return {
    name: 'Bank Summary',
    type: 'BankSummary',
    titles: ['Bank Summary', books.company.name, `From ${longDay(from)} to ${longDay(to)}`],
    rows: [
      header('Bank Accounts', 'Opening Balance', 'Cash Received', 'Cash Spent', 'Closing Balance'),
      section('', [...rows, total]),
    ],
  };
}

/** Open documents of one contact; one call per contact is all there is. */
export function agedByContact(
  books: Books,
  query: Query,
  { today, side }: { today: number; side: 'receivable' | 'payable' },
): Report {
  const contactId = query.get('contactId')?.toLowerCase();
  const contact = books.contacts.find((one) => one.id === contactId);
  if (!contact)
    throw validationError(
      contactId ? `Contact "${contactId}" does not exist` : 'The contactId parameter is required',
    );
  const date = query.day('date') ?? today;
  const [from, to] = [query.day('fromDate') ?? 0, query.day('toDate') ?? date];
  const wanted = (one: Document): boolean =>
    one.contact === contact &&
    one.open > 0 &&
    one.status === 'authorised' &&
    one.date >= from &&
    one.date <= to;
  const open = (side === 'receivable' ? books.invoices : books.bills).filter(wanted);
  const cents = open.map((one) => [one.total, one.paid, one.credited, one.open]);
  const rows = open.map((one, at): Row => {
    const late = Math.floor((date - one.dueDate) / DAY);
    const Attributes = [{ Value: one.id, Id: 'invoiceID' }];
    const texts = [
      isoLocal(one.date),
      one.number,
      isoLocal(one.dueDate),
      late > 0 ? `${late} days overdue` : '',
    ];
    return {
      RowType: 'Row',
      Cells: [...texts, ...moneys(cents[at] ?? [])].map((Value) => ({ Value, Attributes })),
    };
  });
  const name = side === 'receivable' ? 'Aged Receivables By Contact' : 'Aged Payables By Contact';
  return {
    name,
    type: name.replaceAll(' ', ''),
    titles: [side === 'receivable' ? 'Invoices' : 'Bills', contact.name, `As at ${longDay(date)}`],
    rows: [
      header(
        'Date',
        side === 'receivable' ? 'Number' : 'Reference',
        'Due Date',
        '',
        'Total',
        'Paid',
        'Credited',
        'Due',
      ),
      section('', [...rows, summary('Total', ['', '', '', ...moneys(totalOf(cents, 4))])]),
    ],
  };
}

/** This month beside the last one. */
export function executiveSummary(books: Books, query: Query, { today }: { today: number }): Report {
  const date = query.day('date') ?? today;
  const months = [monthStart(date), addMonths(monthStart(date), -1)];
  const facts = months.map((from) => monthFacts(books, { from, to: monthEnd(from) }));
  const [now, last] = facts;
  const rows = (names: readonly (readonly [string, keyof ReturnType<typeof monthFacts>])[]): Row[] =>
    names.map(([label, name]) =>
      plainRow([
        label,
        money(now?.[name] ?? 0),
        money(last?.[name] ?? 0),
        variance(now?.[name] ?? 0, last?.[name] ?? 0),
      ]),
    );
  return {
    name: 'Executive Summary',
    type: 'ExecutiveSummary',
    titles: [
      'Executive Summary',
      books.company.name,
      `For the month of ${longDay(date).replace(/^\d+ /, '')}`,
    ],
    rows: [
      header('', ...months.map(shortMonth), 'Variance'),
      section(
        'Cash',
        rows([
          ['Cash received', 'received'],
          ['Cash spent', 'spent'],
          ['Closing bank balance', 'bank'],
        ]),
      ),
      section(
        'Profitability',
        rows([
          ['Income', 'income'],
          ['Direct costs', 'costs'],
          ['Expenses', 'expenses'],
          ['Profit (loss)', 'profit'],
        ]),
      ),
      section(
        'Balance Sheet',
        rows([
          ['Debtors', 'debtors'],
          ['Creditors', 'creditors'],
          ['Net assets', 'net'],
        ]),
      ),
    ],
  };
}

function monthFacts(books: Books, { from, to }: { from: number; to: number }) {
  const month = balancesOf(books, { from, to });
  const ever = balancesOf(books, { to });
  const sum = (of: ReadonlyMap<Account, number>, test: (account: Account) => boolean): number =>
    [...of].reduce((total, [account, cents]) => total + (test(account) ? cents : 0), 0);
  const bank = sum(month, (one) => one.type === 'bank');
  const income = -sum(month, (one) => one.class === 'revenue');
  const costs = sum(month, (one) => one.type === 'directCosts');
  const expenses = sum(month, (one) => one.class === 'expense' && one.type !== 'directCosts');
  return {
    received: Math.max(0, bank),
    spent: Math.max(0, -bank),
    bank: sum(ever, (one) => one.type === 'bank'),
    income,
    costs,
    expenses,
    profit: income - costs - expenses,
    debtors: sum(ever, (one) => one.system === 'receivable'),
    creditors: sum(ever, (one) => one.system === 'payable'),
    net: sum(ever, (one) => one.class === 'asset' || one.class === 'liability'),
  };
}

const variance = (now: number, last: number): string =>
  last === 0 ? '0.0%' : `${(((now - last) / Math.abs(last)) * 100).toFixed(1)}%`;

/** The overall budget, one column per stretch of one, three or twelve months. */
export function budgetSummary(books: Books, query: Query, { today }: { today: number }): Report {
  const [budget] = books.budgets;
  const step = query.whole('timeframe', { least: 1, most: 12, otherwise: 1 });
  if (![1, 3, 12].includes(step)) throw validationError('The timeframe must be 1, 3 or 12');
  const first = monthStart(query.day('date') ?? budget?.lines[0]?.months[0]?.month ?? today);
  const columns = Array.from({ length: periodsOf(query, 12) || 12 }, (_, at) => addMonths(first, at * step));
  const lines = (budget?.lines ?? []).map(({ account, months }) => ({
    account,
    cents: columns.map((from) => {
      const end = addMonths(from, step);
      return months.reduce((sum, one) => sum + (one.month >= from && one.month < end ? one.amount : 0), 0);
    }),
  }));
  const part = (title: string, kind: Account['class']): Row => {
    const rows = lines.filter(({ account }) => account.class === kind);
    const total = summary(
      `Total ${title}`,
      moneys(
        totalOf(
          rows.map((one) => one.cents),
          columns.length,
        ),
      ),
    );
    return section(title, [
      ...rows.map(({ account, cents }) => plainRow([account.name, ...moneys(cents)])),
      total,
    ]);
  };
  return {
    name: 'Budget Summary',
    type: 'BudgetSummary',
    titles: [budget?.name ?? '', 'Budget Summary', books.company.name],
    rows: [
      header('Account', ...columns.map((one) => shortMonth(one).replace(' 20', '-'))),
      part('Income', 'revenue'),
      part('Expenses', 'expense'),
    ],
  };
}
