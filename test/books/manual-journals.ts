// Making and undoing manual journals: hand-written entries between accounts, in the base currency.
import { type Books, file, newId, touch } from './books.ts';
import { post, reverse } from './ledger.ts';
import type { Account, ManualJournal, ManualJournalLine, TrackingOption } from './model.ts';

export interface ManualJournalOptions {
  readonly narration: string;
  readonly date: number;
  readonly at: number;
  readonly status: 'draft' | 'posted';
  readonly lines: readonly ManualJournalLine[];
}

/** Moves `amount` cents from one account to another (debit `to`). */
export function moveLines(
  amount: number,
  {
    to,
    from,
    description,
    tracking,
  }: { to: Account; from: Account; description: string; tracking: readonly TrackingOption[] },
): ManualJournalLine[] {
  return [
    { amount, account: to, description, tracking },
    { amount: -amount, account: from, description, tracking: [] },
  ];
}

export function addManualJournal(books: Books, options: ManualJournalOptions): ManualJournal {
  const journal: ManualJournal = {
    id: newId(books, 'manualJournal'),
    narration: options.narration,
    date: options.date,
    lines: options.lines,
    status: options.status,
    cashBasis: true,
    createdAt: options.at,
    updatedAt: options.at,
    posting: undefined,
  };
  file(books, 'manualJournals', journal);
  if (options.status === 'posted') {
    const lines = options.lines.map((line) => ({
      account: line.account,
      net: line.amount,
      tax: 0,
      from: line,
    }));
    journal.posting = post(
      books,
      { kind: 'manual', record: journal },
      { date: journal.date, at: options.at, lines },
    );
  }
  return journal;
}

/** A posted journal becomes voided, a draft deleted. */
export function endManualJournal(books: Books, journal: ManualJournal, { at }: { at: number }): void {
  if (journal.status !== 'posted' && journal.status !== 'draft')
    throw new Error(`Cannot end manual journal ${journal.id}: its status is "${journal.status}"`);
  journal.status = journal.status === 'posted' ? 'voided' : 'deleted';
  if (journal.posting) reverse(books, journal.posting, at);
  journal.posting = undefined;
  touch(books, 'manualJournals', journal, at);
}
