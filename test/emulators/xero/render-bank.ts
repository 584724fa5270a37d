// Payments, batches, bank transactions, transfers, prepayments and overpayments, as Xero draws them.
import type {
  Account,
  BankCredit,
  BankTransaction,
  BankTransfer,
  BatchPayment,
  Payment,
} from '../../books/index.ts';
import { isoLocal, isoSeconds, stamp } from './dates.ts';
import { list, money, object, six, text } from './json.ts';
import { AMOUNTS_ARE, BANK_TYPE, type Look } from './look.ts';
import { contactStub, nestedContact } from './render-contacts.ts';
import {
  allocationsJson,
  appliedOf,
  creditNoteJson,
  invoiceJson,
  invoiceStub,
  linesJson,
  paymentStub,
  totalsJson,
  trackingJson,
} from './render-documents.ts';

const PAYMENT_TYPE: Readonly<Record<Payment['target']['kind'], string>> = {
  invoice: 'ACCRECPAYMENT',
  bill: 'ACCPAYPAYMENT',
  salesCredit: 'ARCREDITPAYMENT',
  purchaseCredit: 'APCREDITPAYMENT',
  customerOverpayment: 'AROVERPAYMENTPAYMENT',
  supplierOverpayment: 'APOVERPAYMENTPAYMENT',
  customerPrepayment: 'ARPREPAYMENTPAYMENT',
  supplierPrepayment: 'APPREPAYMENTPAYMENT',
};

export const paymentType = (payment: Payment): string => PAYMENT_TYPE[payment.target.kind];

export function paymentJson(payment: Payment, look: Look): string {
  return object({
    PaymentID: `"${payment.id}"`,
    BatchPaymentID: payment.batch ? `"${payment.batch.id}"` : undefined,
    BatchPayment: payment.batch ? batchInPayment(payment.batch, look) : undefined,
    Date: stamp(payment.date, look),
    BankAmount: money(payment.bankAmount),
    Amount: money(payment.amount),
    Reference: payment.reference === '' ? undefined : text(payment.reference),
    CurrencyRate: six(payment.rate),
    PaymentType: `"${paymentType(payment)}"`,
    Status: `"${payment.status.toUpperCase()}"`,
    UpdatedDateUTC: stamp(payment.updatedAt, look),
    UpdatedDateUTCString: `"${isoSeconds(payment.updatedAt)}"`,
    HasAccount: 'true',
    IsReconciled: String(payment.reconciled),
    Account: object({
      AccountID: `"${payment.account.id}"`,
      Code: `"${payment.account.code}"`,
      Name: look.single ? text(payment.account.name) : undefined,
    }),
    ...targetJson(payment, look),
    HasValidationErrors: 'false',
  });
}

/** TotalAmount and IsReconciled are text here, and only here. */
function batchInPayment(batch: BatchPayment, look: Look): string {
  return object({
    Account: `{"AccountID":"${batch.account.id}"}`,
    BatchPaymentID: `"${batch.id}"`,
    Date: stamp(batch.date, look),
    Type: batch.side === 'payable' ? '"PAYBATCH"' : '"RECBATCH"',
    Status: `"${batch.status.toUpperCase()}"`,
    TotalAmount: `"${money(batch.total)}"`,
    UpdatedDateUTC: stamp(batch.updatedAt, look),
    IsReconciled: `"${batch.reconciled}"`,
  });
}

function targetJson({ target }: Payment, look: Look): Record<string, string> {
  if (!('dueDate' in target)) return creditStub(target);
  if (target.kind === 'invoice' || target.kind === 'bill')
    return { Invoice: look.single ? invoiceJson(target, { ...look, single: false }) : invoiceStub(target) };
  if (look.single) return { CreditNote: creditNoteJson(target, { ...look, single: false }) };
  const id = `"${target.id}"`;
  const stub = { CreditNoteID: id, CreditNoteNumber: text(target.number), ID: id, HasErrors: 'false' };
  return { CreditNote: object({ ...stub, Contact: contactStub(target.contact), LineItems: '[]' }) };
}

function creditStub(credit: BankCredit): Record<string, string> {
  const name = credit.kind.endsWith('Prepayment') ? 'Prepayment' : 'Overpayment';
  return {
    [name]: object({
      [`${name}ID`]: `"${credit.id}"`,
      Contact: contactStub(credit.contact),
      LineItems: '[]',
    }),
  };
}

