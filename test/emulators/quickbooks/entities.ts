// What kinds of records QuickBooks keeps, and how each behaves in queries, change capture and webhooks.

export type Operation = 'Create' | 'Update' | 'Delete' | 'Merge' | 'Void' | 'Emailed';

export interface Entity {
  readonly name: string;
  /** list: named things, inactive instead of deleted. transaction: hard deletes. singleton: one per company. */
  readonly kind: 'list' | 'transaction' | 'singleton';
  /** Inactive rows stay hidden until a statement asks for `Active`. */
  readonly hidesInactive: boolean;
  /** Change data capture: yes, no, or only where a switch says so. */
  readonly tracked: 'yes' | 'no' | 'rare';
  /** Does a page carry totalCount? */
  readonly counted: boolean;
  readonly events: readonly Operation[];
  /** Properties a statement may filter or sort by, besides the common ones. */
  readonly fields: readonly string[];
}

const COUNTED = ['Bill', 'BillPayment', 'Deposit', 'Invoice', 'JournalEntry', 'PurchaseOrder'];
const UNTRACKED = ['JournalCode', 'TaxAgency', 'TaxCode', 'TaxRate', 'TimeActivity'];
const RARE = ['ExchangeRate', 'RecurringTransaction', 'CompanyInfo', 'Preferences'];

const CUD: readonly Operation[] = ['Create', 'Update', 'Delete'];
const EVENTS: Readonly<Record<string, readonly Operation[]>> = {
  ...every(['Account', 'Class', 'Customer', 'Employee', 'Item', 'Vendor'], [...CUD, 'Merge']),
  ...every(['Department', 'PaymentMethod'], ['Create', 'Update', 'Merge']),
  ...every(['Bill', 'Deposit', 'JournalEntry', 'TimeActivity', 'VendorCredit'], CUD),
  ...every(['Estimate', 'PurchaseOrder'], [...CUD, 'Emailed']),
  ...every(['BillPayment', 'Purchase', 'Transfer'], [...CUD, 'Void']),
  ...every(
    ['CreditMemo', 'Invoice', 'Payment', 'RefundReceipt', 'SalesReceipt'],
    [...CUD, 'Void', 'Emailed'],
  ),
  ...every(['Budget', 'CompanyCurrency', 'JournalCode', 'TaxAgency', 'Term'], ['Create', 'Update']),
  Preferences: ['Update'],
};

function every(names: readonly string[], events: readonly Operation[]): Record<string, readonly Operation[]> {
  return Object.fromEntries(names.map((name) => [name, events]));
}

const NAMED = ['Name', 'FullyQualifiedName'];
const PERSON = ['DisplayName', 'GivenName', 'FamilyName', 'CompanyName', 'PrintOnCheckName'];
const MONEY = ['TxnDate', 'DocNumber', 'TotalAmt', 'CurrencyRef'];
const SALES = [...MONEY, 'CustomerRef', 'PrivateNote', 'DepartmentRef'];

