// Parts that several kinds of record share: addresses, lines, tax, links, custom fields.
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
  type Properties,
  percent,
  quantity,
  rate,
  ref,
  rows,
  status,
  text,
  unitPrice,
  whole,
} from './fields.ts';

export const address = (description?: string): JsonSchema =>
  object(
    {
      Id: id(),
      Line1: text(),
      Line2: text(),
      Line3: text(),
      Line4: text(),
      Line5: text(),
      City: text(),
      Country: text(),
      CountryCode: text(),
      CountrySubDivisionCode: text(),
      PostalCode: text(),
      Lat: text('Latitude; "INVALID" occurs'),
      Long: text(),
    },
    description,
  );

export const phone = (): JsonSchema => object({ FreeFormNumber: text() });
export const email = (): JsonSchema => object({ Address: text() });
export const webAddress = (): JsonSchema => object({ URI: text() });

/** What people and companies are called and where they are reached. */
export const names: Properties = {
  DisplayName: label('Unique among customers, vendors and employees'),
  Title: text(),
  GivenName: text(),
  MiddleName: text(),
  FamilyName: text(),
  Suffix: text(),
  CompanyName: text(),
  PrintOnCheckName: text(),
  Active: flag('Lists keep what was removed, as inactive'),
  PrimaryPhone: phone(),
  AlternatePhone: phone(),
  Mobile: phone(),
  Fax: phone(),
  PrimaryEmailAddr: email(),
  WebAddr: webAddress(),
  V4IDPseudonym: text(),
};

export const linkedTxn = (): JsonSchema =>
  rows({
    TxnId: id('Of the stream that TxnType says'),
    TxnType: text('Invoice, Payment, CreditMemo, Bill, BillPaymentCheck, BillPaymentCreditCard, ...'),
    TxnLineId: id(),
  });

const customFields = (): JsonSchema =>
  rows({
    DefinitionId: id(),
    Name: label(),
    Type: text(),
    StringValue: text(),
    NumberValue: quantity(),
    DateValue: day(),
    BooleanValue: flag(),
  });

const taxDetail = (): JsonSchema =>
  object({
    TxnTaxCodeRef: ref('tax_codes'),
    TotalTax: amount(),
    TaxLine: rows({
      Amount: amount(),
      DetailType: text(),
      TaxLineDetail: object({
        TaxRateRef: ref('tax_rates'),
        PercentBased: flag(),
        TaxPercent: percent(),
        NetAmountTaxable: amount(),
      }),
    }),
  });

const markup = (): JsonSchema => object({ PercentBased: flag(), Percent: percent(), Value: amount() });

const salesItem = (): JsonSchema =>
  object({
    ItemRef: ref('items'),
    ItemAccountRef: ref('accounts'),
    ClassRef: ref('classes'),
    Qty: quantity(),
    UnitPrice: unitPrice(),
    RatePercent: percent(),
    TaxCodeRef: ref('tax_codes'),
    ServiceDate: day(),
    DiscountRate: percent(),
    DiscountAmt: amount(),
    MarkupInfo: markup(),
    TaxInclusiveAmt: amount(),
    DeferredRevenue: flag(),
    TaxClassificationRef: looseRef(),
  });

const purchased: Properties = {
  CustomerRef: ref('customers', 'Whom the cost is for'),
  ClassRef: ref('classes'),
  BillableStatus: text('Billable, NotBillable or HasBeenBilled'),
  TaxCodeRef: ref('tax_codes'),
  MarkupInfo: markup(),
};

const head: Properties = {
  Id: id('Of the line within its document; missing on computed lines and in payments'),
  LineNum: whole(),
  Description: note(),
  Amount: amount(),
  DetailType: text('Says which of the details is there'),
};
const tail: Properties = { LinkedTxn: linkedTxn(), CustomExtensions: list() };

const descriptionLine = object({ TaxCodeRef: ref('tax_codes'), ServiceDate: day() });

/** Lines of invoices, credit memos, receipts and estimates. A SubTotalLineDetail is computed: leave it out of sums. */
export const salesLines = (): JsonSchema =>
  rows({
    ...head,
    SalesItemLineDetail: salesItem(),
    GroupLineDetail: object({
      GroupItemRef: ref('items'),
      Quantity: quantity(),
      Line: rows({ ...head, SalesItemLineDetail: salesItem(), ...tail }, 'The lines of a bundle'),
    }),
    DescriptionLineDetail: descriptionLine,
    DiscountLineDetail: object({
      PercentBased: flag(),
      DiscountPercent: percent(),
      DiscountAccountRef: ref('accounts'),
      ClassRef: ref('classes'),
      TaxCodeRef: ref('tax_codes'),
    }),
    SubTotalLineDetail: object({ ItemRef: ref('items') }),
    ...tail,
  });

