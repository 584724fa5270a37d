// Generated bank business: receipts and spending, deposits, transfers, and adjusting journals.
import { addBankCredit, addBankTransaction, addTransfer } from './banking.ts';
import { deleteBankTransaction, deleteTransfer, voidInvoice } from './change.ts';
import { DAY, makeLines } from './documents.ts';
import { addManualJournal, endManualJournal, moveLines } from './manual-journals.ts';
import type { Document } from './model.ts';
import { type Moment, type Run, settleTime, takeOpen } from './run.ts';
import { HOSTILE_TEXTS } from './texts.ts';
import { setOff } from './trade.ts';

export function addCash(run: Run, kind: 'receipt' | 'spending', { date, at }: Moment): void {
  const { books, random, pools } = run;
  const side = kind === 'receipt' ? 'receivable' : 'payable';
  const transaction = addBankTransaction(books, {
    kind,
    date,
    at,
    contact: random.pick(kind === 'receipt' ? run.customers : run.suppliers),
    account: random.pick(pools.banks),
    lines: makeLines(books, random, { side, amounts: 'inclusive', count: random.whole(1, 3), pools }),
    reference: random.chance(0.3) ? `EFT ${random.whole(1, 9999)}` : '',
    reconciled: random.chance(0.8),
  });
  if (random.chance(0.03))
    deleteBankTransaction(books, transaction, { at: settleTime(books, Math.min(run.end, at + DAY)) });
}

/** A prepayment or overpayment, often set off against a document of its contact later. */
export function addDeposit(run: Run, what: 'prepayment' | 'overpayment', { date, at }: Moment): void {
  const { books, random, pools } = run;
  const customer = random.chance(0.65);
  const document = takeBaseOpen(run, customer ? 'invoice' : 'bill');
  const contact = document?.contact ?? random.pick(customer ? run.customers : run.suppliers);
  const [account] = pools.banks;
  if (!account) return;
  const kinds = {
    prepayment: ['customerPrepayment', 'supplierPrepayment'],
    overpayment: ['customerOverpayment', 'supplierOverpayment'],
  } as const;
  const kind = kinds[what][customer ? 0 : 1];
  const credit = addBankCredit(books, {
    kind,
    contact,
    account,
    total: random.whole(50, 9000) * 100,
    date,
    at,
    pools,
    reference: 'Deposit',
  });
  if (document && random.chance(0.7))
    setOff(run, { credit, document }, { date, at: Math.min(run.end, at + 90_000) });
  else if (random.chance(0.15))
    voidInvoice(books, credit, { at: settleTime(books, Math.min(run.end, at + DAY)) });
}

function takeBaseOpen(run: Run, kind: 'invoice' | 'bill'): Document | undefined {
  const document = takeOpen(run, kind);
  if (!document || document.currency === run.books.company.baseCurrency) return document;
  run.open[kind].push(document);
  return undefined;
}

export function addMove({ books, random, pools, end }: Run, { date, at }: Moment): void {
  const [from, to] = random.chance(0.5) ? [pools.banks[0], pools.banks[1]] : [pools.banks[1], pools.banks[0]];
  const [options] = pools.options;
  if (!from || !to || !options) return;
  const tracking = random.chance(0.3) ? [random.pick(options)] : [];
  const amount = random.whole(10, 5000) * 100;
  const transfer = addTransfer(books, {
    from,
    to,
    amount,
    date,
    at,
    reference: `Sub ${random.whole(1000, 9999)}`,
    tracking,
  });
  if (random.chance(0.06))
    deleteTransfer(books, transfer, { at: settleTime(books, Math.min(end, at + DAY)) });
}

export function addAdjustment({ books, random, pools, end }: Run, { date, at }: Moment): void {
  const [to, from] = [random.pick(pools.accounts.payable), random.pick(pools.accounts.payable)];
  const [options] = pools.options;
  const tracking = options ? [random.pick(options)] : [];
  const narration = random.chance(0.1)
    ? random.pick(HOSTILE_TEXTS).slice(0, 400)
    : "These aren't the droids you are looking for";
  const lines = moveLines(random.whole(100, 500_000), { to, from, description: 'Reclassify', tracking });
  const journal = addManualJournal(books, {
    narration,
    date,
    at,
    status: random.chance(0.15) ? 'draft' : 'posted',
    lines,
  });
  if (random.chance(0.08)) endManualJournal(books, journal, { at: Math.min(end, at + DAY) });
}
