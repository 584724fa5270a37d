// Which QuickBooks records a record of the books appears as, and whether it appears at all.
import type {
  Allocation,
  BankCredit,
  Contact,
  Document,
  DocumentKind,
  Payment,
  TableName,
  Tables,
  TaxRate,
  TrackingCategory,
} from '../../books/index.ts';

/** One appearance of a record: in which entity, and whether it is there (otherwise it was hard-deleted). */
export interface View {
  readonly entity: string;
  readonly record: object;
  readonly shown: boolean;
  readonly active: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A file attached to a document: QuickBooks keeps it as a record of its own. */
export class Attachment {
  readonly document: Document;
  constructor(document: Document) {
    this.document = document;
  }
}

/** A part of a tax rate, which QuickBooks keeps as a TaxRate that TaxCodes combine. */
export interface TaxPart {
  readonly code: TaxRate;
  readonly name: string;
  readonly rate: number;
  readonly compound: boolean;
}

interface Timed {
  readonly createdAt?: number;
  readonly updatedAt?: number;
}

type Options = { shown?: boolean; active?: boolean };

function view(entity: string, record: object & Timed, { shown = true, active = true }: Options = {}): View {
  const updatedAt = record.updatedAt ?? record.createdAt ?? 0;
  return { entity, record, shown, active, createdAt: record.createdAt ?? updatedAt, updatedAt };
}

const DOCUMENT_ENTITY: Readonly<Record<DocumentKind, string>> = {
  invoice: 'Invoice',
  bill: 'Bill',
  salesCredit: 'CreditMemo',
  purchaseCredit: 'VendorCredit',
};

/** QuickBooks has no drafts: a document is there once approved. Voids stay on the sales side and vanish on the other, where the product has none. */
function documentShown({ kind, status }: Document): boolean {
  if (status === 'authorised' || status === 'paid') return true;
  return status === 'voided' && (kind === 'invoice' || kind === 'salesCredit');
}

function documentViews(document: Document, attachments: WeakMap<Document, Attachment>): View[] {
  const shown = documentShown(document);
  const views = [view(DOCUMENT_ENTITY[document.kind], document, { shown })];
  if (document.attachments) {
    const held = attachments.get(document) ?? new Attachment(document);
    attachments.set(document, held);
    const { createdAt } = document;
    views.push({ entity: 'Attachable', record: held, shown, active: true, createdAt, updatedAt: createdAt });
  }
  return [...views, ...document.allocations.flatMap(allocationViews)];
}

/** A credit note set off against a document is a payment of nothing that links the two; customers' deposits carry their own links. */
function allocationViews(allocation: Allocation): View[] {
  const { kind } = allocation.credit;
  if (kind === 'salesCredit') return [view('Payment', allocation)];
  return kind === 'customerPrepayment' || kind === 'customerOverpayment'
    ? []
    : [view('BillPayment', allocation)];
}

/** Payments of documents; refunds of credits are money out to a customer or in from a vendor. */
export function paymentEntity({ target }: Payment): string {
  switch (target.kind) {
    case 'invoice':
      return 'Payment';
    case 'bill':
      return 'BillPayment';
    case 'salesCredit':
    case 'customerPrepayment':
    case 'customerOverpayment':
      return 'Purchase';
    default:
      return 'Deposit';
  }
}

function creditView(credit: BankCredit): View {
  const entity = credit.kind.startsWith('customer') ? 'Payment' : 'Purchase';
  return view(entity, credit, { shown: credit.status !== 'deleted' && credit.status !== 'draft' });
}

function bankViews(one: Tables['bankTransactions'][number]): View[] {
  switch (one.kind) {
    case 'spending':
      return [view('Purchase', one, { shown: one.status === 'authorised' })];
    case 'receipt': {
      const sold = one.lines.length > 0 && one.lines.every(({ item }) => item !== undefined);
      return [view(sold ? 'SalesReceipt' : 'Deposit', one, { shown: one.status === 'authorised' })];
    }
    case 'transferIn':
    case 'transferOut':
      return [];
    default:
      return [creditView(one)];
  }
}

/** The first category becomes classes, the second locations, any further one classes again. */
export function dimensionOf(category: TrackingCategory, categories: readonly TrackingCategory[]): string {
  return categories.indexOf(category) === 1 ? 'Department' : 'Class';
}

export interface ViewContext {
  readonly categories: readonly TrackingCategory[];
  readonly attachments: WeakMap<Document, Attachment>;
  readonly taxParts: Map<TaxRate, readonly TaxPart[]>;
  readonly setUpAt: number;
}

function trackingViews(category: TrackingCategory, { categories, setUpAt }: ViewContext): View[] {
  const entity = dimensionOf(category, categories);
  const at = { createdAt: setUpAt, updatedAt: setUpAt, shown: true };
  return [category, ...category.options].map((record) => ({
    ...{ entity, record, ...at },
    active: record.status === 'active' && category.status === 'active',
  }));
}

function taxViews(code: TaxRate, { taxParts, setUpAt }: ViewContext): View[] {
  const parts = taxParts.get(code) ?? code.components.map((part) => ({ ...part, code }));
  taxParts.set(code, parts);
  const at = { shown: true, active: code.status === 'active', createdAt: setUpAt, updatedAt: setUpAt };
  return [
    { entity: 'TaxCode', record: code, ...at },
    ...parts.map((record) => ({ entity: 'TaxRate', record, ...at })),
  ];
}

type Viewers = { readonly [T in TableName]?: (record: Tables[T][number], context: ViewContext) => View[] };

const document = (record: Document, { attachments }: ViewContext): View[] =>
  documentViews(record, attachments);

const VIEWERS: Viewers = {
  accounts: (one) => [view('Account', one, { active: one.status === 'active' })],
  taxRates: taxViews,
  trackingCategories: trackingViews,
  items: (one) => [view('Item', one)],
  users: (one) => [view('Employee', one, { active: one.role !== 'removed' })],
  invoices: document,
  bills: document,
  salesCredits: document,
  purchaseCredits: document,
  payments: (one) => [view(paymentEntity(one), one, { shown: one.status === 'authorised' })],
  bankTransactions: bankViews,
  prepayments: (one) => [creditView(one)],
  overpayments: (one) => [creditView(one)],
  bankTransfers: (one) => [view('Transfer', one, { shown: one.status === 'authorised' })],
  manualJournals: (one) => [view('JournalEntry', one, { shown: one.status === 'posted' })],
  expenseClaims: (one) => [view('JournalEntry', one, { shown: one.status === 'authorised' })],
  quotes: (one) => [view('Estimate', one, { shown: one.status !== 'deleted' })],
  purchaseOrders: (one) => [view('PurchaseOrder', one, { shown: one.status !== 'deleted' })],
  repeatingInvoices: (one) => [view('RecurringTransaction', one, { shown: one.status !== 'deleted' })],
  linkedTransactions: (one) => [view('ReimburseCharge', one)],
  budgets: (one) => [view('Budget', one)],
};

/** Tables whose rows appear, in the order they are read at first. Prepayments and overpayments are bank transactions too. */
export const SHOWN_TABLES = (Object.keys(VIEWERS) as TableName[]).filter(
  (table) => table !== 'prepayments' && table !== 'overpayments',
);

/** Every appearance of a record; none where QuickBooks has nothing like it. Contacts are split by `Parties`. */
export function viewsOf(table: TableName, record: object, context: ViewContext): readonly View[] {
  const viewer = VIEWERS[table] as ((record: object, context: ViewContext) => View[]) | undefined;
  return viewer?.(record, context) ?? [];
}

/** Who a record is about, and on which side: a contact becomes a customer, a vendor, or both, by use. */
export function partyOf(
  table: TableName,
  record: object,
): { contact: Contact; role: 'customer' | 'vendor' } | undefined {
  const contact = 'contact' in record ? (record.contact as Contact | undefined) : undefined;
  if (!contact) return undefined;
  const kind = 'kind' in record ? String(record.kind) : '';
  const vendor =
    ['bills', 'purchaseCredits', 'purchaseOrders'].includes(table) ||
    ['spending', 'supplierPrepayment', 'supplierOverpayment'].includes(kind) ||
    ('side' in record && record.side === 'payable');
  // Receipts of expense claims become lines of a journal entry, which name nobody.
  return table === 'receipts' ? undefined : { contact, role: vendor ? 'vendor' : 'customer' };
}
