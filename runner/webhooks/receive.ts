// What becomes of one request: its body is read, its signature checked, its events written, and only then it is answered.
import type { IncomingMessage } from 'node:http';
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import type { NewEvent, Store } from '../store/contract.ts';
import { readBody, type Unread } from './body.ts';
import { quickbooksEvents } from './quickbooks.ts';
import { unreadable, unreadableEvent } from './reading.ts';
import type { Routing } from './routing.ts';
import { isSigned } from './signature.ts';
import type { Sparing } from './sparing.ts';
import type { Source } from './streams.ts';
import { xeroEvents } from './xero.ts';

/** As pino's loggers are. */
export interface Log {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}

export interface Sender {
  readonly source: Source;
  readonly name: string;
  /** The header that carries the signature. */
  readonly header: string;
  /** The events of a body; undefined: it is none of the sender's. */
  readonly events: (body: unknown, receivedAt: number) => readonly NewEvent[] | undefined;
}

export const senders: Readonly<Record<Source, Sender>> = {
  xero: { source: 'xero', name: 'Xero', header: 'x-xero-signature', events: xeroEvents },
  quickbooks: {
    source: 'quickbooks',
    name: 'QuickBooks',
    header: 'intuit-signature',
    events: quickbooksEvents,
  },
};

/** Intuit waits 3 seconds for an answer, Xero 5; after that they count it as failed, whatever it is. */
const budgetMilliseconds = 2_500;

export interface ReceivePorts {
  readonly key: string;
  readonly store: Pick<Store, 'events'>;
  readonly clock: Clock;
  readonly routing: Routing;
  readonly log: Log;
  readonly sparing: Sparing;
}

/**
 * The status to answer with. 200: signed, and on disk. 401: not signed with the key. 503: not on disk, so that the
 * sender sends it again (Xero at once and for a day, Intuit after 10 seconds and on). The type of the content is not
 * looked at: what counts is whose it is.
 */
export async function receive(
  request: IncomingMessage,
  sender: Sender,
  ports: ReceivePorts,
): Promise<200 | 401 | Unread> {
  const { clock, log, key, sparing } = ports;
  const answered = new AbortController();
  const late = clock.sleep(budgetMilliseconds, answered.signal).then(
    () => 'late' as const,
    () => 'answered' as const,
  );
  try {
    const body = await readBody(request, late);
    if (!Buffer.isBuffer(body)) {
      sparing(`${sender.source} ${body}`, (unsaid) =>
        log.warn({ source: sender.source, status: body, unsaid }, `Refused a webhook: ${refusals[body]}`),
      );
      return body;
    }
    if (!isSigned(body, { key, signature: request.headers[sender.header] })) {
      sparing(`${sender.source} unsigned`, (unsaid) =>
        log.warn(
          { source: sender.source, status: 401, unsaid },
          `Refused a webhook that is not signed with the key of ${sender.name}'s app`,
        ),
      );
      return 401;
    }
    return await keep(eventsOf(body, sender, ports), { sender, late }, ports);
  } finally {
    answered.abort();
  }
}

const refusals: Readonly<Record<Unread, string>> = {
  400: 'its body ended too early',
  408: 'its body came too slowly',
  413: 'its body is too large',
  503: 'too many bodies are coming at once',
};

/** What is signed is the vendor's: unless it can be read, something has changed that nobody knows. */
function eventsOf(
  body: Buffer,
  { source, name, events }: Sender,
  { clock, log, routing, sparing }: ReceivePorts,
): readonly NewEvent[] {
  if (body.length === 0) return [];
  const now = clock.now();
  const found = events(jsonOf(body), now) ?? [unreadableEvent(source, body, now)];
  if (found.some(({ type }) => type === unreadable))
    sparing(`${source} unreadable`, (unsaid) =>
      log.error(
        { source, unsaid },
        `Cannot read an event of ${name}: it is not as documented, all its pipelines will look for changes`,
      ),
    );
  for (const { tenant, stream } of found)
    if (stream !== undefined && !routing.knows(source, tenant))
      sparing(`${source} ${tenant}`, (unsaid) =>
        log.warn(
          { source, tenant, unsaid },
          `Ignored events of ${name} for tenant "${tenant}": no pipeline reads it`,
        ),
      );
  return found;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function keep(
  events: readonly NewEvent[],
  { sender, late }: { readonly sender: Sender; readonly late: Promise<'late' | 'answered'> },
  { store, log, sparing }: ReceivePorts,
): Promise<200 | 503> {
  if (events.length === 0) return 200;
  const complain = (reason: string): 503 => {
    sparing(`${sender.source} unwritten`, (unsaid) =>
      log.error(
        { source: sender.source, events: events.length, unsaid },
        `Cannot keep events of ${sender.name}, which will send them again: ${reason}`,
      ),
    );
    return 503;
  };
  try {
    // When it is written after all, the repetition finds it there.
    const taken = await Promise.race([store.events.take(events), late]);
    return Array.isArray(taken) ? 200 : complain('the store is too slow');
  } catch (error) {
    return complain(asConnectorError(error).message);
  }
}
