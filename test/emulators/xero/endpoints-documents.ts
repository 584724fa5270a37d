// The endpoints of documents and money: sheet of the Accounting API, section 2.
import type { BankCredit, BankTransaction, Document, ManualJournal, Payment } from '../../books/index.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import * as fields from './fields.ts';
import { all, isIn, searching } from './filters.ts';
import { bankCreditJson, bankTransactionJson, paymentJson } from './render-bank.ts';
import { creditNoteJson, invoiceJson } from './render-documents.ts';
import { manualJournalJson } from './render-orders.ts';

const deleted = (one: { readonly status: string }): boolean => one.status === 'deleted';
const updatedAt = (one: { readonly updatedAt: number }): number => one.updatedAt;
const idOf = (one: { readonly id: string }): string => one.id;

const INVOICES = ['accounting.invoices.read', 'accounting.invoices'];
const PAYMENTS = ['accounting.payments.read', 'accounting.payments'];
const BANK = ['accounting.banktransactions.read', 'accounting.banktransactions'];

export const DOCUMENT_ENDPOINTS: readonly Endpoint[] = [
  endpoint<Document>({
    name: 'Invoices',
    type: 'Invoice',
    scopes: INVOICES,
    paging: 'paged',
    tables: ['invoices', 'bills'],
    id: idOf,
    alternate: (one) => one.number,
    cursor: updatedAt,
    render: invoiceJson,
    fields: fields.INVOICE,
    guarded: true,
    optimised: {
      equal: [
        'Status',
        'Type',
        'AmountPaid',
        'Reference',
        'InvoiceNumber',
        'InvoiceID',
        'Contact.ContactID',
        'Contact.Name',
        'Contact.ContactNumber',
      ],
      range: ['Date', 'DueDate', 'AmountDue'],
      or: ['InvoiceID'],
    },
    filter: (query) =>
      all<Document>(
        isIn(query.guids('IDs'), idOf),
        isIn(query.list('InvoiceNumbers'), (one) => one.number),
        isIn(query.guids('ContactIDs'), (one) => one.contact.id),
        isIn(query.list('Statuses'), (one) => one.status.toUpperCase()),
        searching(query, (one) => [one.number, one.reference, one.contact.name]),
        // No document of these books was made through the API.
        query.isTrue('createdByMyApp') ? () => false : undefined,
      ),
    forcesPaging: [
      'IDs',
      'InvoiceNumbers',
      'ContactIDs',
      'Statuses',
      'searchTerm',
      'summaryOnly',
      'createdByMyApp',
    ],
    isDeleted: deleted,
    summary: true,
    attachments: true,
    history: true,
  }),
  endpoint<Document>({
    name: 'CreditNotes',
    type: 'CreditNote',
    scopes: INVOICES,
    paging: 'paged',
    tables: ['salesCredits', 'purchaseCredits'],
    id: idOf,
    alternate: (one) => one.number,
    cursor: updatedAt,
    render: creditNoteJson,
    fields: fields.CREDIT_NOTE,
    guarded: true,
    optimised: {
      equal: ['Status', 'Reference', 'Type', 'Contact.ContactID', 'Contact.Name', 'Contact.ContactNumber'],
      range: ['Date'],
      or: [],
    },
    isDeleted: deleted,
    attachments: true,
    history: true,
  }),
  endpoint<Payment>({
    name: 'Payments',
    type: 'Payment',
    scopes: PAYMENTS,
    paging: 'paged',
    tables: ['payments'],
    id: idOf,
    cursor: updatedAt,
    render: paymentJson,
    fields: fields.PAYMENT,
    guarded: true,
    optimised: {
      equal: ['PaymentType', 'Status', 'Date', 'Invoice.InvoiceID', 'Reference', 'PaymentID'],
      range: ['Date'],
      or: ['PaymentID', 'Invoice.InvoiceID'],
    },
    isDeleted: deleted,
    history: true,
  }),
  endpoint<BankCredit>({
    name: 'Prepayments',
    type: 'Prepayment',
    scopes: PAYMENTS,
    paging: 'paged',
    tables: ['prepayments'],
    id: idOf,
    cursor: updatedAt,
    render: bankCreditJson,
    fields: fields.PREPAYMENT,
    filter: (query) => all<BankCredit>(isIn(query.list('InvoiceNumbers'), (one) => one.invoiceNumber)),
    forcesPaging: ['InvoiceNumbers'],
    attachments: true,
    history: true,
  }),
  endpoint<BankCredit>({
    name: 'Overpayments',
    type: 'Overpayment',
    scopes: PAYMENTS,
    paging: 'paged',
    tables: ['overpayments'],
    id: idOf,
    cursor: updatedAt,
    render: bankCreditJson,
    fields: fields.OVERPAYMENT,
    filter: (query) => all<BankCredit>(isIn(query.list('References'), (one) => one.reference)),
    forcesPaging: ['References'],
    attachments: true,
    history: true,
  }),
  endpoint<BankTransaction>({
    name: 'BankTransactions',
    type: 'BankTransaction',
    scopes: BANK,
    paging: 'paged',
    tables: ['bankTransactions'],
    watch: ['prepayments', 'overpayments'],
    id: idOf,
    cursor: updatedAt,
    render: bankTransactionJson,
    fields: fields.BANK_TRANSACTION,
    guarded: true,
    optimised: { equal: ['Type', 'Status', 'Date', 'Contact.ContactID'], range: ['Date'], or: [] },
    isDeleted: deleted,
    attachments: true,
    history: true,
  }),
  endpoint<ManualJournal>({
    name: 'ManualJournals',
    type: 'ManualJournal',
    scopes: ['accounting.manualjournals.read', 'accounting.manualjournals'],
    paging: 'paged',
    tables: ['manualJournals'],
    id: idOf,
    cursor: updatedAt,
    render: manualJournalJson,
    fields: fields.MANUAL_JOURNAL,
    guarded: true,
    optimised: { equal: [], range: [], or: [] },
    isDeleted: deleted,
    attachments: true,
    history: true,
  }),
];
