// The two singletons: what the company is, and how it is set up.
import type { Company } from './company.ts';
import { recordOf } from './references.ts';
import type { Row } from './shelf.ts';
import { day } from './times.ts';

type Fields = Record<string, unknown>;

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
/** Since October 2025 countries are ISO 3166 alpha-3. */
const ALPHA3: Readonly<Record<string, string>> = {
  NZ: 'NZL',
  AU: 'AUS',
  US: 'USA',
  GB: 'GBR',
  CA: 'CAN',
  DE: 'DEU',
  FR: 'FRA',
};

/** Number of the month a fiscal year starts with, from 0. */
export const firstMonth = ({ books }: Company): number => books.company.yearEnd.month % 12;

export function companyInfo(company: Company, row: Row): Fields {
  const { company: facts } = company.books;
  const address = {
    Id: '1',
    Line1: '101 Grafton Road',
    City: 'Wellington',
    PostalCode: '6011',
    Country: facts.country,
  };
  return recordOf(row, {
    CompanyName: facts.name,
    LegalName: facts.legalName,
    CompanyAddr: address,
    CustomerCommunicationAddr: address,
    LegalAddr: address,
    Email: { Address: 'office@ledger.example' },
    PrimaryPhone: { FreeFormNumber: '04-555-0100' },
    WebAddr: { URI: 'https://ledger.example' },
    CompanyStartDate: day(facts.createdAt),
    FiscalYearStartMonth: MONTHS[firstMonth(company)],
    Country: ALPHA3[facts.country] ?? facts.country,
    SupportedLanguages: 'en',
    DefaultTimeZone: 'Pacific/Auckland',
    NameValue: [
      { Name: 'NeoEnabled', Value: 'true' },
      { Name: 'IndustryType', Value: 'Wholesale trade' },
      { Name: 'SubscriptionStatus', Value: 'PAID' },
      { Name: 'OfferingSku', Value: 'QuickBooks Online Plus' },
    ],
  });
}

export function preferences(company: Company, row: Row): Fields {
  const { company: facts } = company.books;
  return recordOf(row, {
    AccountingInfoPrefs: {
      UseAccountNumbers: true,
      TrackDepartments: true,
      ClassTrackingPerTxn: false,
      ClassTrackingPerTxnLine: true,
      CustomerTerminology: 'Customers',
      DepartmentTerminology: 'Location',
      FirstMonthOfFiscalYear: MONTHS[firstMonth(company)],
      TaxYearMonth: 'January',
    },
    ProductAndServicesPrefs: {
      ForSales: true,
      ForPurchase: true,
      QuantityWithPriceAndRate: true,
      QuantityOnHand: true,
    },
    SalesFormsPrefs: {
      CustomField: [
        {
          CustomField: [
            { Name: 'SalesFormsPrefs.SalesCustomName1', Type: 'StringType', StringValue: 'Reference' },
          ],
        },
        {
          CustomField: [{ Name: 'SalesFormsPrefs.UseSalesCustom1', Type: 'BooleanType', BooleanValue: true }],
        },
      ],
      CustomTxnNumbers: true,
      AllowDeposit: true,
      AllowDiscount: true,
      AllowEstimates: true,
      AllowShipping: false,
    },
    VendorAndPurchasesPrefs: { TrackingByCustomer: true, BillableExpenseTracking: true },
    TimeTrackingPrefs: {
      UseServices: true,
      BillCustomers: true,
      ShowBillRateToAll: false,
      WorkWeekStartDate: 'Monday',
    },
    TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: false },
    CurrencyPrefs: { MultiCurrencyEnabled: true, HomeCurrency: { value: facts.baseCurrency } },
    ReportPrefs: { ReportBasis: 'Accrual', CalcAgingReportFromTxnDate: false },
    EmailMessagesPrefs: {},
    OtherPrefs: { NameValue: [{ Name: 'SalesFormsPrefs.DefaultTerms', Value: '3' }] },
  });
}
