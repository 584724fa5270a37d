// Which stream an event is about: the names that the vendors give in events, beside the streams of their sources.
import type { NewEvent, StoredEvent } from '../store/contract.ts';

export type Source = NewEvent['source'];

/** Categories of Xero in capitals. INVOICE and CREDITNOTE are both ledgers'; `PAYMENT` is presumed (spec 20.0.0). */
const xero: Readonly<Record<string, string>> = {
  CONTACT: 'contacts',
  INVOICE: 'invoices',
  CREDITNOTE: 'sales_credit_notes',
  PREPAYMENT: 'prepayments',
  OVERPAYMENT: 'overpayments',
  PAYMENT: 'payments',
};

/** Entities of QuickBooks in small letters, as CloudEvents have them. */
const quickbooks: Readonly<Record<string, string>> = {
  account: 'accounts',
  bill: 'bills',
  billpayment: 'bill_payments',
  budget: 'budgets',
  class: 'classes',
  companycurrency: 'company_currencies',
  creditmemo: 'credit_memos',
  currency: 'company_currencies',
  customer: 'customers',
  department: 'departments',
  deposit: 'deposits',
  employee: 'employees',
  estimate: 'estimates',
  invoice: 'invoices',
  item: 'items',
  journalcode: 'journal_codes',
  journalentry: 'journal_entries',
  payment: 'payments',
  paymentmethod: 'payment_methods',
  preferences: 'preferences',
  purchase: 'purchases',
  purchaseorder: 'purchase_orders',
  refundreceipt: 'refund_receipts',
  salesreceipt: 'sales_receipts',
  taxagency: 'tax_agencies',
  term: 'terms',
  timeactivity: 'time_activities',
  transfer: 'transfers',
  vendor: 'vendors',
  vendorcredit: 'vendor_credits',
};

const names = { xero, quickbooks } as const;

/** The stream of a category or an entity, in any case; undefined: the runner knows none. */
export function streamNamed(source: Source, name: string): string | undefined {
  const key = source === 'xero' ? name.toUpperCase() : name.toLowerCase();
  return Object.hasOwn(names[source], key) ? names[source][key] : undefined;
}

/**
 * Streams that share an endpoint: where an event does not tell which, it is kept under the first, and its record may
 * turn out to be of any. Asking for it in both costs one call, for the source asks the endpoint once.
 */
const together: Readonly<Record<Source, Readonly<Record<string, readonly string[]>>>> = {
  xero: {
    invoices: ['invoices', 'bills'],
    sales_credit_notes: ['sales_credit_notes', 'purchase_credit_notes'],
  },
  quickbooks: {},
};

/** Every stream that the event's record may belong to; none: the runner knows no stream for it. */
export function streamsOfEvent({
  source,
  stream,
}: Pick<StoredEvent, 'source' | 'stream'>): readonly string[] {
  if (stream === undefined) return [];
  return together[source][stream] ?? [stream];
}

/** Every stream of the source that events tell of. */
export const streamsWithEvents = (source: Source): readonly string[] => [
  ...new Set(Object.values(names[source]).flatMap((stream) => streamsOfEvent({ source, stream }))),
];
