// Lists: accounts, classes, locations, customers, vendors, employees, items, taxes, budgets.
import type {
  Account,
  Budget,
  Item,
  TaxRate,
  TrackingCategory,
  TrackingOption,
  User,
} from '../../books/index.ts';
import { isBalanceSheet, kindOf } from './account-types.ts';
import type { Company } from './company.ts';
import type { Party } from './parties.ts';
import {
  accountName,
  accountRef,
  addressOf,
  currencyRef,
  decimal,
  dimension,
  fourPlaces,
  marked,
  partyName,
  recordOf,
  reference,
} from './references.ts';
import { termRef } from './render-documents.ts';
import { ServiceItem } from './service-items.ts';
import type { Row } from './shelf.ts';
import { day } from './times.ts';
import type { TaxPart } from './views.ts';

type Fields = Record<string, unknown>;

export function account(company: Company, source: Account, row: Row): Fields {
  const { classification, type, subType } = kindOf(source);
  const name = accountName(source);
  const net = company.balances.of(source);
  const turned =
    company.switches.creditBalances === 'positive' &&
    (classification === 'Liability' || classification === 'Equity');
  // Income and expense accounts show no balance, and inactive ones neither, whatever they hold.
  const balance = !row.active || !isBalanceSheet(source) || net === 0 ? 0 : decimal(turned ? -net : net);
  return recordOf(row, {
    Name: name,
    FullyQualifiedName: name,
    SubAccount: false,
    ...(source.description === '' ? {} : { Description: source.description }),
    AcctNum: source.code,
    Active: row.active,
    Classification: classification,
    AccountType: type,
    AccountSubType: subType,
    CurrentBalance: balance,
    CurrentBalanceWithSubAccounts: balance,
    CurrencyRef: currencyRef(company, source.currency),
  });
}

/** Classes and locations: one parent per tracking category, its options below it. */
export function dimensionRow(company: Company, source: TrackingCategory | TrackingOption, row: Row): Fields {
  const entity =
    company.idOf('Department', source) === row.id && company.shelf('Department').of(source) === row
      ? 'Department'
      : 'Class';
  const parent = 'category' in source ? source.category : undefined;
  const name = marked(source.name, row.active);
  return recordOf(row, {
    Name: name,
    FullyQualifiedName: parent ? `${parent.name}:${name}` : name,
    Active: row.active,
    [entity === 'Class' ? 'SubClass' : 'SubDepartment']: parent !== undefined,
    ParentRef: parent && reference(company, entity, parent, parent.name),
  });
}

function person(company: Company, party: Party, row: Row): Fields {
  const { contact } = party;
  const name = partyName(party);
  return {
    DisplayName: name,
    GivenName: contact.firstName,
    FamilyName: contact.lastName,
    CompanyName: contact.name,
    PrintOnCheckName: name,
    Active: row.active,
    ...(contact.phone === '' ? {} : { PrimaryPhone: { FreeFormNumber: contact.phone } }),
    ...(contact.email === '' ? {} : { PrimaryEmailAddr: { Address: contact.email } }),
    ...(contact.website === '' ? {} : { WebAddr: { URI: contact.website } }),
    BillAddr: addressOf(contact),
    CurrencyRef: currencyRef(company, contact.currency || company.books.company.baseCurrency),
    V4IDPseudonym: `00209${contact.id.replaceAll('-', '').slice(0, 27)}`,
  };
}

export function customer(company: Company, party: Party, row: Row): Fields {
  const { contact } = party;
  return recordOf(row, {
    ...person(company, party, row),
    FullyQualifiedName: partyName(party),
    Job: false,
    BillWithParent: false,
    IsProject: false,
    Taxable: contact.taxNumber !== '',
    Balance: decimal(contact.open.receivable),
    BalanceWithJobs: decimal(contact.open.receivable),
    SalesTermRef: termRef(company, contact.termsDays),
    PreferredDeliveryMethod: 'Print',
    CustomerTypeRef: { value: row.number % 2 === 0 ? '2' : '1' },
    ...(contact.number === '' ? {} : { Notes: `Number ${contact.number}` }),
    ...(contact.taxNumber === '' ? {} : { PrimaryTaxIdentifier: 'XXXXXXXX' }),
    ClientEntityId: '0',
  });
}

export function vendor(company: Company, party: Party, row: Row): Fields {
  const { contact } = party;
  return recordOf(row, {
    ...person(company, party, row),
    Vendor1099: false,
    // Owed to the vendor; the books count from the other side.
    Balance: contact.open.payable === 0 ? 0 : decimal(-contact.open.payable),
    BillRate: 0,
    TermRef: termRef(company, contact.termsDays),
    ...(contact.accountNumber === '' ? {} : { AcctNum: contact.accountNumber }),
    ...(contact.taxNumber === '' ? {} : { TaxIdentifier: 'XXXXXXXX' }),
  });
}