/** Fields beside the common ones. Purchase.PrivateNote is missing on purpose: seen refused. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Account: [
    ...NAMED,
    'AcctNum',
    'AccountType',
    'AccountSubType',
    'Classification',
    'CurrentBalance',
    'SubAccount',
    'ParentRef',
  ],
  Attachable: ['FileName', 'Note', 'AttachableRef.EntityRef.type', 'AttachableRef.EntityRef.value'],
  Bill: [...MONEY, 'VendorRef', 'DueDate', 'Balance', 'PrivateNote', 'DepartmentRef', 'APAccountRef'],
  BillPayment: [...MONEY, 'VendorRef', 'PayType', 'PrivateNote'],
  Budget: ['Name', 'StartDate', 'EndDate', 'BudgetType'],
  Class: [...NAMED, 'SubClass', 'ParentRef'],
  CompanyCurrency: ['Code', 'Name', 'Active'],
  CompanyInfo: ['CompanyName'],
  CreditMemo: [...SALES, 'Balance'],
  Customer: [
    ...PERSON,
    'FullyQualifiedName',
    'Balance',
    'Job',
    'ParentRef',
    'PrimaryEmailAddr',
    'CustomerTypeRef',
  ],
  CustomerType: ['Name', 'Active'],
  Department: [...NAMED, 'SubDepartment', 'ParentRef'],
  Deposit: ['TxnDate', 'DocNumber', 'TotalAmt', 'DepositToAccountRef', 'PrivateNote', 'DepartmentRef'],
  Employee: [...PERSON, 'EmployeeNumber', 'HiredDate'],
  Estimate: [...SALES, 'TxnStatus', 'ExpirationDate'],
  ExchangeRate: ['SourceCurrencyCode', 'TargetCurrencyCode', 'AsOfDate'],
  Invoice: [...SALES, 'DueDate', 'Balance', 'SalesTermRef', 'EmailStatus'],
  Item: [...NAMED, 'Sku', 'Type', 'UnitPrice', 'QtyOnHand', 'SubItem', 'ParentRef'],
  JournalEntry: ['TxnDate', 'DocNumber', 'Adjustment', 'PrivateNote'],
  Payment: [
    'TxnDate',
    'TotalAmt',
    'UnappliedAmt',
    'CustomerRef',
    'PaymentRefNum',
    'DepositToAccountRef',
    'PrivateNote',
  ],
  PaymentMethod: ['Name', 'Type'],
  Purchase: [...MONEY, 'AccountRef', 'PaymentType', 'EntityRef', 'DepartmentRef'],
  PurchaseOrder: [...MONEY, 'VendorRef', 'DueDate', 'POStatus', 'PrivateNote'],
  RefundReceipt: SALES,
  ReimburseCharge: ['TxnDate', 'CustomerRef', 'Amount'],
  SalesReceipt: [...SALES, 'DepositToAccountRef', 'PaymentRefNum'],
  TaxAgency: ['DisplayName'],
  TaxCode: ['Name', 'Description'],
  TaxRate: ['Name', 'RateValue', 'AgencyRef'],
  Term: ['Name', 'Type', 'DueDays'],
  TimeActivity: ['TxnDate', 'NameOf', 'EmployeeRef', 'VendorRef', 'CustomerRef', 'BillableStatus'],
  Transfer: ['TxnDate', 'Amount', 'FromAccountRef', 'ToAccountRef', 'PrivateNote'],
  Vendor: [...PERSON, 'Balance', 'AcctNum', 'Vendor1099', 'TermRef', 'PrimaryEmailAddr'],
  VendorCredit: [...MONEY, 'VendorRef', 'Balance', 'PrivateNote', 'DepartmentRef'],
};

const HIDING =
  'Account Budget Class Customer Department Employee Item PaymentMethod TaxCode TaxRate Term Vendor'.split(
    ' ',
  );
const LISTS = [...HIDING, 'CustomerType', 'TaxAgency', 'CompanyCurrency', 'ExchangeRate', 'JournalCode'];
const SINGLETONS = ['CompanyInfo', 'Preferences'];
const TRANSACTIONS =
  `Attachable Bill BillPayment CreditCardPayment CreditMemo Deposit Estimate InventoryAdjustment Invoice JournalEntry Payment
  Purchase PurchaseOrder RecurringTransaction RefundReceipt ReimburseCharge SalesReceipt TaxPayment TimeActivity Transfer
  VendorCredit`.split(/\s+/);

const entity = (name: string, kind: Entity['kind']): Entity => ({
  name,
  kind,
  hidesInactive: HIDING.includes(name),
  tracked: UNTRACKED.includes(name) ? 'no' : RARE.includes(name) ? 'rare' : 'yes',
  counted: COUNTED.includes(name),
  events: EVENTS[name] ?? [],
  fields: FIELDS[name] ?? (kind === 'transaction' ? ['TxnDate', 'DocNumber', 'TotalAmt'] : ['Name']),
});

/** Every entity by its name. */
export const ENTITIES: ReadonlyMap<string, Entity> = new Map(
  [
    ...LISTS.map((name) => entity(name, 'list')),
    ...TRANSACTIONS.map((name) => entity(name, 'transaction')),
    ...SINGLETONS.map((name) => entity(name, 'singleton')),
  ].map((one) => [one.name, one]),
);

const byLowerName = new Map([...ENTITIES.values()].map((one) => [one.name.toLowerCase(), one]));

/** An entity by its name in any case; queries and paths are tolerant. */
export function entityNamed(name: string): Entity | undefined {
  return byLowerName.get(name.toLowerCase());
}
