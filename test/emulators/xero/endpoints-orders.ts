// The endpoints of orders, links, batches and transfers: sheet of the Accounting API, section 2.
import type {
  BankTransfer,
  BatchPayment,
  LinkedTransaction,
  PurchaseOrder,
  Quote,
} from '../../books/index.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import * as fields from './fields.ts';
import { all, between, isIn } from './filters.ts';
import { bankTransferJson, batchJson } from './render-bank.ts';
import { linkedTransactionJson, linkStatus, purchaseOrderJson, quoteJson } from './render-orders.ts';

const deleted = (one: { readonly status: string }): boolean => one.status === 'deleted';
const updatedAt = (one: { readonly updatedAt: number }): number => one.updatedAt;
const idOf = (one: { readonly id: string }): string => one.id;

const INVOICES = ['accounting.invoices.read', 'accounting.invoices'];
const PAYMENTS = ['accounting.payments.read', 'accounting.payments'];
const BANK = ['accounting.banktransactions.read', 'accounting.banktransactions'];

export const ORDER_ENDPOINTS: readonly Endpoint[] = [
  endpoint<PurchaseOrder>({
    name: 'PurchaseOrders',
    type: 'PurchaseOrder',
    scopes: INVOICES,
    paging: 'always',
    tables: ['purchaseOrders'],
    id: idOf,
    alternate: (one) => one.number,
    cursor: updatedAt,
    render: purchaseOrderJson,
    fields: fields.PURCHASE_ORDER,
    orderOnly: true,
    guarded: true,
    filter: (query) =>
      all<PurchaseOrder>(
        isIn(query.list('Status'), (one) => one.status.toUpperCase()),
        between(query, ['DateFrom', 'DateTo'], (one) => one.date),
      ),
    isDeleted: deleted,
    attachments: true,
    history: true,
  }),
  endpoint<Quote>({
    name: 'Quotes',
    type: 'Quote',
    scopes: INVOICES,
    paging: 'quotes',
    tables: ['quotes'],
    id: idOf,
    cursor: updatedAt,
    render: quoteJson,
    fields: fields.QUOTE,
    orderOnly: true,
    filter: (query) => {
      const part = query.get('QuoteNumber')?.toLowerCase();
      return all<Quote>(
        part === undefined ? undefined : (one: Quote) => one.number.toLowerCase().includes(part),
        isIn(query.list('Status'), (one) => one.status.toUpperCase()),
        isIn(query.guids('ContactID'), (one) => one.contact.id),
        between(query, ['DateFrom', 'DateTo'], (one) => one.date),
        between(query, ['ExpiryDateFrom', 'ExpiryDateTo'], (one) => one.expiry),
      );
    },
    isDeleted: deleted,
    attachments: true,
    history: true,
  }),
  endpoint<LinkedTransaction>({
    name: 'LinkedTransactions',
    type: 'LinkedTransaction',
    scopes: INVOICES,
    paging: 'links',
    tables: ['linkedTransactions'],
    id: idOf,
    render: linkedTransactionJson,
    filter: (query) =>
      all<LinkedTransaction>(
        isIn(query.guids('LinkedTransactionID'), idOf),
        isIn(query.guids('SourceTransactionID'), (one) => one.source.id),
        isIn(query.guids('TargetTransactionID'), (one) => one.target?.id ?? ''),
        isIn(query.guids('ContactID'), (one) => one.contact.id),
        // Status counts only beside ContactID.
        query.has('ContactID') ? isIn(query.list('Status'), linkStatus) : undefined,
      ),
  }),
  endpoint<BatchPayment>({
    name: 'BatchPayments',
    type: 'BatchPayment',
    scopes: PAYMENTS,
    paging: 'whole',
    tables: ['batchPayments'],
    id: idOf,
    cursor: updatedAt,
    render: batchJson,
    fields: fields.BATCH_PAYMENT,
    isDeleted: deleted,
    history: true,
  }),
  endpoint<BankTransfer>({
    name: 'BankTransfers',
    type: 'BankTransfer',
    scopes: BANK,
    paging: 'whole',
    tables: ['bankTransfers'],
    id: idOf,
    // There is no UpdatedDateUTC: a transfer deleted later does not come back as modified.
    cursor: (one) => one.createdAt,
    render: bankTransferJson,
    fields: fields.BANK_TRANSFER,
    hides: (one, query) => one.status === 'deleted' && !query.isTrue('includeDeleted'),
    attachments: true,
    history: true,
  }),
];