export function employee(_company: Company, user: User, row: Row): Fields {
  const name = marked(`${user.firstName} ${user.lastName} <${user.role}>`, row.active);
  return recordOf(row, {
    DisplayName: name,
    PrintOnCheckName: name,
    GivenName: user.firstName,
    FamilyName: user.lastName,
    Active: row.active,
    EmployeeNumber: String(1000 + row.number),
    SSN: 'XXX-XX-XXXX',
    BillableTime: false,
    PrimaryEmailAddr: { Address: user.email },
  });
}

export function item(company: Company, source: Item | ServiceItem, row: Row): Fields {
  if (source instanceof ServiceItem) return service(company, source, row);
  const name = marked(source.name, row.active);
  const stocked = source.stock !== undefined;
  return recordOf(row, {
    Name: name,
    FullyQualifiedName: name,
    Sku: source.code,
    Description: source.description,
    Active: row.active,
    SubItem: false,
    Type: stocked ? 'Inventory' : 'NonInventory',
    Taxable: source.saleAccount.taxRate.rate > 0,
    SalesTaxIncluded: false,
    UnitPrice: fourPlaces(source.salePrice ?? 0),
    IncomeAccountRef: source.salePrice === undefined ? undefined : accountRef(company, source.saleAccount),
    PurchaseDesc: source.description,
    PurchaseCost: fourPlaces(source.purchasePrice ?? 0),
    ExpenseAccountRef: accountRef(company, source.purchaseAccount),
    TrackQtyOnHand: stocked,
    ...(stocked ? { QtyOnHand: (source.stock ?? 0) / 100, InvStartDate: day(row.createdAt) } : {}),
  });
}

function service(company: Company, { account: source }: ServiceItem, row: Row): Fields {
  const name = marked(`Services: ${source.name} ${source.code}`, row.active);
  return recordOf(row, {
    Name: name,
    FullyQualifiedName: name,
    Active: row.active,
    SubItem: false,
    Type: 'Service',
    Taxable: source.taxRate.rate > 0,
    UnitPrice: 0,
    PurchaseCost: 0,
    IncomeAccountRef: accountRef(company, source),
    TrackQtyOnHand: false,
  });
}

export function taxCode(company: Company, source: TaxRate, row: Row): Fields {
  const rates = {
    TaxRateDetail: company.partsOf(source).map((part, at) => ({
      TaxRateRef: reference(company, 'TaxRate', part, part.name),
      TaxTypeApplicable: part.compound ? 'TaxOnAmountPlusTax' : 'TaxOnAmount',
      TaxOrder: at,
    })),
  };
  return recordOf(row, {
    Name: marked(source.name, row.active),
    Description: source.code,
    Active: row.active,
    Taxable: true,
    TaxGroup: true,
    Hidden: false,
    ...(source.appliesTo === 'purchases' ? {} : { SalesTaxRateList: rates }),
    ...(source.appliesTo === 'sales' ? {} : { PurchaseTaxRateList: rates }),
    TaxCodeConfigType: 'USER_DEFINED',
  });
}

export function taxRate(company: Company, part: TaxPart, row: Row): Fields {
  const agency = part.code.components.length > 1 ? '2' : '1';
  return recordOf(row, {
    Name: marked(`${part.name} (${part.code.code})`, row.active),
    Description: part.code.name,
    Active: row.active,
    RateValue: part.rate / 100,
    AgencyRef: { value: agency },
    SpecialTaxType: part.rate === 0 ? 'ZERO_RATE' : 'NONE',
    DisplayType: 'ReadOnly',
    EffectiveTaxRate: [
      { RateValue: part.rate / 100, EffectiveDate: `${day(company.books.company.createdAt)}T00:00:00-08:00` },
    ],
  });
}

/** One object with a row per account and month: thousands of them in a real company. */
export function budget(company: Company, source: Budget, row: Row): Fields {
  const months = source.lines[0]?.months ?? [];
  const [first, last] = [months[0]?.month ?? 0, months.at(-1)?.month ?? 0];
  const end = new Date(last);
  const refs = {
    ClassRef: dimension(company, source.tracking, 'Class'),
    DepartmentRef: dimension(company, source.tracking, 'Department'),
  };
  return recordOf(row, {
    Name: source.name,
    StartDate: day(first),
    EndDate: day(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)),
    BudgetType: 'ProfitAndLoss',
    BudgetEntryType: 'Monthly',
    Active: row.active,
    BudgetDetail: source.lines.flatMap((line) =>
      line.months.map(({ month, amount }) => ({
        BudgetDate: day(month),
        Amount: decimal(amount),
        AccountRef: accountRef(company, line.account),
        ...refs,
      })),
    ),
  });
}
