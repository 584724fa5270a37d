// General ledger and transaction list: one row per line or per transaction, with columns by choice.
import type { Account, JournalLine } from '../../../books/index.ts';
import { invalidParameter } from '../errors.ts';
import { accountName, dimension, exchangeRate, partyName } from '../references.ts';
import { day, stamp } from '../times.ts';
import { type Entry, entriesOf, trackingOf } from './ledger.ts';
import { periodOf } from './periods.ts';
import { amount, type Cell, type Column, type Look, type Report, type Row, text } from './shape.ts';
import type { Asked } from './statements.ts';

/** One line of an entry, and what the account held after it. */
interface Posting {
  readonly entry: Entry;
  readonly line: JournalLine;
  readonly balance: number;
}

type Draw = (posting: Posting, look: Look) => Cell;

interface DetailColumn {
  readonly title: string;
  readonly type: string;
  readonly draw: Draw;
}

const column = (title: string, draw: Draw, type = 'String'): DetailColumn => ({ title, type, draw });
const nothing: Draw = () => text('');

const party: Draw = ({ entry }, { company }) => {
  const found = entry.contact && company.parties.of(entry.contact, entry.role);
  if (!found) return text('');
  return text(partyName(found), company.idOf(entry.role === 'customer' ? 'Customer' : 'Vendor', found));
};

const tracked =
  (entity: 'Class' | 'Department'): Draw =>
  ({ line }, { company }) => {
    const ref = dimension(company, trackingOf(line), entity);
    return ref ? text(ref.name ?? '', ref.value) : text('');
  };

/** The other account, or a mark where there are several. */
const split: Draw = ({ entry, line }, { company, modern }) => {
  const others = new Set(
    entry.lines.filter(({ account }) => account !== line.account).map(({ account }) => account),
  );
  const [only] = others;
  if (only && others.size === 1) return text(accountName(only), company.idOf('Account', only));
  return text(modern || others.size === 0 ? '' : '-Split-');
};

const only =
  (role: Entry['role']): Draw =>
  (posting, look) =>
    posting.entry.role === role ? party(posting, look) : text('');

const COLUMNS: Readonly<Record<string, DetailColumn>> = {
  tx_date: column('Date', ({ entry }) => text(day(entry.date)), 'Date'),
  txn_type: column('Transaction Type', ({ entry }) => text(entry.type, entry.id)),
  doc_num: column('Num', ({ entry }) => text(entry.number)),
  is_no_post: column('Posting', () => text('Yes'), 'Boolean'),
  name: column('Name', party),
  memo: column('Memo/Description', ({ entry, line }) => text(line.from?.description ?? entry.memo)),
  account_name: column('Account', ({ line }, { company }) =>
    text(accountName(line.account), company.idOf('Account', line.account)),
  ),
  account_num: column('Account #', ({ line }) => text(line.account.code)),
  split_acc: column('Split', split),
  other_account: column('Split', split),
  klass_name: column('Class', tracked('Class')),
  dept_name: column('Location', tracked('Department')),
  cust_name: column('Customer', only('customer')),
  vend_name: column('Vendor', only('vendor')),
  emp_name: column('Employee', nothing),
  item_name: column('Product/Service', ({ line: { from } }) =>
    text(from && 'item' in from ? (from.item?.name ?? '') : ''),
  ),
  quantity: column(
    'Qty',
    ({ line: { from } }) => text(from && 'quantity' in from ? String(from.quantity / 10_000) : ''),
    'Quantity',
  ),
  rate: column(
    'Rate',
    ({ line: { from } }) => text(from && 'unitPrice' in from ? String(from.unitPrice / 10_000) : ''),
    'Money',
  ),
  debt_amt: column('Debit', ({ line }, look) => (line.net > 0 ? amount(line.net, look) : text('')), 'Money'),
  credit_amt: column(
    'Credit',
    ({ line }, look) => (line.net < 0 ? amount(-line.net, look) : text('')),
    'Money',
  ),
  subt_nat_amount: column('Amount', ({ line }, look) => amount(line.net, look), 'Money'),
  subt_nat_home_amount: column('Amount', ({ line }, look) => amount(line.net, look), 'Money'),
  subt_nat_amount_nt: column('Amount', ({ line }, look) => amount(line.net, look), 'Money'),
  rbal_nat_amount: column('Balance', ({ balance }, look) => amount(balance, look), 'Money'),
  nat_open_bal: column('Open Balance', nothing, 'Money'),
  currency: column('Currency', (_, { company }) => text(company.books.company.baseCurrency)),
  exch_rate: column('Exchange Rate', () => text(String(exchangeRate(1_000_000)))),
  create_date: column('Create Date', ({ entry }) => text(stamp(entry.createdAt)), 'Date'),
  create_by: column('Created By', () => text('Adviser')),
  last_mod_date: column('Last Modified', ({ entry }) => text(stamp(entry.createdAt)), 'Date'),
  last_mod_by: column('Last Modified By', () => text('Adviser')),
  is_cleared: column('Clr', nothing),
  is_ar_paid: column('A/R Paid', ({ entry }) =>
    text(entry.type === 'Invoice' ? (entry.unpaid ? 'Unpaid' : 'Paid') : ''),
  ),
  is_ap_paid: column('A/P Paid', ({ entry }) =>
    text(entry.type === 'Bill' ? (entry.unpaid ? 'Unpaid' : 'Paid') : ''),
  ),
  is_adj: column('Adj', () => text('No'), 'Boolean'),
  tax_code: column('Tax Code', ({ line: { from } }) =>
    text(from && 'taxRate' in from ? from.taxRate.name : ''),
  ),
  tax_amount: column(
    'Tax Amount',
    ({ line }, look) => (line.tax === 0 ? text('') : amount(line.tax, look)),
    'Money',
  ),
  net_amount: column('Net Amount', ({ line }, look) => amount(line.net, look), 'Money'),
  inv_date: column('Invoice Date', nothing, 'Date'),
  due_date: column('Due Date', nothing, 'Date'),
  chk_print_state: column('Check Printed', nothing),
};