/** Lines of bills, purchases, purchase orders and vendor credits. */
export const purchaseLines = (): JsonSchema =>
  rows({
    ...head,
    ItemBasedExpenseLineDetail: object({
      ItemRef: ref('items'),
      Qty: quantity(),
      UnitPrice: unitPrice(),
      TaxInclusiveAmt: amount(),
      ...purchased,
    }),
    AccountBasedExpenseLineDetail: object({
      AccountRef: ref('accounts'),
      TaxAmount: amount(),
      TaxInclusiveAmt: amount(),
      ...purchased,
    }),
    ReimburseLineDetail: object({
      ItemRef: ref('items'),
      ItemAccountRef: ref('accounts'),
      Qty: quantity(),
      UnitPrice: unitPrice(),
      ...purchased,
    }),
    DescriptionLineDetail: descriptionLine,
    ...tail,
  });

export const journalLines = (): JsonSchema =>
  rows({
    ...head,
    JournalEntryLineDetail: object({
      PostingType: text('Debit or Credit'),
      AccountRef: ref('accounts'),
      Entity: object({ Type: text('Customer, Vendor or Employee'), EntityRef: looseRef() }),
      ClassRef: ref('classes'),
      DepartmentRef: ref('departments'),
      TaxCodeRef: ref('tax_codes'),
      TaxAmount: amount(),
      TaxApplicableOn: text(),
      BillableStatus: text(),
    }),
    DescriptionLineDetail: descriptionLine,
    ...tail,
  });

export const depositLines = (): JsonSchema =>
  rows({
    ...head,
    DepositLineDetail: object({
      AccountRef: ref('accounts'),
      Entity: looseRef('Customer, vendor or employee'),
      PaymentMethodRef: ref('payment_methods'),
      CheckNum: text(),
      ClassRef: ref('classes'),
      TaxCodeRef: ref('tax_codes'),
      TxnType: text(),
    }),
    ...tail,
  });

/** What a payment was for: the documents it settles. The lines have no Id. */
export const paymentLines = (): JsonSchema =>
  rows({
    Id: id(),
    LineNum: whole(),
    Amount: amount(),
    LinkedTxn: linkedTxn(),
    LineEx: object({}, 'Names and values of txnId, txnOpenBalance and txnReferenceNumber'),
  });

/** What every transaction carries. */
export const transaction: Properties = {
  DocNumber: label('Up to 21 characters; not unique'),
  TxnDate: day(),
  CurrencyRef: currencyRef(),
  ExchangeRate: rate('Home currency for one unit of the document currency'),
  PrivateNote: note('For the company alone; "Voided" marks void documents'),
  DepartmentRef: ref('departments'),
  LinkedTxn: linkedTxn(),
  TxnTaxDetail: taxDetail(),
  CustomField: customFields(),
  CustomExtensions: list(),
  TxnSource: text(),
  TransactionLocationType: text(),
  RecurDataRef: looseRef(),
  ProjectRef: ref('customers', 'Projects are customers'),
  GlobalTaxCalculation: text('TaxInclusive, TaxExcluded or NotApplicable'),
  TaxExemptionRef: looseRef(),
};

/** What documents for customers carry besides. */
export const sale: Properties = {
  ...transaction,
  CustomerRef: ref('customers'),
  CustomerMemo: object({ value: note() }),
  BillAddr: address(),
  ShipAddr: address(),
  ShipFromAddr: address(),
  ShipMethodRef: looseRef(),
  ShipDate: day(),
  TrackingNum: text(),
  FreeFormAddress: flag(),
  ClassRef: ref('classes'),
  ApplyTaxAfterDiscount: flag(),
  BillEmail: email(),
  BillEmailCc: email(),
  BillEmailBcc: email(),
  EmailStatus: status(),
  PrintStatus: status(),
  DeliveryInfo: object({ DeliveryType: text(), DeliveryTime: instant() }),
  TotalAmt: amount('With tax'),
  HomeTotalAmt: amount('Home currency'),
  Line: salesLines(),
};

/** What documents of vendors carry besides. */
export const purchase: Properties = {
  ...transaction,
  VendorRef: ref('vendors'),
  VendorAddr: address(),
  APAccountRef: ref('accounts'),
  TotalAmt: amount('With tax'),
  HomeTotalAmt: amount('Home currency'),
  Line: purchaseLines(),
};

export const cardPayment = (): JsonSchema =>
  object({
    CreditChargeInfo: object({ ProcessPayment: flag(), Amount: amount(), Type: text(), Number: text() }),
    CreditChargeResponse: object({ Status: status(), CCTransId: id(), AuthCode: code() }),
  });
