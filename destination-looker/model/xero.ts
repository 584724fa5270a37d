// Xero's documents and where their figures stand (developer.xero.com/documentation/api/accounting).
import type { DocumentRecipe, Ledger, LineRecipe } from './recipe.ts';

const final = { path: 'Status', values: ['AUTHORISED', 'PAID'] } as const;
const authorised = { path: 'Status', values: ['AUTHORISED'] } as const;

const line: LineRecipe = {
  amount: 'LineAmount',
  tax: { path: 'TaxAmount', contained: { path: 'LineAmountTypes', values: ['Inclusive', 'INCLUSIVE'] } },
  accounts: ['AccountID'],
  items: ['Item.ItemID'],
};

const document = {
  lines: 'LineItems',
  issued: 'Date',
  currency: 'CurrencyCode',
  // "Units of the document currency for one of the base currency".
  rate: { path: 'CurrencyRate', to: 'divide' },
  net: ['SubTotal'],
  line,
} as const;

const customer = { label: 'Customer', key: 'Contact.ContactID', name: 'Contact.Name' } as const;
const supplier = { ...customer, label: 'Supplier' } as const;

const credit = {
  ...document,
  due: 'DueDate',
  counts: final,
  open: { label: 'Remaining credit', amount: 'RemainingCredit', when: authorised },
} as const;

const documents: readonly DocumentRecipe[] = [
  {
    ...document,
    explore: 'sales_invoices',
    label: 'Sales invoices',
    description: 'Lines of sales invoices (ACCREC): revenue, and what customers still owe',
    stream: 'invoices',
    figure: { name: 'revenue', label: 'Revenue' },
    open: { label: 'Outstanding', amount: 'AmountDue', when: authorised },
    party: customer,
    due: 'DueDate',
    counts: final,
  },
  {
    ...document,
    explore: 'purchase_bills',
    label: 'Purchase bills',
    description: 'Lines of bills (ACCPAY): spend, and what is still owed to suppliers',
    stream: 'bills',
    figure: { name: 'spend', label: 'Spend' },
    open: { label: 'Outstanding', amount: 'AmountDue', when: authorised },
    party: supplier,
    due: 'DueDate',
    counts: final,
  },
  {
    ...credit,
    explore: 'sales_credit_notes',
    label: 'Sales credit notes',
    description: 'Lines of credit notes to customers, and what of them is not yet applied',
    stream: 'sales_credit_notes',
    figure: { name: 'credited', label: 'Credited' },
    party: customer,
  },
  {
    ...credit,
    explore: 'purchase_credit_notes',
    label: 'Purchase credit notes',
    description: 'Lines of credit notes from suppliers, and what of them is not yet applied',
    stream: 'purchase_credit_notes',
    figure: { name: 'credited', label: 'Credited' },
    party: supplier,
  },
  {
    ...document,
    explore: 'purchase_orders',
    label: 'Purchase orders',
    description: 'Lines of purchase orders; open ones aged by their delivery date',
    stream: 'purchase_orders',
    figure: { name: 'ordered', label: 'Ordered' },
    open: {
      label: 'Open orders',
      amount: 'Total',
      when: { path: 'Status', values: ['SUBMITTED', 'AUTHORISED'] },
    },
    party: supplier,
    due: 'DeliveryDate',
    counts: { path: 'Status', values: ['SUBMITTED', 'AUTHORISED', 'BILLED'] },
  },
];

const received = {
  path: 'Type',
  values: ['RECEIVE', 'RECEIVE-OVERPAYMENT', 'RECEIVE-PREPAYMENT', 'RECEIVE-TRANSFER'],
} as const;
const spent = {
  path: 'Type',
  values: ['SPEND', 'SPEND-OVERPAYMENT', 'SPEND-PREPAYMENT', 'SPEND-TRANSFER'],
} as const;

export const xero: Ledger = {
  name: 'Xero',
  tenant: 'TenantID',
  company: { stream: 'organisations', currency: 'BaseCurrency' },
  accounts: { stream: 'accounts', name: 'Name' },
  documents,
  entries: [
    {
      explore: 'payments',
      label: 'Payments',
      description: 'Payments of invoices, bills and credit notes; deleted ones are left out of the figures',
      stream: 'payments',
      scopes: { BankAmount: 'Account.AccountID' },
      counts: authorised,
      figures: [
        {
          name: 'paid_by_customers',
          label: 'Paid by customers',
          amount: 'Amount',
          when: { path: 'PaymentType', values: ['ACCRECPAYMENT'] },
        },
        {
          name: 'paid_to_suppliers',
          label: 'Paid to suppliers',
          amount: 'Amount',
          when: { path: 'PaymentType', values: ['ACCPAYPAYMENT'] },
        },
      ],
    },
    {
      explore: 'bank',
      label: 'Bank',
      description: 'Money received and spent, by bank account',
      stream: 'bank_transactions',
      counts: authorised,
      figures: [
        { name: 'received', label: 'Received', amount: 'Total', when: received },
        { name: 'spent', label: 'Spent', amount: 'Total', when: spent },
        { name: 'movement', label: 'Net movement', amount: 'Total', negative: spent },
      ],
    },
    {
      explore: 'general_ledger',
      label: 'General ledger',
      description: 'Journal lines in the base currency: debits are positive',
      stream: 'journals',
      rows: 'JournalLines',
      figures: [
        { name: 'balance', label: 'Balance', amount: 'NetAmount' },
        { name: 'debits', label: 'Debits', amount: 'NetAmount', side: 'positive' },
        { name: 'credits', label: 'Credits', amount: 'NetAmount', side: 'negative' },
      ],
    },
    {
      explore: 'manual_journals',
      label: 'Manual journals',
      description: 'Lines of manual journals',
      stream: 'manual_journals',
      rows: 'JournalLines',
      figures: [{ name: 'balance', label: 'Balance', amount: 'LineAmount' }],
    },
  ],
};