export function batchJson(batch: BatchPayment, look: Look): string {
  return object({
    Account: `{"AccountID":"${batch.account.id}","CurrencyCode":"${batch.account.currency}"}`,
    Reference: text(batch.reference),
    BatchPaymentID: `"${batch.id}"`,
    DateString: `"${isoLocal(batch.date)}"`,
    Date: stamp(batch.date, look),
    Payments: list(batch.payments, (one) =>
      object({
        Invoice: object({
          InvoiceID: `"${one.target.id}"`,
          CurrencyCode: `"${one.target.currency}"`,
          LineItems: '[]',
        }),
        PaymentID: `"${one.id}"`,
        Amount: money(one.amount),
        BankAmount: money(one.bankAmount),
      }),
    ),
    Type: batch.side === 'payable' ? '"PAYBATCH"' : '"RECBATCH"',
    Status: `"${batch.status.toUpperCase()}"`,
    TotalAmount: money(batch.total),
    UpdatedDateUTC: stamp(batch.updatedAt, look),
    IsReconciled: String(batch.reconciled),
  });
}

const accountStub = (account: Account): string =>
  `{"AccountID":"${account.id}","Code":"${account.code}","Name":${text(account.name)}}`;

export function bankTransactionJson(transaction: BankTransaction, look: Look): string {
  return object({
    BankTransactionID: `"${transaction.id}"`,
    BankAccount: accountStub(transaction.account),
    Type: `"${BANK_TYPE[transaction.kind]}"`,
    Reference: transaction.reference === '' ? undefined : text(transaction.reference),
    IsReconciled: String(transaction.reconciled),
    CurrencyRate: six(transaction.rate),
    PrepaymentID: transaction.kind.endsWith('Prepayment') ? `"${transaction.id}"` : undefined,
    OverpaymentID: transaction.kind.endsWith('Overpayment') ? `"${transaction.id}"` : undefined,
    HasAttachments: 'false',
    Contact: transaction.contact ? nestedContact(transaction.contact, look) : undefined,
    DateString: `"${isoLocal(transaction.date)}"`,
    Date: stamp(transaction.date, look),
    // A prepayment that is used up is "PAID" as a prepayment, but stays authorised in the bank register.
    Status: `"${transaction.status === 'paid' ? 'AUTHORISED' : transaction.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[transaction.amounts]}"`,
    LineItems: linesJson(transaction.lines, look),
    ...totalsJson(transaction),
    UpdatedDateUTC: stamp(transaction.updatedAt, look),
    CurrencyCode: `"${transaction.currency}"`,
  });
}

/** The one document date with a time of day: transfers show when in the day they were made. */
export const transferInstant = (transfer: BankTransfer): number => transfer.date + 76_200_000;

export function bankTransferJson(transfer: BankTransfer, look: Look): string {
  return object({
    BankTransferID: `"${transfer.id}"`,
    CreatedDateUTCString: `"${isoLocal(transfer.createdAt)}"`,
    CreatedDateUTC: stamp(transfer.createdAt, look),
    DateString: `"${isoLocal(transferInstant(transfer))}"`,
    Date: stamp(transferInstant(transfer), look),
    Status: `"${transfer.status.toUpperCase()}"`,
    FromBankAccount: accountStub(transfer.from),
    ToBankAccount: accountStub(transfer.to),
    Amount: money(transfer.amount),
    CurrencyRate: '1.000000',
    FromBankTransactionID: `"${transfer.out.id}"`,
    ToBankTransactionID: `"${transfer.in.id}"`,
    FromIsReconciled: String(transfer.out.reconciled),
    ToIsReconciled: String(transfer.in.reconciled),
    Reference: text(transfer.reference),
    HasAttachments: 'false',
    FromTracking: trackingJson(transfer.tracking),
    ToTracking: trackingJson(transfer.tracking),
  });
}

/** A prepayment or overpayment as a credit of its own. */
export function bankCreditJson(credit: BankCredit, look: Look): string {
  const prepayment = credit.kind.endsWith('Prepayment');
  return object({
    [prepayment ? 'PrepaymentID' : 'OverpaymentID']: `"${credit.id}"`,
    ID: `"${credit.id}"`,
    CurrencyRate: six(credit.rate),
    Type: `"${BANK_TYPE[credit.kind]}"`,
    Reference: text(credit.reference),
    InvoiceNumber: prepayment ? text(credit.invoiceNumber) : undefined,
    RemainingCredit: money(credit.status === 'voided' ? 0 : credit.open),
    AppliedAmount: credit.allocations.length > 0 ? money(appliedOf(credit.allocations)) : undefined,
    Allocations: allocationsJson(credit.allocations, look),
    Payments: list(credit.payments, (one) => paymentStub(one, look)),
    HasAttachments: 'false',
    Contact: nestedContact(credit.contact, look),
    DateString: `"${isoLocal(credit.date)}"`,
    Date: stamp(credit.date, look),
    Status: `"${credit.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[credit.amounts]}"`,
    LineItems: linesJson(credit.lines, look),
    ...totalsJson(credit),
    UpdatedDateUTC: stamp(credit.updatedAt, look),
    UpdatedDateUTCString: `"${isoSeconds(credit.updatedAt)}"`,
    CurrencyCode: `"${credit.currency}"`,
  });
}
