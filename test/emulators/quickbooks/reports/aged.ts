// Aged receivables and payables: what every customer or vendor owes or is owed, by how late it is.
import type { BankCredit, Document } from '../../../books/index.ts';
import { signOf } from '../../../books/ledger.ts';
import { invalidParameter } from '../errors.ts';
import type { Party, Role } from '../parties.ts';
import { partyName } from '../references.ts';
import { periodOf } from './periods.ts';
import { amount, type Cell, type Column, type Look, type Report, text } from './shape.ts';
import type { Asked } from './statements.ts';

const DAY = 86_400_000;

/** Open documents and unused credits of a side; their signed sum is the control account. */
function openOf({ company }: Look, role: Role): (Document | BankCredit)[] {
  const { invoices, bills, salesCredits, purchaseCredits, prepayments, overpayments } = company.books;
  const credits = [...prepayments, ...overpayments].filter(
    (one) => one.kind.startsWith('customer') === (role === 'customer'),
  );
  const documents = role === 'customer' ? [...invoices, ...salesCredits] : [...bills, ...purchaseCredits];
  return [...documents, ...credits].filter((one) => one.status === 'authorised' && one.openBase !== 0);
}

/** 0 for what is not due, then one bucket per `days`, the last one open. */
function bucketOf(late: number, { days, count }: { days: number; count: number }): number {
  return late <= 0 ? 0 : Math.min(count, Math.ceil(late / days));
}

function whole(query: URLSearchParams, name: string, usual: number): number {
  const value = query.get(name);
  if (value === null) return usual;
  if (!/^\d{1,3}$/.test(value) || value === '0') throw invalidParameter(name, value);
  return Number(value);
}

/** `aging_method=Current` ages by today, Report_Date by the date of the report. Home currency. */
export function aged({ look, query }: Asked, role: Role): Report {
  const { company, now } = look;
  const { to } = periodOf(company, query, now);
  const from = query.get('aging_method') === 'Current' ? Math.floor(now / DAY) * DAY : to;
  const days = whole(query, 'aging_period', 30);
  const count = whole(query, 'num_periods', 4);
  const sums = new Map<Party, number[]>();
  for (const one of openOf(look, role)) {
    const found = company.parties.of(one.contact, role);
    if (!found || one.date > to) continue;
    const due = 'dueDate' in one ? one.dueDate : one.date;
    const row = sums.get(found) ?? Array.from({ length: count + 1 }, () => 0);
    const at = bucketOf(Math.floor((from - due) / DAY), { days, count });
    const sign = role === 'customer' ? signOf(one) : -signOf(one);
    row[at] = (row[at] ?? 0) + sign * one.openBase;
    sums.set(found, row);
  }
  const cells = (row: readonly number[]): Cell[] =>
    [...row, row.reduce((sum, cents) => sum + cents, 0)].map((cents) =>
      cents === 0 ? text('') : amount(cents, look),
    );
  const entity = role === 'customer' ? 'Customer' : 'Vendor';
  const rows = [...sums]
    .map(([party, row]) => ({ name: partyName(party), id: company.idOf(entity, party) ?? '', row }))
    .sort((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1));
  const totals = Array.from({ length: count + 1 }, (_, at) =>
    rows.reduce((sum, { row }) => sum + (row[at] ?? 0), 0),
  );
  const total = { title: 'TOTAL', group: 'GrandTotal', rows: [], total: [text('TOTAL'), ...cells(totals)] };
  return {
    ...{ name: role === 'customer' ? 'AgedReceivables' : 'AgedPayables', from: undefined, to },
    summarizedBy: 'Total',
    columns: columnsOf(role, { days, count }),
    rows:
      rows.length === 0
        ? []
        : [...rows.map(({ name, id, row }) => ({ cells: [text(name, id), ...cells(row)] })), total],
  };
}

function columnsOf(role: Role, { days, count }: { days: number; count: number }): Column[] {
  const late = Array.from({ length: count }, (_, at): Column => {
    const first = at * days + 1;
    const title = at === count - 1 ? `${first} and over` : `${first} - ${(at + 1) * days}`;
    return { key: String(at), title, type: 'Money' };
  });
  const name: Column =
    role === 'customer'
      ? { key: 'cust_name', title: '', type: 'Customer' }
      : { key: 'vend_name', title: '', type: 'Vendor' };
  return [
    name,
    { key: 'current', title: 'Current', type: 'Money' },
    ...late,
    { key: 'total', title: 'Total', type: 'Money' },
  ];
}
