// `npm run demo -- --live`: the runner serves, invoices change in the books, and their rows are waited for in the destination.
import Table from 'cli-table3';
import { addInvoice, type Books, changeLines, type Document } from '../books/index.ts';
import type { Sandbox } from '../sandbox/open.ts';
import type { RunningDestination } from './destinations.ts';
import { type EventSender, eventSender } from './events.ts';
import { money } from './figures.ts';
import type { DemoSource, RunningSource } from './sources.ts';

const edits = 20;
/** Longer than the slowest route: an edit without its row by then is lost. */
const patience = 60_000;
const pause = 100;

export interface Live {
  readonly source: DemoSource & RunningSource;
  readonly destination: RunningDestination;
  readonly sandbox: Parameters<typeof eventSender>[0] & Pick<Sandbox, 'books'>;
  /** Address of the runner that serves. */
  readonly url: string;
  readonly say: (text: string) => void;
}

/** What happened to one edit. */
interface Arrival {
  readonly what: string;
  readonly number: string;
  /** As it was after this edit. */
  readonly amount: string;
  /** Milliseconds in which the runner answered the webhook. */
  readonly answered: number;
  /** Seconds from the edit to its row; undefined: it did not arrive. */
  readonly seconds: number | undefined;
}

/** Edits invoices one after another; true when each arrived as the books have it. */
export async function followEdits(live: Live): Promise<boolean> {
  const { sandbox, url, say } = live;
  const sender = eventSender(sandbox, url);
  if (!(await sender.enable())) {
    say('The runner failed the check that Xero makes of a receiver (intent to receive)');
    return false;
  }
  const arrivals: Arrival[] = [];
  for (let index = 0; index < edits; index++) arrivals.push(await follow(index, { ...live, sender }));
  say(arrivalTable(arrivals));
  const seconds = arrivals.flatMap((one) => one.seconds ?? []).sort((one, other) => one - other);
  say(
    `${seconds.length} of ${edits} edits arrived; seconds from edit to row: half within ${at(seconds, 0.5)}, 95 % within ${at(seconds, 0.95)}`,
  );
  return seconds.length === edits;
}

async function follow(index: number, live: Live & { readonly sender: EventSender }): Promise<Arrival> {
  const { sandbox, source, destination, sender } = live;
  const books = sandbox.books[index % sandbox.books.length];
  if (!books) throw new Error('The sandbox has no books');
  const began = performance.now();
  const { what, document } = edit(books, index);
  const { milliseconds, invoices } = await sender.send();
  const id = invoices.at(-1);
  const expected = money(document.total);
  const arrival = {
    what,
    number: document.number,
    amount: `${expected} ${document.currency}`,
    answered: milliseconds,
  };
  while (performance.now() - began < patience) {
    const found = id === undefined ? undefined : await destination.invoice(source.invoice, id);
    if (found === expected) return { ...arrival, seconds: (performance.now() - began) / 1000 };
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return { ...arrival, seconds: undefined };
}

/** In turn a new invoice, and other lines on one that nobody has paid. */
function edit(books: Books, index: number): { readonly what: string; readonly document: Document } {
  const open = books.invoices.filter(
    ({ status, payments, allocations }) =>
      status === 'authorised' && payments.length === 0 && allocations.length === 0,
  );
  const document = open[index];
  if (index % 4 < 2 || !document)
    return { what: 'new invoice', document: addInvoice(books, { at: Date.now() }) };
  changeLines(books, document, { at: Date.now() });
  return { what: 'other lines', document };
}

function arrivalTable(arrivals: readonly Arrival[]): string {
  const table = new Table({
    head: ['invoice', 'edit', 'amount', 'webhook answered', 'in the destination'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { what, number, amount, answered, seconds } of arrivals)
    table.push([
      number,
      what,
      amount,
      `${answered.toFixed(0)} ms`,
      seconds === undefined ? 'NEVER' : `after ${seconds.toFixed(1)} s`,
    ]);
  return table.toString();
}

const at = (sorted: readonly number[], share: number): string =>
  sorted[Math.ceil(sorted.length * share) - 1]?.toFixed(1) ?? '-';
