// The last touches of generation: links, claims, archived contacts, shared timestamps, and the ledger in order of filing.
import type { Books } from './books.ts';
import { archiveContact, mergeContact } from './change.ts';
import { DAY } from './documents.ts';
import { numberAfterGap } from './ledger.ts';
import { addExpenseClaim, addLink } from './orders.ts';
import { type Run, settleTime } from './run.ts';

export function finish(run: Run, { documents }: { documents: number }): void {
  const { books, end } = run;
  addLinks(run);
  addClaims(run, Math.min(40, Math.max(2, Math.floor(documents / 2000))));
  retireContacts(books, end);
  shareTimestamps(books);
  orderLedger(books);
  books.lastTouched = end;
  books.changes.length = 0;
}

function addLinks({ books, end }: Run): void {
  const sources = books.bills.filter((one) => one.status !== 'deleted' && one.status !== 'voided');
  const step = Math.max(5, Math.floor(sources.length / 350));
  const targets = books.invoices.filter((one) => one.status === 'draft' || one.status === 'paid');
  for (let at = 0; at < sources.length; at += step) {
    const source = sources[at];
    const target = at % (step * 2) === 0 ? targets[at % Math.max(1, targets.length)] : undefined;
    const contact = target?.contact ?? books.contacts[at % books.contacts.length];
    if (source && contact)
      addLink(books, source, { contact, target, at: Math.min(end, source.updatedAt + 5000) });
  }
}

function addClaims({ books, random, pools, suppliers, end }: Run, count: number): void {
  for (let made = 0; made < count; made += 1) {
    const date = Math.floor(end / DAY) * DAY - (count - made) * 3 * DAY;
    addExpenseClaim(books, random, { contact: random.pick(suppliers), date, at: date + 1000 * made, pools });
  }
}

/** One contact in twenty is archived, and one of them was merged into another. */
function retireContacts(books: Books, end: number): void {
  for (let at = 15; at < books.contacts.length; at += 20) {
    const [contact, into] = [books.contacts[at], books.contacts[at + 1]];
    const when = settleTime(books, end - at * 10_007);
    if (contact && into && at === 15) mergeContact(books, contact, { into, at: when });
    else if (contact) archiveContact(books, contact, { at: when });
  }
}

/** Imports and bulk approvals leave many records with the very same timestamp: pages must cut through such runs safely. */
function shareTimestamps(books: Books): void {
  for (const rows of [books.invoices, books.bills, books.payments]) {
    for (let start = 40; start + 30 < rows.length; start += 700) {
      const together = rows.slice(start, start + 30);
      const latest = together.reduce((most, one) => Math.max(most, one.updatedAt), 0);
      for (const one of together) one.updatedAt = latest;
    }
  }
}

function orderLedger(books: Books): void {
  books.journals.sort((left, right) => left.createdAt - right.createdAt);
  books.counters.delete('journalNumber');
  for (const journal of books.journals) journal.number = numberAfterGap(books);
}
