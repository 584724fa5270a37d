// Records that others refer to: customers, vendors, items, accounts, classes, taxes, terms, the company itself.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import {
  amount,
  code,
  currencyRef,
  day,
  flag,
  id,
  instant,
  label,
  list,
  looseRef,
  note,
  object,
  percent,
  quantity,
  rate,
  record,
  ref,
  rows,
  status,
  text,
  unitPrice,
  url,
  whole,
} from './fields.ts';
import { address, email, names, phone, webAddress } from './parts.ts';

const active = () => flag('Lists keep what was removed, as inactive');
const fullName = () => label('With the names above it, separated by colons');

export const account = record({
  Name: label(),
  FullyQualifiedName: fullName(),
  Active: active(),
  SubAccount: flag(),
  ParentRef: ref('accounts'),
  Description: note(),
  AcctNum: code(),
  Classification: text('Asset, Equity, Expense, Liability or Revenue'),
  AccountType: text('Bank, Accounts Receivable, Income, Cost of Goods Sold, ...'),
  AccountSubType: text(),
  CurrentBalance: amount(),
  CurrentBalanceWithSubAccounts: amount(),
  CurrencyRef: currencyRef(),
  TaxCodeRef: ref('tax_codes'),
  AccountAlias: text(),
  TxnLocationType: text(),
});

const tree = (sub: string, stream: string) => ({
  Name: label(),
  FullyQualifiedName: fullName(),
  Active: active(),
  [sub]: flag(),
  ParentRef: ref(stream),
});

export const klass = record(tree('SubClass', 'classes'));
export const department = record({ ...tree('SubDepartment', 'departments'), Address: address() });

export const customer = record({
  ...names,
  FullyQualifiedName: fullName(),
  BillAddr: address(),
  ShipAddr: address(),
  Notes: note(),
  Job: flag(),
  BillWithParent: flag(),
  ParentRef: ref('customers', 'The customer of this job or project'),
  Level: whole(),
  IsProject: flag(),
  ClientEntityId: id(),
  Taxable: flag(),
  DefaultTaxCodeRef: ref('tax_codes'),
  TaxExemptionReasonId: text(),
  ResaleNum: text(),
  SalesTermRef: ref('terms'),
  PaymentMethodRef: ref('payment_methods'),
  CustomerTypeRef: ref('customer_types'),
  ARAccountRef: ref('accounts'),
  Balance: amount(),
  BalanceWithJobs: amount(),
  OpenBalanceDate: day(),
  CurrencyRef: currencyRef(),
  PreferredDeliveryMethod: text(),
  PrimaryTaxIdentifier: text('Masked'),
  BusinessNumber: text(),
  GSTIN: text(),
});

export const customerType = record({ Name: label(), Active: active() });

export const vendor = record({
  ...names,
  BillAddr: address(),
  TaxIdentifier: text('Masked'),
  AcctNum: code('The number that the vendor knows this company by'),
  Vendor1099: flag(),
  TermRef: ref('terms'),
  Balance: amount(),
  BillRate: unitPrice(),
  CostRate: unitPrice(),
  CurrencyRef: currencyRef(),
  APAccountRef: ref('accounts'),
  T4AEligible: flag(),
  T5018Eligible: flag(),
  VendorPaymentBankDetail: object({}),
  Source: text(),
  BusinessNumber: text(),
  GSTIN: text(),
  HasTPAR: flag(),
});

export const employee = record({
  ...names,
  EmployeeNumber: code(),
  SSN: text('Masked'),
  PrimaryAddr: address(),
  BillableTime: flag(),
  BillRate: unitPrice(),
  CostRate: unitPrice(),
  BirthDate: day(),
  Gender: text(),
  HiredDate: day(),
  ReleasedDate: day(),
});

export const item = record({
  Name: label(),
  Sku: code(),
  Description: note('On sales'),
  FullyQualifiedName: fullName(),
  Active: active(),
  SubItem: flag(),
  ParentRef: ref('items'),
  Level: whole(),
  Type: text('Inventory, NonInventory, Service, Category, Group, ...'),
  UnitPrice: unitPrice(),
  RatePercent: percent(),
  Taxable: flag(),
  SalesTaxIncluded: flag(),
  PurchaseDesc: note(),
  PurchaseCost: unitPrice(),
  PurchaseTaxIncluded: flag(),
  IncomeAccountRef: ref('accounts'),
  ExpenseAccountRef: ref('accounts'),
  AssetAccountRef: ref('accounts'),
  TrackQtyOnHand: flag(),
  QtyOnHand: quantity(),
  ReorderPoint: quantity(),
  InvStartDate: day(),
  SalesTaxCodeRef: ref('tax_codes'),
  PurchaseTaxCodeRef: ref('tax_codes'),
  ClassRef: ref('classes'),
  PrefVendorRef: ref('vendors'),
  PrintGroupedItems: flag(),
  ItemGroupDetail: object({ ItemGroupLine: rows({ ItemRef: ref('items'), Qty: quantity() }) }),
  TaxClassificationRef: looseRef(),
  UQCDisplayText: text(),
});

