// QuickBooks' transactions and where their figures stand (developer.intuit.com, Accounting API, entities).
import type { DocumentRecipe, Ledger, LineRecipe } from './recipe.ts';

// A SubTotalLineDetail is computed from the others; a discount is a positive amount that lowers the total.
const kind = {
  path: 'DetailType',
  skip: ['SubTotalLineDetail', 'DescriptionOnly', 'DescriptionLineDetail', 'TaxLineDetail'],
  negative: ['DiscountLineDetail'],
} as const;

const sold: LineRecipe = {
  amount: 'Amount',
  kind,
  accounts: ['SalesItemLineDetail.ItemAccountRef.value', 'DiscountLineDetail.DiscountAccountRef.value'],
  items: ['SalesItemLineDetail.ItemRef.value', 'GroupLineDetail.GroupItemRef.value'],
  itemAccount: 'IncomeAccountRef.value',
  classes: ['SalesItemLineDetail.ClassRef.value', 'DiscountLineDetail.ClassRef.value'],
};

const bought: LineRecipe = {
  amount: 'Amount',
  kind,
  accounts: ['AccountBasedExpenseLineDetail.AccountRef.value', 'ReimburseLineDetail.ItemAccountRef.value'],
  items: ['ItemBasedExpenseLineDetail.ItemRef.value', 'ReimburseLineDetail.ItemRef.value'],
  itemAccount: 'ExpenseAccountRef.value',
  classes: [
    'ItemBasedExpenseLineDetail.ClassRef.value',
    'AccountBasedExpenseLineDetail.ClassRef.value',
    'ReimburseLineDetail.ClassRef.value',
  ],
};

const transaction = {
  lines: 'Line',
  issued: 'TxnDate',
  currency: 'CurrencyRef.value',
  // "Home currency for one unit of the document currency".
  rate: { path: 'ExchangeRate', to: 'multiply' },
  net: ['TotalAmt', 'TxnTaxDetail.TotalTax'],
  location: 'DepartmentRef.value',
} as const;

const sale = {
  ...transaction,
  line: sold,
  class: 'ClassRef.value',
  party: { label: 'Customer', key: 'CustomerRef.value', name: 'CustomerRef.name' },
} as const;
const purchase = {
  ...transaction,
  line: bought,
  party: { label: 'Supplier', key: 'VendorRef.value', name: 'VendorRef.name' },
} as const;
const balance = { amount: 'Balance', home: 'HomeBalance' } as const;

const documents: readonly DocumentRecipe[] = [
  {
    ...sale,
    explore: 'sales_invoices',
    label: 'Sales invoices',
    description: 'Lines of invoices: revenue, and what customers still owe',
    stream: 'invoices',
    figure: { name: 'revenue', label: 'Revenue' },
    open: { label: 'Outstanding', ...balance },
    due: 'DueDate',
  },
  {
    ...purchase,
    explore: 'purchase_bills',
    label: 'Purchase bills',
    description: 'Lines of bills: spend, and what is still owed to suppliers',
    stream: 'bills',
    figure: { name: 'spend', label: 'Spend' },
    open: { label: 'Outstanding', ...balance },
    due: 'DueDate',
  },
  {
    ...sale,
    explore: 'sales_receipts',
    label: 'Sales receipts',
    description: 'Lines of sales that were paid at once',
    stream: 'sales_receipts',
    figure: { name: 'revenue', label: 'Revenue' },
  },
  {
    ...purchase,
    explore: 'expenses',
    label: 'Expenses',
    description: 'Lines of purchases that were paid at once',
    stream: 'purchases',
    figure: { name: 'spend', label: 'Spend' },
    party: { label: 'Payee', key: 'EntityRef.value', name: 'EntityRef.name' },
  },
  {
    ...sale,
    explore: 'sales_credit_notes',
    label: 'Credit memos',
    description: 'Lines of credit memos to customers, and what of them is not yet applied',
    stream: 'credit_memos',
    figure: { name: 'credited', label: 'Credited' },
    open: { label: 'Remaining credit', ...balance },
  },
  {
    ...purchase,
    explore: 'purchase_credit_notes',
    label: 'Vendor credits',
    description: 'Lines of credits from vendors, and what of them is not yet applied',
    stream: 'vendor_credits',
    figure: { name: 'credited', label: 'Credited' },
    open: { label: 'Remaining credit', ...balance },
  },
  {
    ...purchase,
    explore: 'purchase_orders',
    label: 'Purchase orders',
    description: 'Lines of purchase orders; open ones aged by their due date',
    stream: 'purchase_orders',
    figure: { name: 'ordered', label: 'Ordered' },
    open: {
      label: 'Open orders',
      amount: 'TotalAmt',
      home: 'HomeTotalAmt',
      when: { path: 'POStatus', values: ['Open'] },
    },
    due: 'DueDate',
    class: 'ClassRef.value',
  },
];

export const quickbooks: Ledger = {
  name: 'QuickBooks',
  tenant: 'RealmID',
  company: { stream: 'preferences', currency: 'CurrencyPrefs', json: ['HomeCurrency', 'value'] },
  accounts: { stream: 'accounts', name: 'FullyQualifiedName' },
  classes: { stream: 'classes', name: 'FullyQualifiedName' },
  locations: { stream: 'departments', name: 'FullyQualifiedName' },
  documents,
  entries: [
    {
      explore: 'payments',
      label: 'Customer payments',
      description: 'Payments by customers, and what of them is not yet applied',
      stream: 'payments',
      figures: [
        { name: 'paid_by_customers', label: 'Paid by customers', amount: 'TotalAmt' },
        { name: 'unapplied', label: 'Unapplied', amount: 'UnappliedAmt' },
      ],
    },
    {
      explore: 'bill_payments',
      label: 'Bill payments',
      description: 'Payments to vendors',
      stream: 'bill_payments',
      figures: [{ name: 'paid_to_suppliers', label: 'Paid to suppliers', amount: 'TotalAmt' }],
    },
    {
      explore: 'bank',
      label: 'Bank',
      description: 'Balances of bank and card accounts, each in its own currency',
      stream: 'accounts',
      figures: [
        {
          name: 'bank_balance',
          label: 'Bank balance',
          amount: 'CurrentBalance',
          when: { path: 'AccountType', values: ['Bank'] },
        },
        {
          name: 'card_balance',
          label: 'Card balance',
          amount: 'CurrentBalance',
          when: { path: 'AccountType', values: ['Credit Card'] },
        },
      ],
    },
    {
      explore: 'general_ledger',
      label: 'General ledger',
      description: 'Entries of the General Ledger report in the home currency: debits are positive',
      stream: 'report_general_ledger',
      figures: [
        { name: 'debits', label: 'Debits', amount: 'Debit' },
        { name: 'credits', label: 'Credits', amount: 'Credit' },
      ],
    },
    {
      explore: 'journal_entries',
      label: 'Journal entries',
      description: 'Lines of journal entries',
      stream: 'journal_entries',
      rows: 'Line',
      figures: [
        {
          name: 'debits',
          label: 'Debits',
          amount: 'Amount',
          when: { path: 'JournalEntryLineDetail.PostingType', values: ['Debit'] },
        },
        {
          name: 'credits',
          label: 'Credits',
          amount: 'Amount',
          when: { path: 'JournalEntryLineDetail.PostingType', values: ['Credit'] },
        },
      ],
    },
  ],
};
