// Where Xero's answers differ from xero_accounting.yaml 16.1.0, and who says so.
import type { Difference } from './findings.ts';

const batchInPayment = {
  on: ['/Payments', '/Payments/{PaymentID}'],
  why: 'The batch inside a payment has its values as text',
  source: 'its examples',
} as const;

/** Fields that answers have and the schemas leave out. */
const undeclared: readonly Omit<Difference, 'problem'>[] = [
  {
    places: [
      'BankTransaction.DateString',
      'BankTransfer.DateString',
      'BankTransfer.CreatedDateUTCString',
      'CreditNote.DateString',
      'HistoryRecord.DateUTCString',
      'Invoice.DateString',
      'Invoice.DueDateString',
      'Overpayment.DateString',
      'Prepayment.DateString',
      'PurchaseOrder.DateString',
      'PurchaseOrder.DeliveryDateString',
    ],
    why: 'Dates come twice, the second time as ISO text',
    source: 'its examples',
  },
  {
    places: ['CreditNote.DueDateString'],
    why: 'Dates come twice, the second time as ISO text',
    source: 'https://github.com/singer-io/tap-xero/issues/33',
  },
  {
    places: ['CreditNote.ID', 'Overpayment.ID', 'Prepayment.ID', 'Receipt.ID'],
    why: 'Some records show their id under a second name',
    source: 'its examples',
  },
  {
    places: [
      'ContactGroup.HasValidationErrors',
      'LineItem.ValidationErrors',
      'PurchaseOrder.HasErrors',
      'TrackingOption.HasValidationErrors',
    ],
    why: 'What is meant for writing shows in reading too',
    source: 'its examples',
  },
  {
    places: ['TrackingOption.IsActive', 'TrackingOption.IsArchived', 'TrackingOption.IsDeleted'],
    why: 'The status of an option comes in four ways',
    source: 'its examples',
  },
  {
    places: ['Budget.Status', 'PurchaseOrder.IsDiscounted', 'PurchaseOrder.Type', 'Report.Fields'],
    why: 'Left out of the schema',
    source: 'its examples',
  },
  {
    places: ['Invoice.InvoicePaymentServices'],
    why: 'Left out of the schema, seen in every invoice',
    source: 'https://github.com/airbytehq/airbyte/issues/24563',
  },
  {
    places: ['Account.CreatedDateUTC'],
    why: 'New in version 20.0.0 of the document',
    source: 'https://github.com/XeroAPI/Xero-OpenAPI/releases/tag/20.0.0',
  },
];

export const answerDifferences: readonly Difference[] = [
  {
    on: ['/Budgets/{BudgetID}'],
    places: ['Budgets.Budgets'],
    problem: 'object instead of array',
    why: 'A budget by its id is no list of one',
    source: 'its examples',
  },
  { ...batchInPayment, places: ['BatchPayment.TotalAmount'], problem: 'string instead of number' },
  { ...batchInPayment, places: ['BatchPayment.IsReconciled'], problem: 'string instead of boolean' },
  {
    on: ['/Receipts', '/Receipts/{ReceiptID}', '/ExpenseClaims/{ExpenseClaimID}'],
    places: ['Receipt.ReceiptNumber'],
    problem: 'number instead of string',
    why: 'Receipts are counted from 1',
    source: 'its examples',
  },
  ...undeclared.map((one) => ({ ...one, problem: 'undeclared' })),
];

/** Where the source's requests, and the lists they name, differ from the documents. */
export const requestDifferences: readonly Difference[] = [
  {
    places: ['header If-Modified-Since'],
    problem: 'no date-time',
    why: 'The header has no zone and is UTC: yyyy-mm-ddThh:mm:ss',
    source: 'https://developer.xero.com/documentation/api/accounting/requests-and-responses',
  },
  {
    on: ['/Quotes'],
    places: ['query pageSize'],
    problem: 'undeclared',
    why: 'Documented for all endpoints with pages; where it is ignored, pages have 100 rows, which the source expects too',
    source: 'https://developer.xero.com/documentation/api/efficient-data-retrieval',
  },
  {
    on: ['/Prepayments/{PrepaymentID}', '/Overpayments/{OverpaymentID}'],
    places: ['query unitdp'],
    problem: 'undeclared',
    why: 'Declared for their lists; ignored where it is unknown, and else a record by its id has the prices of the list',
    source: 'https://developer.xero.com/documentation/api/accounting/requests-and-responses',
  },
];

/** Where the identity service and the list of connections differ from xero-identity.yaml 16.1.0. */
export const identityDifferences: readonly Difference[] = [
  {
    on: ['/Connections'],
    places: ['request'],
    problem: 'path in lower case',
    why: 'The path is lower case in every guide and client',
    source: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow',
  },
  {
    places: ['Connection.createdDateUtc', 'Connection.updatedDateUtc'],
    problem: 'no date-time',
    why: 'UTC without a zone, with seven places of a second',
    source: 'its examples',
  },
  {
    places: ['AccessToken.scope'],
    problem: 'undeclared',
    why: 'Every OAuth server may say what it granted',
    source: 'RFC 6749, section 5.1',
  },
];

const category = 'WebhookEvent.events[].eventCategory';

/** Where webhooks differ from xero-webhooks.yaml 16.1.0. */
export const webhookDifferences: readonly Difference[] = [
  {
    places: ['WebhookEvent.events[].eventDateUtc'],
    problem: 'no date-time',
    why: 'UTC without a zone, as in the bodies shown',
    source: 'its examples',
  },
  {
    places: ['WebhookEvent.firstEventSequence', 'WebhookEvent.lastEventSequence'],
    problem: 'minimum 1',
    why: 'The bodies that check a receiver hold no event and count from 0',
    source: 'https://developer.xero.com/documentation/webhooks/configuring-your-server',
  },
  ...['PREPAYMENT', 'OVERPAYMENT'].map((name) => ({
    places: [category],
    problem: `"${name}" is not among its values`,
    why: 'A category added after this version of the document',
    source: 'https://developer.xero.com/changelog' as const,
  })),
  {
    places: [category],
    problem: '"PAYMENT" is not among its values',
    why: 'Version 20.0.0 of the document has a webhook for payments',
    source: 'https://github.com/XeroAPI/Xero-OpenAPI/releases/tag/20.0.0',
  },
];
