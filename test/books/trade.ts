// The life of generated invoices, bills and credit notes: approved or not, paid, credited, voided, deleted, or left open.
import { addBatch } from './banking.ts';
import { deleteInvoice, voidInvoice } from './change.ts';
import { addDocument, DAY, lineCount, makeLines, rateFor } from './documents.ts';
import type { AmountsAre, Document } from './model.ts';
import { keepOpen, type Moment, type Run, settleTime, takeOpen } from './run.ts';
import { allocate, pay } from './settle.ts';
import { HOSTILE_TEXTS } from './texts.ts';

const AMOUNTS: readonly AmountsAre[] = ['exclusive', 'exclusive', 'exclusive', 'inclusive', 'untaxed'];

export function addTrade(run: Run, kind: 'invoice' | 'bill', { date, at }: Moment): void {
  const { books, random, pools } = run;
  const side = kind === 'invoice' ? 'receivable' : 'payable';
  const contact = random.pick(kind === 'invoice' ? run.customers : run.suppliers);
  const amounts = random.pick(AMOUNTS);
  const currency = contact.currency || books.company.baseCurrency;
  const dice = random.next();
  const status = dice < 0.04 ? 'draft' : dice < 0.07 ? 'submitted' : 'authorised';
  const template = run.repeating[0]?.side === side && random.chance(0.02) ? run.repeating[0] : undefined;
  const document = addDocument(books, {
    kind,
    contact,
    date,
    at,
    amounts,
    currency,
    status,
    rate: rateFor(books, random, currency),
    lines: makeLines(books, random, { side, amounts, count: lineCount(random), pools }),
    reference: random.chance(0.25)
      ? `PO ${random.whole(1, 99_999)}`
      : random.chance(0.01)
        ? random.pick(HOSTILE_TEXTS).slice(0, 200)
        : '',
    sent: random.chance(0.5),
    attachments: random.chance(0.05),
    repeating: template,
  });
  liveOn(run, document, { date, at });
}

/** What becomes of an invoice or bill: voided, deleted, paid in one or two parts, paid in a batch, or left open. */
function liveOn(run: Run, document: Document, { date, at }: Moment): void {
  const { books, random } = run;
  const later = Math.min(run.end, at + random.whole(1, 40) * DAY + random.whole(0, 30_000_000));
  if (document.status !== 'authorised') {
    if (random.chance(0.3)) deleteInvoice(books, document, { at: settleTime(books, later) });
    return;
  }
  if (random.chance(0.03)) return void voidInvoice(books, document, { at: settleTime(books, later) });
  if (document.open === 0) return;
  const paysBy = at + random.whole(1, 55) * DAY + random.whole(0, 40_000_000);
  if (paysBy > run.end || random.chance(0.2)) return void keepOpen(run, document);
  if (document.kind === 'bill' && document.currency === books.company.baseCurrency && random.chance(0.18))
    return void payInBatch(run, document, Math.max(date, paysBy));
  const account =
    document.currency === run.pools.foreignBank.currency
      ? run.pools.foreignBank
      : random.pick(run.pools.banks);
  const parts = random.chance(0.12) && document.open > 100;
  const amount = parts ? Math.floor(document.open * 0.4) : document.open;
  const first = {
    account,
    date: Math.floor(paysBy / DAY) * DAY,
    at: paysBy,
    rate: rateAt(run, document),
    reconciled: random.chance(0.7),
  };
  pay(books, document, {
    ...first,
    amount,
    reference: random.chance(0.2) ? `Dep ${random.whole(1, 9999)}` : '',
  });
  if (!parts) return;
  const second = paysBy + random.whole(1, 20) * DAY;
  if (second > run.end || random.chance(0.5)) return void keepOpen(run, document);
  pay(books, document, {
    ...first,
    date: Math.floor(second / DAY) * DAY,
    at: second,
    rate: rateAt(run, document),
  });
}

function rateAt({ books, random }: Run, document: Document): number {
  return rateFor(books, random, document.currency);
}

/** Collects bills and pays them together once there are enough. */
function payInBatch(run: Run, document: Document, paysBy: number): void {
  const { books, random, batch } = run;
  batch.push(document);
  if (batch.length < 2 + (books.batchPayments.length % 6)) return;
  const [account] = run.pools.banks;
  if (!account) return;
  const latest = batch.reduce((most, one) => Math.max(most, one.date), paysBy);
  const date = Math.floor(latest / DAY) * DAY;
  const payments = batch.map((one) =>
    pay(books, one, { account, date, at: Math.min(run.end, latest + 1000), reconciled: true }),
  );
  addBatch(books, payments, {
    at: Math.min(run.end, latest + 1000),
    reference: random.chance(0.5) ? 'Hello "World"' : '',
  });
  batch.length = 0;
}

/** A credit note, usually set off at once against an open document of the same contact, in whole or in part. */
export function addCreditNote(run: Run, kind: 'salesCredit' | 'purchaseCredit', { date, at }: Moment): void {
  const { books, random, pools } = run;
  const side = kind === 'salesCredit' ? 'receivable' : 'payable';
  const document = takeOpen(run, kind === 'salesCredit' ? 'invoice' : 'bill');
  const contact = document?.contact ?? random.pick(kind === 'salesCredit' ? run.customers : run.suppliers);
  const currency = document?.currency ?? books.company.baseCurrency;
  const dice = random.next();
  const status = dice < 0.05 ? 'draft' : dice < 0.08 ? 'submitted' : 'authorised';
  const credit = addDocument(books, {
    kind,
    contact,
    date,
    at,
    currency,
    status,
    amounts: 'exclusive',
    rate: document?.rate ?? 1_000_000,
    lines: makeLines(books, random, { side, amounts: 'exclusive', count: random.whole(1, 3), pools }),
    reference: document ? document.number : '',
  });
  if (credit.status !== 'authorised') return;
  if (document && random.chance(0.8))
    setOff(run, { credit, document }, { date, at: Math.min(run.end, at + 60_000) });
  else if (random.chance(0.18))
    voidInvoice(books, credit, { at: settleTime(books, Math.min(run.end, at + DAY)) });
  const [account] = pools.banks;
  if (credit.status === 'authorised' && account && random.chance(0.2))
    pay(books, credit, { account, date, at: Math.min(run.end, at + 120_000), reference: 'Refund' });
}

/** Uses a credit on a document, mostly all that fits. */
export function setOff(run: Run, pair: Parameters<typeof allocate>[1], { date, at }: Moment): void {
  const most = Math.min(pair.credit.open, pair.document.open);
  const amount = run.random.chance(0.7) ? most : Math.max(1, Math.floor(most / 2));
  if (most > 0) allocate(run.books, pair, { amount, date, at });
  if (pair.document.open > 0) keepOpen(run, pair.document);
}
