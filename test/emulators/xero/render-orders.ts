// Manual journals, quotes, purchase orders, repeating invoices, links, budgets and expense claims, as Xero draws them.
import type {
  Budget,
  ExpenseClaim,
  LinkedTransaction,
  ManualJournal,
  PurchaseOrder,
  Quote,
  Receipt,
  RepeatingInvoice,
} from '../../books/index.ts';
import { bareStamp, isoLocal, stamp } from './dates.ts';
import { list, money, object, six, text } from './json.ts';
import { AMOUNTS_ARE, type Look } from './look.ts';
import { contactStub, nestedContact } from './render-contacts.ts';
import { discountOf, linesJson, totalsJson, trackingJson } from './render-documents.ts';
import { userJson } from './render-reference.ts';

export function manualJournalJson(journal: ManualJournal, look: Look): string {
  const lines = list(journal.lines, (line) =>
    object({
      Description: text(line.description),
      TaxType: '"NONE"',
      TaxAmount: '0.00',
      LineAmount: money(line.amount),
      AccountCode: `"${line.account.code}"`,
      Tracking: trackingJson(line.tracking),
      AccountID: `"${line.account.id}"`,
      IsBlank: 'false',
    }),
  );
  return object({
    Date: stamp(journal.date, look),
    Status: `"${journal.status.toUpperCase()}"`,
    LineAmountTypes: '"NoTax"',
    UpdatedDateUTC: stamp(journal.updatedAt, look),
    ManualJournalID: `"${journal.id}"`,
    Narration: text(journal.narration),
    JournalLines: look.detail === 'brief' ? '[]' : lines,
    ShowOnCashBasisReports: String(journal.cashBasis),
    HasAttachments: 'false',
  });
}

/** Quotes write dates without offset and LineAmountTypes in capitals. */
export function quoteJson(quote: Quote, look: Look): string {
  return object({
    QuoteID: `"${quote.id}"`,
    QuoteNumber: text(quote.number),
    Reference: text(quote.reference),
    Terms: text(quote.terms),
    Contact: `{"ContactID":"${quote.contact.id}","Name":${text(quote.contact.name)}}`,
    LineItems: linesJson(quote.lines, look),
    Date: bareStamp(quote.date, look),
    DateString: `"${isoLocal(quote.date)}"`,
    ExpiryDate: bareStamp(quote.expiry, look),
    ExpiryDateString: `"${isoLocal(quote.expiry)}"`,
    Status: `"${quote.status.toUpperCase()}"`,
    CurrencyRate: six(quote.rate),
    CurrencyCode: `"${quote.currency}"`,
    ...totalsJson(quote),
    TotalDiscount: discountOf(quote.lines) ?? '0.00',
    Title: text(quote.title),
    Summary: text(quote.summary),
    BrandingThemeID: quote.theme ? `"${quote.theme.id}"` : undefined,
    UpdatedDateUTC: bareStamp(quote.updatedAt, look),
    LineAmountTypes: `"${AMOUNTS_ARE[quote.amounts].toUpperCase()}"`,
  });
}

export function purchaseOrderJson(order: PurchaseOrder, look: Look): string {
  return object({
    PurchaseOrderID: `"${order.id}"`,
    PurchaseOrderNumber: text(order.number),
    DateString: `"${isoLocal(order.date)}"`,
    Date: stamp(order.date, look),
    DeliveryDateString: `"${isoLocal(order.delivery)}"`,
    DeliveryDate: stamp(order.delivery, look),
    DeliveryAddress: text(order.deliverTo),
    AttentionTo: '"CEO"',
    Telephone: '"64 123-2222"',
    DeliveryInstructions: text(order.instructions),
    HasErrors: 'false',
    IsDiscounted: String(discountOf(order.lines) !== undefined),
    TotalDiscount: discountOf(order.lines),
    SentToContact: 'false',
    Reference: text(order.reference),
    Type: '"PURCHASEORDER"',
    CurrencyRate: six(order.rate),
    CurrencyCode: `"${order.currency}"`,
    Contact: nestedContact(order.contact, look),
    BrandingThemeID: order.theme ? `"${order.theme.id}"` : undefined,
    Status: `"${order.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[order.amounts]}"`,
    LineItems: linesJson(order.lines, look),
    ...totalsJson(order),
    UpdatedDateUTC: stamp(order.updatedAt, look),
    HasAttachments: 'false',
  });
}

