// The ledger as QuickBooks reports it: entries of transactions as they are now, without the reversals of earlier versions.
import type {
  Account,
  BankTransaction,
  BankTransfer,
  Contact,
  Journal,
  JournalLine,
  TrackingOption,
} from '../../../books/index.ts';
import type { Company } from '../company.ts';
import { isCard } from '../render-documents.ts';

export interface Entry {
  readonly date: number;
  readonly createdAt: number;
  readonly lines: readonly JournalLine[];
  /** The word of the txn_type column. */
  readonly type: string;
  readonly id: string | undefined;
  readonly number: string;
  readonly memo: string;
  readonly contact: Contact | undefined;
  readonly role: 'customer' | 'vendor';
  /** Is it an unpaid document, which cash accounting leaves out? */
  readonly unpaid: boolean;
}

interface Held {
  readonly changes: number;
  readonly entries: readonly Entry[];
}

const held = new WeakMap<Company, Held>();

/** Every entry by date; worked out again only when the books changed. */
export function entriesOf(company: Company): readonly Entry[] {
  const { changes } = company.books;
  const found = held.get(company);
  if (found?.changes === changes.length) return found.entries;
  const entries = standing(company.books.journals)
    .map((journal) => entryOf(company, journal))
    .sort((left, right) => left.date - right.date || left.createdAt - right.createdAt);
  held.set(company, { changes: changes.length, entries });
  return entries;
}

/** Entries that no later one of the same record mirrors. */
function standing(journals: readonly Journal[]): Journal[] {
  const open = new Map<object, Journal[]>();
  for (const journal of journals) {
    const { record } = journal.source;
    const stack = open.get(record) ?? [];
    open.set(record, stack);
    const at = stack.findLastIndex((one) => mirrors(one, journal));
    if (at < 0) stack.push(journal);
    else stack.splice(at, 1);
  }
  return [...open.values()].flat();
}

const mirrors = (left: Journal, right: Journal): boolean =>
  left.date === right.date &&
  left.lines.length === right.lines.length &&
  left.lines.every(({ net, account }, at) => {
    const other = right.lines[at];
    return other !== undefined && other.account === account && net === -other.net;
  });

interface Facts {
  readonly entity: string;
  readonly type: string;
  readonly record: object;
  readonly number?: string;
  readonly memo?: string;
  readonly contact?: Contact | undefined;
  readonly vendor?: boolean;
  readonly unpaid?: boolean;
}

function entryOf(company: Company, { date, createdAt, lines, source }: Journal): Entry {
  const facts = factsOf(source);
  return {
    ...{ date, createdAt, lines, type: facts.type },
    id: company.idOf(facts.entity, facts.record),
    number: facts.number ?? '',
    memo: facts.memo ?? '',
    contact: facts.contact,
    role: facts.vendor ? 'vendor' : 'customer',
    unpaid: facts.unpaid ?? false,
  };
}

const DOCUMENTS = {
  invoice: { entity: 'Invoice', type: 'Invoice', vendor: false },
  bill: { entity: 'Bill', type: 'Bill', vendor: true },
  salesCredit: { entity: 'CreditMemo', type: 'Credit Memo', vendor: false },
  purchaseCredit: { entity: 'VendorCredit', type: 'Vendor Credit', vendor: true },
} as const;

function factsOf(source: Journal['source']): Facts {
  switch (source.kind) {
    case 'invoice':
    case 'bill':
    case 'salesCredit':
    case 'purchaseCredit': {
      const { record } = source;
      const unpaid = record.status === 'authorised';
      return {
        ...DOCUMENTS[source.kind],
        record,
        number: record.number,
        memo: record.reference,
        contact: record.contact,
        unpaid,
      };
    }
    case 'payment':
      return paymentFacts(source.record);
    case 'manual':
      return {
        entity: 'JournalEntry',
        type: 'Journal Entry',
        record: source.record,
        memo: source.record.narration,
      };
    case 'claim':
      return { entity: 'JournalEntry', type: 'Journal Entry', record: source.record, memo: 'Expense claim' };
    default:
      return bankFacts(source.record);
  }
}

function paymentFacts(record: Extract<Journal['source'], { kind: 'payment' }>['record']): Facts {
  const { target, account, reference } = record;
  const shared = { record, contact: target.contact, memo: reference };
  if (target.kind === 'invoice') return { ...shared, entity: 'Payment', type: 'Payment' };
  if (target.kind === 'bill') {
    const type = isCard(account.bankNumber) ? 'Bill Payment (Credit Card)' : 'Bill Payment (Check)';
    return { ...shared, entity: 'BillPayment', type, vendor: true };
  }
  const customer = target.kind === 'salesCredit' || target.kind.startsWith('customer');
  return customer
    ? { ...shared, entity: 'Purchase', type: isCard(account.bankNumber) ? 'Expense' : 'Check' }
    : { ...shared, entity: 'Deposit', type: 'Deposit', vendor: true };
}

function bankFacts(record: BankTransaction | BankTransfer): Facts {
  if (!('kind' in record)) return { entity: 'Transfer', type: 'Transfer', record, memo: record.reference };
  const shared = { record, contact: record.contact, memo: record.reference };
  const spent = isCard(record.account.bankNumber) ? 'Expense' : 'Check';
  switch (record.kind) {
    case 'spending':
      return { ...shared, entity: 'Purchase', type: spent, vendor: true };
    case 'supplierPrepayment':
    case 'supplierOverpayment':
      return { ...shared, entity: 'Purchase', type: spent, vendor: true };
    case 'customerPrepayment':
    case 'customerOverpayment':
      return { ...shared, entity: 'Payment', type: 'Payment' };
    default: {
      const sold = record.lines.length > 0 && record.lines.every(({ item }) => item !== undefined);
      return sold
        ? { ...shared, entity: 'SalesReceipt', type: 'Sales Receipt' }
        : { ...shared, entity: 'Deposit', type: 'Deposit' };
    }
  }
}

/** Which side of a tracking dimension a line is on. */
export function trackingOf({ from }: JournalLine): readonly TrackingOption[] {
  return from?.tracking ?? [];
}

/** Cents per account over entries that pass. */
export function netBy(
  entries: readonly Entry[],
  passes: (entry: Entry) => boolean,
): ReadonlyMap<Account, number> {
  const net = new Map<Account, number>();
  for (const entry of entries)
    if (passes(entry))
      for (const line of entry.lines) net.set(line.account, (net.get(line.account) ?? 0) + line.net);
  return net;
}
