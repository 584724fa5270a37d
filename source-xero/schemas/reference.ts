// Records that others refer to: organisation, contacts, items, tracking, tax rates, currencies, themes, users.
import {
  amount,
  code,
  currency,
  day,
  flag,
  guid,
  instant,
  label,
  list,
  note,
  object,
  percent,
  quantity,
  record,
  reference,
  rows,
  status,
  text,
  unitPrice,
  updated,
  url,
  whole,
} from './fields.ts';
import { addresses, extras, phones } from './parts.ts';

const terms = () => object({ Day: whole(), Type: text('How Day is counted') });
const balance = () => object({ Outstanding: amount('Base currency'), Overdue: amount('Base currency') });
const trackingByName = () => rows({ TrackingCategoryName: text(), TrackingOptionName: text() });

export const organisation = record('OrganisationID', {
  OrganisationID: guid('Equal to TenantID'),
  Name: label(),
  LegalName: text(),
  PaysTax: flag(),
  Version: text('Region of the product: AU, NZ, UK, US, GLOBAL, ...'),
  OrganisationType: text(),
  OrganisationEntityType: text(),
  OrganisationStatus: status(),
  BaseCurrency: currency('What the ledger is kept in'),
  CountryCode: text(),
  Timezone: text('As Windows names it, without spaces: NEWZEALANDSTANDARDTIME'),
  IsDemoCompany: flag(),
  RegistrationNumber: text(),
  EmployerIdentificationNumber: text('United States'),
  TaxNumber: text(),
  FinancialYearEndDay: whole(),
  FinancialYearEndMonth: whole(),
  SalesTaxBasis: text(),
  SalesTaxPeriod: text(),
  DefaultSalesTax: text(),
  DefaultPurchasesTax: text(),
  PeriodLockDate: day('Nothing dated up to this day can change, but by advisers'),
  EndOfYearLockDate: day('Nothing dated up to this day can change'),
  CreatedDateUTC: instant(),
  ShortCode: code(),
  Class: text('Subscription plan'),
  Edition: text('BUSINESS or PARTNER'),
  LineOfBusiness: text(),
  APIKey: text(),
  Addresses: addresses(),
  Phones: phones(),
  ExternalLinks: list(),
  PaymentTerms: object({ Bills: terms(), Sales: terms() }),
});

export const contact = record('ContactID', {
  ContactID: guid(),
  MergedToContactID: reference('contacts', 'The contact that took this one over'),
  ContactNumber: code('Set by other programs'),
  AccountNumber: code('Set by people'),
  ContactStatus: status('ACTIVE, ARCHIVED or GDPRREQUEST'),
  Name: label(),
  FirstName: text(),
  LastName: text(),
  CompanyNumber: text(),
  EmailAddress: text(),
  ContactPersons: rows({
    FirstName: text(),
    LastName: text(),
    EmailAddress: text(),
    IncludeInEmails: flag(),
  }),
  BankAccountDetails: text('Only for users with the permission for bank accounts'),
  TaxNumber: text(),
  TaxNumberType: text(),
  AccountsReceivableTaxType: reference('tax_rates'),
  AccountsPayableTaxType: reference('tax_rates'),
  Addresses: addresses(),
  Phones: phones(),
  IsSupplier: flag('Has bills; changes without moving UpdatedDateUTC'),
  IsCustomer: flag('Has sales invoices; changes without moving UpdatedDateUTC'),
  SalesDefaultLineAmountType: text(),
  PurchasesDefaultLineAmountType: text(),
  DefaultCurrency: currency(),
  XeroNetworkKey: text(),
  SalesDefaultAccountCode: code(),
  PurchasesDefaultAccountCode: code(),
  SalesTrackingCategories: trackingByName(),
  PurchasesTrackingCategories: trackingByName(),
  TrackingCategoryName: text(),
  TrackingCategoryOption: text(),
  PaymentTerms: object({ Bills: terms(), Sales: terms() }),
  ContactGroups: rows({ ContactGroupID: reference('contact_groups'), Name: label(), Status: status() }),
  Website: url(),
  BrandingTheme: object({ BrandingThemeID: reference('branding_themes'), Name: label() }),
  BatchPayments: object({
    BankAccountNumber: text(),
    BankAccountName: text(),
    Details: text(),
    Code: text(),
    Reference: text(),
  }),
  Discount: percent(),
  Balances: object(
    { AccountsReceivable: balance(), AccountsPayable: balance() },
    'Change without moving UpdatedDateUTC',
  ),
  UpdatedDateUTC: updated(),
  ...extras,
});

export const contactGroup = record('ContactGroupID', {
  ContactGroupID: guid(),
  Name: label(),
  Status: status(),
  Contacts: list('Empty in lists: contacts name their groups'),
  ...extras,
});

const trade = (more = {}) =>
  object({ UnitPrice: unitPrice(), AccountCode: code(), TaxType: reference('tax_rates'), ...more });

export const item = record('ItemID', {
  ItemID: guid(),
  Code: code(),
  Name: label(),
  Description: note('On sales'),
  PurchaseDescription: note('On purchases'),
  PurchaseDetails: trade({ COGSAccountCode: code('Cost of goods sold, for tracked items') }),
  SalesDetails: trade(),
  IsSold: flag(),
  IsPurchased: flag(),
  IsTrackedAsInventory: flag(),
  InventoryAssetAccountCode: code(),
  TotalCostPool: amount('Value on hand at average cost, base currency'),
  QuantityOnHand: quantity(),
  QuantityAvailable: quantity(),
  QuantityOnBackOrder: quantity(),
  UpdatedDateUTC: updated(),
  ...extras,
});

export const trackingCategory = record('TrackingCategoryID', {
  TrackingCategoryID: guid(),
  Name: label(),
  Status: status('ACTIVE or ARCHIVED'),
  Options: list('As the stream tracking_options has them'),
  ...extras,
});

export const trackingOption = record('TrackingOptionID', {
  TrackingOptionID: guid(),
  TrackingCategoryID: reference('tracking_categories'),
  TrackingCategoryName: label(),
  Name: label(),
  Status: status('ACTIVE or ARCHIVED'),
  ...extras,
});

export const taxRate = record('TaxType', {
  TaxType: code('What lines and accounts refer to'),
  Name: label(),
  Status: status('ACTIVE, DELETED, ARCHIVED or PENDING; deleted ones stay, as old lines refer to them'),
  ReportTaxType: text(),
  DisplayTaxRate: percent(),
  EffectiveRate: percent(),
  CanApplyToAssets: flag(),
  CanApplyToEquity: flag(),
  CanApplyToExpenses: flag(),
  CanApplyToLiabilities: flag(),
  CanApplyToRevenue: flag(),
  TaxComponents: rows({ Name: label(), Rate: percent(), IsCompound: flag(), IsNonRecoverable: flag() }),
});

export const currencyRecord = record('Code', { Code: code('ISO 4217'), Description: label() });

export const brandingTheme = record('BrandingThemeID', {
  BrandingThemeID: guid(),
  Name: label(),
  LogoUrl: url(),
  Type: text(),
  SortOrder: whole('0 is the default theme'),
  CreatedDateUTC: instant(),
});

export const user = record('UserID', {
  UserID: guid(),
  EmailAddress: text(),
  FirstName: text(),
  LastName: label(),
  OrganisationRole: text('READONLY, STANDARD, FINANCIALADVISER, ..., REMOVED'),
  IsSubscriber: flag(),
  UpdatedDateUTC: updated(),
});
