// Invoices, bills and credit notes with their lines, payments and allocations, as Xero draws them.
import type { Allocation, Document, Line, Payment, TrackingOption } from '../../books/index.ts';
import { isoLocal, isoSeconds, stamp } from './dates.ts';
import { four, list, money, object, six, text, unitPrice } from './json.ts';
import { AMOUNTS_ARE, DOCUMENT_TYPE, type Look } from './look.ts';
import { contactStub, nestedContact } from './render-contacts.ts';

export function invoiceJson(invoice: Document, look: Look): string {
  const summary = look.detail === 'summary';
  return object({
    Type: `"${DOCUMENT_TYPE[invoice.kind]}"`,
    InvoiceID: `"${invoice.id}"`,
    InvoiceNumber: text(invoice.number),
    Reference: text(invoice.reference),
    Payments: summary ? undefined : list(invoice.payments, (one) => paymentStub(one, look)),
    ...(summary ? {} : creditsOn(invoice, look)),
    AmountDue: money(invoice.status === 'voided' || invoice.status === 'deleted' ? 0 : invoice.open),
    AmountPaid: money(invoice.paid),
    AmountCredited: money(invoice.credited),
    SentToContact: invoice.kind === 'invoice' ? String(invoice.sent) : undefined,
    CurrencyRate: six(invoice.rate),
    TotalDiscount: discountOf(invoice.lines),
    HasErrors: 'false',
    IsDiscounted: String(isDiscounted(invoice.lines)),
    HasAttachments: summary ? undefined : String(invoice.attachments),
    RepeatingInvoiceID: invoice.repeating ? `"${invoice.repeating.id}"` : undefined,
    BrandingThemeID: invoice.theme ? `"${invoice.theme.id}"` : undefined,
    InvoicePaymentServices: '[]',
    Contact: nestedContact(invoice.contact, look),
    DateString: `"${isoLocal(invoice.date)}"`,
    Date: stamp(invoice.date, look),
    DueDateString: `"${isoLocal(invoice.dueDate)}"`,
    DueDate: stamp(invoice.dueDate, look),
    Status: `"${invoice.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[invoice.amounts]}"`,
    LineItems: summary ? undefined : linesJson(invoice.lines, look),
    ...totalsJson(invoice),
    UpdatedDateUTC: stamp(invoice.updatedAt, look),
    UpdatedDateUTCString: `"${isoSeconds(invoice.updatedAt)}"`,
    CurrencyCode: `"${invoice.currency}"`,
    FullyPaidOnDate: invoice.paidOn === undefined ? undefined : stamp(invoice.paidOn, look),
  });
}

export function creditNoteJson(note: Document, look: Look): string {
  return object({
    CreditNoteID: `"${note.id}"`,
    CreditNoteNumber: text(note.number),
    Payments: list(note.payments, (one) => paymentStub(one, look)),
    ID: `"${note.id}"`,
    HasErrors: 'false',
    CurrencyRate: six(note.rate),
    Type: `"${DOCUMENT_TYPE[note.kind]}"`,
    Reference: text(note.reference),
    SentToContact: note.kind === 'salesCredit' ? String(note.sent) : undefined,
    RemainingCredit: money(note.status === 'voided' || note.status === 'deleted' ? 0 : note.open),
    AppliedAmount: note.allocations.length > 0 ? money(appliedOf(note.allocations)) : undefined,
    Allocations: allocationsJson(note.allocations, look),
    HasAttachments: String(note.attachments),
    BrandingThemeID: note.theme ? `"${note.theme.id}"` : undefined,
    Contact: nestedContact(note.contact, look),
    DateString: `"${isoLocal(note.date)}"`,
    Date: stamp(note.date, look),
    DueDateString: `"${isoLocal(note.dueDate)}"`,
    DueDate: stamp(note.dueDate, look),
    Status: `"${note.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[note.amounts]}"`,
    LineItems: linesJson(note.lines, look),
    ...totalsJson(note),
    UpdatedDateUTC: stamp(note.updatedAt, look),
    UpdatedDateUTCString: `"${isoSeconds(note.updatedAt)}"`,
    CurrencyCode: `"${note.currency}"`,
    FullyPaidOnDate: note.paidOn === undefined ? undefined : stamp(note.paidOn, look),
  });
}

/** Lines, or an empty list where the reply is an unpaged one. */
export function linesJson(lines: readonly Line[], look: Look): string {
  return look.detail === 'brief' ? '[]' : list(lines, (line) => lineJson(line, look));
}