export const paymentMethod = record({
  Name: label(),
  Active: active(),
  Type: text('CREDIT_CARD or NON_CREDIT_CARD'),
});

export const term = record({
  Name: label(),
  Active: active(),
  Type: text('STANDARD or DATE_DRIVEN'),
  DueDays: whole(),
  DiscountPercent: percent(),
  DiscountDays: whole(),
  DayOfMonthDue: whole(),
  DueNextMonthDays: whole(),
  DiscountDayOfMonth: whole(),
});

const taxRates = () =>
  object({
    TaxRateDetail: rows({ TaxRateRef: ref('tax_rates'), TaxTypeApplicable: text(), TaxOrder: whole() }),
  });

export const taxCode = record({
  Name: label(),
  Description: note(),
  Active: active(),
  Taxable: flag(),
  TaxGroup: flag(),
  Hidden: flag(),
  SalesTaxRateList: taxRates(),
  PurchaseTaxRateList: taxRates(),
  TaxCodeConfigType: text(),
});

export const taxRate = record({
  Name: label(),
  Description: note(),
  Active: active(),
  RateValue: percent(),
  AgencyRef: ref('tax_agencies'),
  TaxReturnLineRef: looseRef(),
  SpecialTaxType: text(),
  DisplayType: text(),
  EffectiveTaxRate: rows({ RateValue: percent(), EffectiveDate: instant(), EndDate: instant() }),
  OriginalTaxRate: text(),
});

export const taxAgency = record({
  DisplayName: label(),
  TaxRegistrationNumber: text(),
  TaxTrackedOnPurchases: flag(),
  TaxTrackedOnSales: flag(),
  LastFileDate: day(),
  TaxAgencyConfig: text(),
});

export const companyInfo = record({
  CompanyName: label(),
  LegalName: text(),
  CompanyAddr: address(),
  LegalAddr: address(),
  CustomerCommunicationAddr: address(),
  CustomerCommunicationEmailAddr: email(),
  Email: email(),
  PrimaryPhone: phone(),
  WebAddr: webAddress(),
  CompanyStartDate: day(),
  FiscalYearStartMonth: text(),
  Country: text('ISO 3166, three letters since October 2025'),
  EmployerId: text(),
  SupportedLanguages: text(),
  DefaultTimeZone: text(),
  NameValue: rows({ Name: label(), Value: text() }, 'Subscription, industry and the like'),
});

const preferenceGroups = [
  'AccountingInfoPrefs',
  'SalesFormsPrefs',
  'CurrencyPrefs',
  'ReportPrefs',
  'TaxPrefs',
  'TimeTrackingPrefs',
  'VendorAndPurchasesPrefs',
  'ProductAndServicesPrefs',
  'EmailMessagesPrefs',
  'OtherPrefs',
];

export const preferences = record(
  Object.fromEntries(preferenceGroups.map((group): [string, JsonSchema] => [group, object({})])),
);

export const companyCurrency = record({
  Code: code(),
  Name: label(),
  Active: active(),
  CustomField: list(),
});

export const exchangeRate = record({
  SourceCurrencyCode: code(),
  TargetCurrencyCode: code(),
  Rate: rate('Target currency for one unit of the source currency'),
  AsOfDate: day(),
});

export const attachable = record({
  FileName: label(),
  FileAccessUri: url(),
  TempDownloadUri: url('Lives for minutes'),
  Size: whole('Bytes'),
  ContentType: text(),
  Category: text(),
  Note: note(),
  Tag: text(),
  Lat: text(),
  Long: text(),
  PlaceName: text(),
  AttachableRef: rows({
    EntityRef: looseRef('The record it is attached to, of the stream that type says'),
    LineInfo: text(),
    IncludeOnSend: flag(),
    NoRefOnly: flag(),
    CustomField: list(),
  }),
});

export const journalCode = record({ Name: label(), Type: text(), Description: note(), Active: active() });

export const inventoryAdjustment = record({
  DocNumber: label(),
  TxnDate: day(),
  PrivateNote: note(),
  AdjustAccountRef: ref('accounts'),
  DepartmentRef: ref('departments'),
  Line: rows({
    Id: id(),
    DetailType: text(),
    ItemAdjustmentLineDetail: object({ ItemRef: ref('items'), QtyDiff: quantity(), Qty: quantity() }),
  }),
});

export const budget = record({
  Name: label(),
  Active: active(),
  StartDate: day(),
  EndDate: day(),
  BudgetType: text('ProfitAndLoss or BalanceSheet'),
  BudgetEntryType: text('Monthly, Quarterly or Yearly'),
  BudgetStatus: status(),
  BudgetDetail: rows({
    BudgetDate: day(),
    Amount: amount('Home currency'),
    AccountRef: ref('accounts'),
    CustomerRef: ref('customers'),
    ClassRef: ref('classes'),
    DepartmentRef: ref('departments'),
  }),
});
