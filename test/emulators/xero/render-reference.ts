// Accounts, items, tax rates, tracking, currencies, themes, users and the organisation, as Xero draws them.
import type { Account, Company, Item, TaxRate, Theme, TrackingCategory, User } from '../../books/index.ts';
import { stamp } from './dates.ts';
import { list, object, percent, text, unitPrice } from './json.ts';
import { ACCOUNT_TYPE, type Look, SYSTEM_ACCOUNT } from './look.ts';

export function accountJson(account: Account, look: Look): string {
  const bank = account.type === 'bank';
  return object({
    AccountID: `"${account.id}"`,
    Code: text(account.code),
    Name: text(account.name),
    Status: `"${account.status.toUpperCase()}"`,
    Type: `"${ACCOUNT_TYPE[account.type]}"`,
    TaxType: `"${account.taxRate.code}"`,
    Description: account.description === '' ? undefined : text(account.description),
    Class: `"${account.class.toUpperCase()}"`,
    SystemAccount: account.system ? `"${SYSTEM_ACCOUNT[account.system]}"` : undefined,
    EnablePaymentsToAccount: String(account.takesPayments),
    ShowInExpenseClaims: String(account.class === 'expense' && !account.system),
    BankAccountNumber: bank ? text(account.bankNumber ?? '') : undefined,
    BankAccountType: bank ? (account.name.includes('Card') ? '"CREDITCARD"' : '"BANK"') : undefined,
    CurrencyCode: bank ? `"${account.currency}"` : undefined,
    ReportingCode: `"${account.class.slice(0, 3).toUpperCase()}"`,
    ReportingCodeName: text(account.class),
    HasAttachments: 'false',
    UpdatedDateUTC: stamp(account.updatedAt, look),
    AddToWatchlist: 'false',
    CreatedDateUTC: stamp(account.createdAt, look),
  });
}

export function itemJson(item: Item, look: Look): string {
  const details = (price: number | undefined, account: Account): string =>
    price === undefined
      ? '{}'
      : `{"UnitPrice":${unitPrice(price, look.unitPlaces)},"AccountCode":"${account.code}","TaxType":"${account.taxRate.code}"}`;
  const stocked = item.stock !== undefined;
  return object({
    ItemID: `"${item.id}"`,
    Code: text(item.code),
    Description: text(item.description),
    PurchaseDescription: item.purchasePrice === undefined ? undefined : text(item.description),
    UpdatedDateUTC: stamp(item.updatedAt, look),
    PurchaseDetails: details(item.purchasePrice, item.purchaseAccount),
    SalesDetails: details(item.salePrice, item.saleAccount),
    Name: text(item.name),
    IsTrackedAsInventory: String(stocked),
    InventoryAssetAccountCode: stocked ? '"630"' : undefined,
    TotalCostPool: stocked
      ? unitPrice(Math.floor(((item.stock ?? 0) * (item.purchasePrice ?? 0)) / 100), 2)
      : undefined,
    QuantityOnHand: stocked ? unitPrice((item.stock ?? 0) * 100, 4) : undefined,
    IsSold: String(item.salePrice !== undefined),
    IsPurchased: String(item.purchasePrice !== undefined),
  });
}

export function taxRateJson(rate: TaxRate): string {
  const sales = rate.appliesTo !== 'purchases';
  const purchases = rate.appliesTo !== 'sales';
  return object({
    Name: text(rate.name),
    TaxType: `"${rate.code}"`,
    ReportTaxType: rate.code === 'NONE' ? '"NONE"' : rate.appliesTo === 'purchases' ? '"INPUT"' : '"OUTPUT"',
    CanApplyToAssets: 'true',
    CanApplyToEquity: 'true',
    CanApplyToExpenses: String(purchases),
    CanApplyToLiabilities: 'true',
    CanApplyToRevenue: String(sales),
    DisplayTaxRate: percent(rate.rate),
    EffectiveRate: percent(rate.rate),
    Status: `"${rate.status.toUpperCase()}"`,
    TaxComponents: list(
      rate.components,
      (one) =>
        `{"Name":${text(one.name)},"Rate":${percent(one.rate)},"IsCompound":${one.compound},"IsNonRecoverable":false}`,
    ),
  });
}

