// The audit trail of what was read because of an event: which event it was, and when it came.
import {
  bestModes,
  encodeLine,
  isObject,
  type RecordReference,
  recordHead,
  recordMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { openTrail } from '../../runner/run/audit/open.ts';
import type { AuditRow } from '../../runner/store/index.ts';
import { catalogOf } from '../../source-xero/index.ts';
import { addInvoice, generateBooks } from '../books/index.ts';
import { sendWebhook, webhookEvents } from '../emulators/xero/index.ts';
import { keys, openReceiver, type Receiver } from './webhooks-setup.ts';

const AT = Date.parse('2026-02-01T00:00:00Z');

/** Plays a run that reads these records and delivers all of them. */
async function deliver({ store, clock }: Receiver, records: readonly (RecordReference & { key: string })[]) {
  const job = await store.jobs.claim('me', { now: clock.now(), milliseconds: 60_000 });
  if (!job) throw new Error('no job is due');
  const catalog = bestModes(catalogOf({ journals: false }));
  const trail = await openTrail({ job, catalog }, { store, clock });
  for (const { stream, tenant, id, key } of records) {
    const data = { TenantID: tenant, [key]: id.toUpperCase(), Type: stream };
    const line = Buffer.from(encodeLine(recordMessage(stream, data, AT)));
    trail.record(stream, line, { start: 0, end: line.length, head: recordHead(line)?.length ?? 0 });
  }
  await trail.ended(() => true);
  const rows: AuditRow[] = [];
  for await (const row of store.audit.find({ job: job.id })) rows.push(row);
  return rows;
}

test('a bill that is read because of an event carries the event and its arrival, the newest of several', async () => {
  const receiver = await openReceiver();
  const books = generateBooks({ seed: 3, documents: 60 });
  const bill = addInvoice(books, { at: AT, kind: 'bill' });
  const contact = addInvoice(books, { at: AT + 1 }).contact;
  const events = webhookEvents(books, books.changes);
  const [event] = events;
  if (!event) throw new Error('no event');
  const later = { ...event, eventType: 'UPDATE', eventDateUtc: '2026-02-01T00:00:07.000' };
  const earlier = { ...event, eventType: 'UPDATE', eventDateUtc: '2026-02-01T00:00:03.000' };
  const { key } = keys.xero;
  await sendWebhook(receiver.xero, key, [later, ...events], { first: 1 });
  await sendWebhook(receiver.xero, key, [earlier], { first: events.length + 2 });
  const newest = (await receiver.store.events.taken(9)).find(
    ({ happenedAt }) => happenedAt === Date.parse('2026-02-01T00:00:07Z'),
  );
  await receiver.gather();
  const { tenantId: tenant } = event;
  const [row, unasked] = (
    await deliver(receiver, [
      { stream: 'bills', tenant, id: bill.id, key: 'InvoiceID' },
      { stream: 'contacts', tenant, id: isObject(contact) ? String(contact.id) : '', key: 'ContactID' },
    ])
  ).toSorted((one, other) => one.stream.localeCompare(other.stream));
  expect(newest).toBeDefined();
  expect(row).toMatchObject({ stream: 'bills', event: newest?.id, eventAt: newest?.receivedAt });
  expect(unasked).toMatchObject({ stream: 'contacts' });
  expect(unasked?.event).toBeUndefined();
});
