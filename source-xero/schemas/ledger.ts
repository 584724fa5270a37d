// Records of the general ledger: accounts, journals, budgets and rows of reports.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import {
  amount,
  code,
  currency,
  day,
  flag,
  guid,
  instant,
  label,
  note,
  object,
  record,
  reference,
  rows,
  status,
  text,
  updated,
  url,
  whole,
} from './fields.ts';
import { extras, lineAmountTypes, tracking } from './parts.ts';

export const account = record('AccountID', {
  AccountID: guid(),
  Code: code('Bank accounts may have none'),
  Name: label(),
  Type: text('BANK, CURRENT, EXPENSE, REVENUE, ...'),
  Class: text('ASSET, EQUITY, EXPENSE, LIABILITY or REVENUE'),
  Status: status('ACTIVE or ARCHIVED'),
  Description: note(),
  TaxType: reference('tax_rates'),
  BankAccountNumber: text('Bank accounts only'),
  BankAccountType: text('BANK, CREDITCARD, PAYPAL or NONE'),
  CurrencyCode: currency('Bank accounts only'),
  EnablePaymentsToAccount: flag(),
  ShowInExpenseClaims: flag(),
  AddToWatchlist: flag(),
  SystemAccount: text('DEBTORS, CREDITORS, GST, ... for accounts that Xero keeps itself'),
  ReportingCode: code(),
  ReportingCodeName: text(),
  CreatedDateUTC: instant(),
  UpdatedDateUTC: updated(),
  ...extras,
});

export const journal = record('JournalID', {
  JournalID: guid(),
  JournalNumber: whole('Ascending, with gaps'),
  JournalDate: day(),
  CreatedDateUTC: instant(),
  Reference: text(),
  SourceID: guid('The record it was posted from'),
  SourceType: text('What that record is: ACCREC, ACCPAY, CASHREC, MANJOURNAL, ...'),
  JournalLines: rows({
    JournalLineID: guid(),
    AccountID: reference('accounts'),
    AccountCode: code(),
    AccountType: text(),
    AccountName: label(),
    Description: note(),
    NetAmount: amount('Debit positive, base currency'),
    GrossAmount: amount('NetAmount with TaxAmount'),
    TaxAmount: amount(),
    TaxType: reference('tax_rates'),
    TaxName: text(),
    TrackingCategories: tracking(),
  }),
});

export const manualJournal = record('ManualJournalID', {
  ManualJournalID: guid(),
  Narration: label(),
  Date: day(),
  Status: status('DRAFT, POSTED or VOIDED'),
  LineAmountTypes: lineAmountTypes(),
  ShowOnCashBasisReports: flag(),
  Url: url(),
  JournalLines: rows({
    LineAmount: amount('Debit positive, base currency'),
    AccountCode: code(),
    AccountID: reference('accounts'),
    Description: note(),
    TaxType: reference('tax_rates'),
    TaxAmount: amount(),
    Tracking: tracking(),
    IsBlank: flag(),
  }),
  UpdatedDateUTC: updated(),
  ...extras,
});

export const budget = record('BudgetID', {
  BudgetID: guid(),
  Type: text('OVERALL or TRACKING'),
  Status: status(),
  Description: label(),
  Tracking: tracking('The tracking options it is for'),
  BudgetLines: rows({
    AccountID: reference('accounts'),
    AccountCode: code(),
    BudgetBalances: rows({
      Period: text('Month, YYYY-MM'),
      Amount: amount('Base currency'),
      UnitAmount: amount(),
      Notes: note(),
    }),
  }),
  UpdatedDateUTC: updated(),
});

/** Rows of one report; `columns` are its amounts, in the order of its cells. */
export const reportRow = (columns: readonly string[]): JsonSchema =>
  record('RowID', {
    RowID: text('The period, the section and the account or title of the row'),
    FromDate: day('First day the row covers; null where the report shows balances of a day'),
    ToDate: day('Last day the row covers'),
    Period: code('Month, YYYY-MM'),
    RowNumber: whole('Place in the report, from 1'),
    RowType: text('Row, or SummaryRow for a sum that the rows above it contain'),
    Section: label('Heading above the row'),
    Title: label('First cell of the row'),
    AccountID: reference('accounts'),
    ...Object.fromEntries(columns.map((column) => [column, amount('Base currency')])),
    Attributes: object({}, 'What Xero attaches to the first cell, by name'),
    ReportTitle: text(),
  });