/** Archived options are drawn only where the query asked for what is archived. */
export function trackingCategoryJson(
  category: TrackingCategory,
  { archived }: { archived: boolean },
): string {
  const options = category.options.filter((one) => archived || one.status === 'active');
  return object({
    Name: text(category.name),
    Status: `"${category.status.toUpperCase()}"`,
    TrackingCategoryID: `"${category.id}"`,
    Options: list(options, (one) =>
      object({
        TrackingOptionID: `"${one.id}"`,
        Name: text(one.name),
        Status: `"${one.status.toUpperCase()}"`,
        HasValidationErrors: 'false',
        IsDeleted: 'false',
        IsArchived: String(one.status === 'archived'),
        IsActive: String(one.status === 'active'),
      }),
    ),
  });
}

export const currencyJson = (currency: { readonly code: string; readonly name: string }): string =>
  `{"Code":"${currency.code}","Description":${text(currency.name)}}`;

export const themeJson = (theme: Theme, look: Look): string =>
  object({
    BrandingThemeID: `"${theme.id}"`,
    Name: text(theme.name),
    LogoUrl: undefined,
    Type: '"INVOICE"',
    SortOrder: String(theme.order),
    CreatedDateUTC: stamp(theme.createdAt, look),
  });

const ROLES = {
  readonly: 'READONLY',
  standard: 'STANDARD',
  adviser: 'FINANCIALADVISER',
  removed: 'REMOVED',
} as const;

export const userJson = (user: User, look: Look): string =>
  object({
    UserID: `"${user.id}"`,
    EmailAddress: text(user.email),
    FirstName: text(user.firstName),
    LastName: text(user.lastName),
    UpdatedDateUTC: stamp(user.updatedAt, look),
    IsSubscriber: String(user.subscriber),
    OrganisationRole: `"${ROLES[user.role]}"`,
  });

const TIMEZONES: Readonly<Record<string, string>> = {
  NZ: 'NEWZEALANDSTANDARDTIME',
  AU: 'AUSEASTERNSTANDARDTIME',
  GB: 'GMTSTANDARDTIME',
  US: 'EASTERNSTANDARDTIME',
};

export function organisationJson(company: Company, look: Look): string {
  const version = company.country === 'GB' ? 'UK' : company.country in TIMEZONES ? company.country : 'GLOBAL';
  return object({
    Name: text(company.name),
    LegalName: text(company.legalName),
    PaysTax: 'true',
    Version: `"${version}"`,
    OrganisationType: '"COMPANY"',
    BaseCurrency: `"${company.baseCurrency}"`,
    CountryCode: `"${company.country}"`,
    IsDemoCompany: 'false',
    OrganisationStatus: '"ACTIVE"',
    TaxNumber: text(company.taxNumber),
    FinancialYearEndDay: String(company.yearEnd.day),
    FinancialYearEndMonth: String(company.yearEnd.month),
    SalesTaxBasis: '"PAYMENTS"',
    SalesTaxPeriod: '"TWOMONTHS"',
    DefaultSalesTax: '"Tax Exclusive"',
    DefaultPurchasesTax: '"Tax Exclusive"',
    CreatedDateUTC: stamp(company.createdAt, look),
    OrganisationEntityType: '"COMPANY"',
    Timezone: `"${TIMEZONES[company.country] ?? 'UTC'}"`,
    ShortCode: `"!${company.id.slice(0, 5)}"`,
    OrganisationID: `"${company.id}"`,
    Edition: '"BUSINESS"',
    Class: '"PREMIUM"',
    Addresses: '[]',
    Phones: '[]',
    ExternalLinks: '[]',
    PaymentTerms: '{}',
  });
}