export function repeatingInvoiceJson(repeating: RepeatingInvoice, look: Look): string {
  const id = `"${repeating.id}"`;
  return object({
    Schedule: object({
      Period: String(repeating.every.period),
      Unit: repeating.every.unit === 'week' ? '"WEEKLY"' : '"MONTHLY"',
      DueDate: '10',
      DueDateType: '"OFFOLLOWINGMONTH"',
      StartDate: stamp(repeating.start, look),
      EndDate: repeating.end === undefined ? undefined : stamp(repeating.end, look),
      NextScheduledDate: stamp(repeating.next, look),
    }),
    RepeatingInvoiceID: id,
    Type: repeating.side === 'receivable' ? '"ACCREC"' : '"ACCPAY"',
    Reference: text(repeating.reference),
    HasAttachments: 'false',
    ApprovedForSending: 'false',
    SendCopy: 'false',
    MarkAsSent: 'false',
    IncludePDF: 'false',
    ID: id,
    Contact: contactStub(repeating.contact),
    Status: `"${repeating.status.toUpperCase()}"`,
    LineAmountTypes: `"${AMOUNTS_ARE[repeating.amounts]}"`,
    LineItems: linesJson(repeating.lines, look),
    ...totalsJson(repeating),
    CurrencyCode: `"${repeating.currency}"`,
  });
}

/** A linked line is billed once its invoice is approved, on draft before, approved or draft with the bill otherwise. */
export function linkStatus({ source, target }: LinkedTransaction): string {
  if (source.status === 'voided' || source.status === 'deleted') return 'VOIDED';
  if (target) return target.status === 'draft' || target.status === 'submitted' ? 'ONDRAFT' : 'BILLED';
  return source.status === 'draft' || source.status === 'submitted' ? 'DRAFT' : 'APPROVED';
}

export function linkedTransactionJson(link: LinkedTransaction, look: Look): string {
  return object({
    LinkedTransactionID: `"${link.id}"`,
    SourceTransactionID: `"${link.source.id}"`,
    SourceLineItemID: `"${link.sourceLine.id}"`,
    ContactID: `"${link.contact.id}"`,
    TargetTransactionID: link.target ? `"${link.target.id}"` : undefined,
    TargetLineItemID: link.targetLine ? `"${link.targetLine.id}"` : undefined,
    Status: `"${linkStatus(link)}"`,
    Type: '"BILLABLEEXPENSE"',
    UpdatedDateUTC: stamp(link.updatedAt, look),
    SourceTransactionTypeCode: '"ACCPAY"',
  });
}

/** Lists show no lines. By id: ISO dates, periods as YYYY-MM, amounts as text. */
export function budgetJson(budget: Budget, look: Look): string {
  const id = `"${budget.id}"`;
  const type = budget.tracking.length > 0 ? '"TRACKING"' : '"OVERALL"';
  const shared = {
    BudgetID: id,
    Type: type,
    Description: text(budget.name),
    Tracking: trackingJson(budget.tracking),
  };
  if (!look.single)
    return object({
      ...shared,
      Status: '"APPROVED"',
      UpdatedDateUTC: stamp(budget.updatedAt, look),
      BudgetLines: '[]',
    });
  const { from, to } = look.months ?? firstMonths(budget);
  const lines = list(budget.lines, ({ account, months }) =>
    object({
      AccountID: `"${account.id}"`,
      AccountCode: `"${account.code}"`,
      BudgetBalances: list(
        months.filter(({ month }) => month >= from && month <= to),
        ({ month, amount }) =>
          `{"Period":"${isoLocal(month).slice(0, 7)}","Amount":"${money(amount)}","Notes":""}`,
      ),
    }),
  );
  const updated = `"${new Date(budget.updatedAt).toISOString().slice(0, 22)}"`;
  return object({ ...shared, UpdatedDateUTC: updated, BudgetLines: lines });
}

/** Three months are shown when the query names none. */
function firstMonths(budget: Budget): { from: number; to: number } {
  const months = budget.lines[0]?.months ?? [];
  return { from: months[0]?.month ?? 0, to: months[2]?.month ?? 0 };
}

export function receiptJson(receipt: Receipt, look: Look): string {
  return object({
    ReceiptID: `"${receipt.id}"`,
    ReceiptNumber: String(receipt.number),
    Status: `"${receipt.status.toUpperCase()}"`,
    User: userJson(receipt.user, look),
    Contact: contactStub(receipt.contact),
    Date: stamp(receipt.date, look),
    UpdatedDateUTC: stamp(receipt.updatedAt, look),
    Reference: '""',
    LineAmountTypes: '"Inclusive"',
    LineItems: look.single ? linesJson(receipt.lines, look) : '[]',
    ...totalsJson(receipt),
    ID: `"${receipt.id}"`,
    HasAttachments: 'false',
  });
}

export function expenseClaimJson(claim: ExpenseClaim, look: Look): string {
  return object({
    ExpenseClaimID: `"${claim.id}"`,
    Status: `"${claim.status.toUpperCase()}"`,
    UpdatedDateUTC: stamp(claim.updatedAt, look),
    User: userJson(claim.user, look),
    Receipts: look.single ? list(claim.receipts, (one) => receiptJson(one, look)) : '[]',
    Payments: '[]',
    Total: money(claim.total),
    AmountDue: money(claim.status === 'authorised' ? claim.total : 0),
    AmountPaid: '0.00',
    ReportingDate: stamp(claim.date, look),
  });
}