export function lineJson(line: Line, look: Look): string {
  return object({
    ItemCode: line.item ? text(line.item.code) : undefined,
    Description: text(line.description),
    UnitAmount: unitPrice(line.unitPrice, look.unitPlaces),
    TaxType: `"${line.taxRate.code}"`,
    TaxAmount: money(line.tax),
    LineAmount: money(line.amount),
    AccountCode: `"${line.account.code}"`,
    Item: line.item
      ? `{"ItemID":"${line.item.id}","Name":${text(line.item.name)},"Code":${text(line.item.code)}}`
      : undefined,
    Tracking: trackingJson(line.tracking),
    Quantity: four(line.quantity),
    DiscountRate: line.discount > 0 ? `${line.discount}.00` : undefined,
    LineItemID: `"${line.id}"`,
    AccountID: `"${line.account.id}"`,
    ValidationErrors: '[]',
  });
}

export function trackingJson(tracking: readonly TrackingOption[]): string {
  return list(
    tracking,
    (one) =>
      `{"Name":${text(one.category.name)},"Option":${text(one.name)},"TrackingCategoryID":"${one.category.id}","TrackingOptionID":"${one.id}"}`,
  );
}

/** SubTotal, TotalTax and Total. */
export function totalsJson({ net, tax, total }: { net: number; tax: number; total: number }) {
  return { SubTotal: money(net), TotalTax: money(tax), Total: money(total) };
}

/** What an allocation or a payment says of the invoice it settles: a stub, never a full record. */
export function invoiceStub(invoice: Document): string {
  return object({
    Type: `"${DOCUMENT_TYPE[invoice.kind]}"`,
    InvoiceID: `"${invoice.id}"`,
    InvoiceNumber: text(invoice.number),
    Payments: '[]',
    CreditNotes: '[]',
    Prepayments: '[]',
    Overpayments: '[]',
    IsDiscounted: 'false',
    HasErrors: 'false',
    Contact: contactStub(invoice.contact),
    LineItems: '[]',
    CurrencyCode: `"${invoice.currency}"`,
  });
}

export function allocationsJson(allocations: readonly Allocation[], look: Look): string {
  return list(allocations, (one) =>
    object({
      AllocationID: `"${one.id}"`,
      Amount: money(one.amount),
      Date: stamp(one.date, look),
      Invoice: invoiceStub(one.document),
      IsDeleted: 'false',
    }),
  );
}

export const appliedOf = (allocations: readonly Allocation[]): number =>
  allocations.reduce((sum, one) => sum + one.amount, 0);

export function paymentStub(payment: Payment, look: Look): string {
  return object({
    PaymentID: `"${payment.id}"`,
    Date: stamp(payment.date, look),
    Amount: money(payment.amount),
    Reference: payment.reference === '' ? undefined : text(payment.reference),
    CurrencyRate: six(payment.rate),
    HasAccount: 'false',
    HasValidationErrors: 'false',
  });
}

/** Credit notes, prepayments and overpayments set off against an invoice, each under its own name. */
function creditsOn(invoice: Document, look: Look): Record<string, string> {
  const of = (name: 'CreditNote' | 'Prepayment' | 'Overpayment'): string =>
    list(
      invoice.allocations.filter((one) => creditName(one) === name),
      ({ credit, amount, date }) =>
        object({
          [`${name}ID`]: `"${credit.id}"`,
          CreditNoteNumber: 'number' in credit ? text(credit.number) : undefined,
          ID: `"${credit.id}"`,
          HasErrors: name === 'CreditNote' ? 'false' : undefined,
          AppliedAmount: money(amount),
          DateString: `"${isoLocal(date)}"`,
          Date: stamp(date, look),
          LineItems: '[]',
          Total: money(credit.total),
        }),
    );
  if (invoice.allocations.length === 0) return { CreditNotes: '[]', Prepayments: '[]', Overpayments: '[]' };
  return { CreditNotes: of('CreditNote'), Prepayments: of('Prepayment'), Overpayments: of('Overpayment') };
}

function creditName({ credit }: Allocation): 'CreditNote' | 'Prepayment' | 'Overpayment' {
  if ('dueDate' in credit) return 'CreditNote';
  return credit.kind.endsWith('Prepayment') ? 'Prepayment' : 'Overpayment';
}

const isDiscounted = (lines: readonly Line[]): boolean => lines.some((line) => line.discount > 0);

/** The discount in all lines together, where there is one. */
export function discountOf(lines: readonly Line[]): string | undefined {
  if (!isDiscounted(lines)) return undefined;
  const before = (line: Line): number => Math.round((line.quantity * line.unitPrice) / 1_000_000);
  return money(lines.reduce((sum, line) => sum + (line.discount > 0 ? before(line) - line.amount : 0), 0));
}
