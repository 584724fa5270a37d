// GET /Journals: the ledger, oldest first, a hundred at a time after a number.
import { type Books, idOf, type Journal } from '../../books/index.ts';
import { stamp } from './dates.ts';
import { list, money, object, text } from './json.ts';
import { ACCOUNT_TYPE, type Look } from './look.ts';
import type { Query } from './query.ts';
import { trackingJson } from './render-documents.ts';
import type { XeroSwitches } from './switches.ts';

const PAGE = 100;

const SOURCE_TYPE: Readonly<Record<Journal['source']['kind'], string>> = {
  invoice: 'ACCREC',
  bill: 'ACCPAY',
  salesCredit: 'ACCRECCREDIT',
  purchaseCredit: 'ACCPAYCREDIT',
  payment: 'ACCRECPAYMENT',
  receipt: 'CASHREC',
  spending: 'CASHPAID',
  transferIn: 'TRANSFER',
  transferOut: 'TRANSFER',
  customerPrepayment: 'ARPREPAYMENT',
  supplierPrepayment: 'APPREPAYMENT',
  customerOverpayment: 'AROVERPAYMENT',
  supplierOverpayment: 'APOVERPAYMENT',
  manual: 'MANJOURNAL',
  claim: 'EXPCLAIM',
};

const PAYMENT_SOURCE: Readonly<Record<string, string>> = {
  invoice: 'ACCRECPAYMENT',
  bill: 'ACCPAYPAYMENT',
  salesCredit: 'ARCREDITPAYMENT',
  purchaseCredit: 'APCREDITPAYMENT',
  customerPrepayment: 'ARPREPAYMENT',
  supplierPrepayment: 'APPREPAYMENT',
  customerOverpayment: 'AROVERPAYMENT',
  supplierOverpayment: 'APOVERPAYMENT',
};

function sourceType({ source }: Journal): string {
  return source.kind === 'payment'
    ? (PAYMENT_SOURCE[source.record.target.kind] ?? 'ACCRECPAYMENT')
    : SOURCE_TYPE[source.kind];
}

/** Entries where money moved: the cash basis. */
export function isCash({ source }: Journal): boolean {
  return !['invoice', 'bill', 'salesCredit', 'purchaseCredit', 'claim'].includes(source.kind);
}

interface Numbered {
  readonly journal: Journal;
  readonly number: number;
}

/** Up to a hundred entries with a number above `offset`, created at or after If-Modified-Since where it is given. */
export function journalPage(
  books: Books,
  query: Query,
  { modifiedSince, switches }: { modifiedSince: number | undefined; switches: XeroSwitches },
): readonly Numbered[] {
  const offset = query.whole('offset', { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const boundary =
    switches.modifiedSince === 'inclusive' ? (modifiedSince ?? 0) : (modifiedSince ?? -1000) + 1000;
  const cash = query.isTrue('paymentsOnly');
  const own = cash && switches.paymentsOnlyNumbering === 'own';
  const found: Numbered[] = [];
  let counted = 0;
  for (
    let at = own ? 0 : firstAfter(books.journals, offset);
    at < books.journals.length && found.length < PAGE;
    at += 1
  ) {
    const journal = books.journals[at];
    if (!journal || (cash && !isCash(journal))) continue;
    counted += 1;
    const number = own ? counted : journal.number;
    if (number > offset && journal.createdAt >= boundary) found.push({ journal, number });
  }
  return found;
}

function firstAfter(journals: readonly Journal[], number: number): number {
  let [low, high] = [0, journals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((journals[middle]?.number ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An entry by its id or number. */
export function findJournal(books: Books, name: string): Journal | undefined {
  if (/^\d+$/.test(name)) return books.journals.find((one) => one.number === Number(name));
  return books.journals.find((one) => journalId(books, one) === name.toLowerCase());
}

const journalId = (books: Books, journal: Journal): string => idOf(books, 'journal', journal.number);

/** Single reads leave out where an entry came from. */
export function journalJson({ journal, number }: Numbered, look: Look): string {
  const { books } = look;
  const { record } = journal.source;
  return object({
    JournalID: `"${journalId(books, journal)}"`,
    JournalDate: stamp(journal.date, look),
    JournalNumber: String(number),
    CreatedDateUTC: stamp(journal.createdAt, look),
    Reference: 'reference' in record ? text(record.reference) : '""',
    SourceID: look.single ? undefined : `"${record.id}"`,
    SourceType: look.single ? undefined : `"${sourceType(journal)}"`,
    JournalLines: list(
      journal.lines.map((line, at) => ({ line, id: idOf(books, 'journalLine', journal.number * 128 + at) })),
      ({ line, id }) => lineJson(line, id),
    ),
  });
}

function lineJson({ account, net, tax, from }: Journal['lines'][number], id: string): string {
  const taxRate = from && 'taxRate' in from ? from.taxRate : undefined;
  return object({
    JournalLineID: `"${id}"`,
    AccountID: `"${account.id}"`,
    AccountCode: `"${account.code}"`,
    AccountType: `"${ACCOUNT_TYPE[account.type]}"`,
    AccountName: text(account.name),
    Description: text(from?.description ?? ''),
    NetAmount: money(net),
    GrossAmount: money(net + tax),
    TaxAmount: money(tax),
    TaxType: taxRate ? `"${taxRate.code}"` : undefined,
    TaxName: taxRate ? text(taxRate.name) : undefined,
    TrackingCategories: trackingJson(from?.tracking ?? []),
  });
}