const LEDGER = 'tx_date txn_type doc_num name memo split_acc subt_nat_amount rbal_nat_amount'.split(' ');
const LIST = 'tx_date txn_type doc_num is_no_post name memo account_name other_account subt_nat_amount'.split(
  ' ',
);

function chosen(
  query: URLSearchParams,
  usual: readonly string[],
): readonly (DetailColumn & { key: string })[] {
  const names =
    query
      .get('columns')
      ?.split(',')
      .map((one) => one.trim()) ?? usual;
  return names.map((key) => {
    const found = COLUMNS[key];
    if (!found) throw invalidParameter('columns', key);
    return { key, ...found };
  });
}

const head = (columns: readonly (DetailColumn & { key: string })[]): Column[] =>
  columns.map(({ key, title, type }) => ({ key, title, type }));

/** Takes rows until the cells are used up. */
class Room {
  #left: number;
  readonly #width: number;
  cut = false;

  constructor(cells: number, width: number) {
    this.#left = cells;
    this.#width = width;
  }

  takes(): boolean {
    this.#left -= this.#width;
    if (this.#left < 0) this.cut = true;
    return this.#left >= 0;
  }
}

/** Every account with its lines of the period, from its balance before to its balance after. */
export function generalLedger({ look, query }: Asked, cells: number): Report {
  const { company } = look;
  const period = periodOf(company, query, look.now);
  const columns = chosen(query, LEDGER);
  const room = new Room(cells, columns.length);
  const byAccount = postings(look, query, period.to);
  const rows: Row[] = [];
  for (const account of company.books.accounts) {
    const all = byAccount.get(account) ?? [];
    const opening = all.findLast(({ entry }) => entry.date < period.from)?.balance ?? 0;
    const inside = all.filter(({ entry }) => entry.date >= period.from);
    if (inside.length === 0 && opening === 0) continue;
    if (room.cut) break;
    const fitting = inside.filter(() => !room.cut && room.takes());
    rows.push(ledgerSection(account, { look, columns, opening, fitting }));
  }
  return { name: 'GeneralLedger', ...period, columns: head(columns), rows, cut: room.cut };
}

function ledgerSection(
  account: Account,
  {
    look,
    columns,
    opening,
    fitting,
  }: {
    look: Look;
    columns: readonly (DetailColumn & { key: string })[];
    opening: number;
    fitting: readonly Posting[];
  },
): Row {
  const title = `${account.code} ${accountName(account)}`;
  const id = look.company.idOf('Account', account) ?? '';
  const at = columns.findIndex(({ key }) => key === 'rbal_nat_amount');
  const sum = fitting.reduce((cents, { line }) => cents + line.net, 0);
  const blank = columns.map(() => text(''));
  const beginning = blank.with(0, text('Beginning Balance'));
  const total = columns.map(({ key }, place) =>
    place === 0 ? text(`Total for ${title}`) : key.startsWith('subt_nat') ? amount(sum, look) : text(''),
  );
  return {
    ...{ title, id, total },
    rows: [
      ...(opening === 0 ? [] : [{ cells: at < 0 ? beginning : beginning.with(at, amount(opening, look)) }]),
      ...fitting.map((posting) => ({ cells: columns.map(({ draw }) => draw(posting, look)) })),
    ],
  };
}

/** Lines of every account up to a day, with running balances. */
function postings(look: Look, query: URLSearchParams, until: number): ReadonlyMap<Account, Posting[]> {
  const wanted = query.get('account')?.split(',');
  const byAccount = new Map<Account, Posting[]>();
  for (const entry of entriesOf(look.company)) {
    if (entry.date > until || (look.basis === 'Cash' && entry.unpaid)) continue;
    for (const line of entry.lines) {
      if (wanted && !wanted.includes(look.company.idOf('Account', line.account) ?? '')) continue;
      const list = byAccount.get(line.account) ?? [];
      list.push({ entry, line, balance: (list.at(-1)?.balance ?? 0) + line.net });
      byAccount.set(line.account, list);
    }
  }
  return byAccount;
}

/** Every transaction of the period once, by what it did to its first account. */
export function transactionList({ look, query }: Asked, cells: number): Report {
  const period = periodOf(look.company, query, look.now);
  const columns = chosen(query, LIST);
  const room = new Room(cells, columns.length);
  const type = query.get('transaction_type')?.toLowerCase();
  const rows: Row[] = [];
  const seen = new Set<string>();
  for (const entry of entriesOf(look.company)) {
    const [line] = entry.lines;
    if (!line || entry.date < period.from || entry.date > period.to || entry.id === undefined) continue;
    if (type !== undefined && entry.type.replaceAll(' ', '').toLowerCase() !== type) continue;
    // What rounding left on a used-up credit is filed with it.
    if (seen.has(`${entry.type} ${entry.id}`)) continue;
    seen.add(`${entry.type} ${entry.id}`);
    if (!room.takes()) break;
    rows.push({ cells: columns.map(({ draw }) => draw({ entry, line, balance: 0 }, look)) });
  }
  return { name: 'TransactionList', ...period, columns: head(columns), rows, cut: room.cut };
}
