// Parts that several kinds of record share: contacts in brief, lines, tracking, addresses.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import {
  amount,
  code,
  currency,
  day,
  decimal,
  flag,
  guid,
  label,
  list,
  note,
  object,
  percent,
  quantity,
  rate,
  reference,
  rows,
  status,
  text,
  unitPrice,
} from './fields.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

/** What documents show of their contact; the contacts stream has the rest. */
export const contact = (): JsonSchema =>
  object({ ContactID: reference('contacts'), Name: label(), ContactNumber: text() });

/** What payments and bank records show of an account. */
export const account = (description?: string): JsonSchema =>
  object({ AccountID: reference('accounts'), Code: code(), Name: label() }, description);

export const tracking = (description = 'Up to two tracking options of the line'): JsonSchema =>
  rows(
    {
      TrackingCategoryID: reference('tracking_categories'),
      TrackingOptionID: reference('tracking_options'),
      Name: label('Name of the category'),
      Option: label('Name of the option'),
    },
    description,
  );

export const lineItems = (): JsonSchema =>
  rows({
    LineItemID: guid(),
    Description: note('May be the only field: a line of text'),
    Quantity: quantity(),
    UnitAmount: unitPrice(),
    ItemCode: code(),
    Item: object({ ItemID: reference('items'), Code: code(), Name: label() }),
    AccountCode: code(),
    AccountID: reference('accounts'),
    TaxType: reference('tax_rates'),
    TaxAmount: amount(),
    LineAmount: amount('With tax inside when LineAmountTypes is Inclusive'),
    DiscountRate: percent(),
    DiscountAmount: amount(),
    Tracking: tracking(),
    RepeatingInvoiceID: guid(),
    Taxability: text(),
    SalesTaxCodeId: decimal(),
    TaxBreakdown: list('US sales tax by jurisdiction'),
  });

export const lineAmountTypes = (): JsonSchema =>
  text('Whether line amounts are without tax (Exclusive), with tax (Inclusive) or untaxed (NoTax)');

/** The sums every document has, in its own currency. */
export const totals: Properties = {
  SubTotal: amount('Without tax'),
  TotalTax: amount(),
  Total: amount('With tax'),
  CurrencyCode: currency(),
  CurrencyRate: rate('Units of the document currency for one of the base currency'),
};

/** A document inside another record: enough to recognise it. */
export const invoiceInBrief = (stream?: string): JsonSchema =>
  object({
    InvoiceID: stream ? reference(stream) : guid('Of invoices or of bills, as Type says'),
    InvoiceNumber: label(),
    Type: text('ACCREC: invoices, ACCPAY: bills'),
    CurrencyCode: currency(),
  });

export const paymentsInBrief = (): JsonSchema =>
  rows({
    PaymentID: guid('Of the stream payments'),
    Date: day(),
    Amount: amount(),
    Reference: text(),
    CurrencyRate: rate(),
  });

export const creditsInBrief = (key: string, description?: string): JsonSchema =>
  rows(
    { [key]: guid(), Date: day(), Total: amount(), AppliedAmount: amount('Of this document') },
    description,
  );

export const allocations = (stream?: string): JsonSchema =>
  rows({
    AllocationID: guid(),
    Amount: amount(),
    Date: day(),
    IsDeleted: flag(),
    Invoice: invoiceInBrief(stream),
  });

export const addresses = (): JsonSchema =>
  rows({
    AddressType: text('POBOX, STREET or, for organisations, DELIVERY'),
    AddressLine1: text(),
    AddressLine2: text(),
    AddressLine3: text(),
    AddressLine4: text(),
    City: text(),
    Region: text(),
    PostalCode: text(),
    Country: text(),
    AttentionTo: text(),
  });

export const phones = (): JsonSchema =>
  rows({
    PhoneType: text('DEFAULT, DDI, MOBILE, FAX or OFFICE'),
    PhoneNumber: text(),
    PhoneAreaCode: text(),
    PhoneCountryCode: text(),
  });

/** What Xero adds to records of any kind; seldom filled when reading. */
export const extras: Properties = {
  HasAttachments: flag(),
  HasErrors: flag(),
  HasValidationErrors: flag(),
  StatusAttributeString: text(),
  Attachments: list(),
  ValidationErrors: list(),
  Warnings: list(),
};

export const documentStatus = (): JsonSchema =>
  status('DRAFT, SUBMITTED, AUTHORISED, PAID or VOIDED; deleted documents arrive as deletions');
