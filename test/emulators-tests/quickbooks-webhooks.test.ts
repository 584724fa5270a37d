// The QuickBooks emulator's webhook sender: both bodies, signatures, retries, duplicates, and who waits behind whom.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  addContact,
  addInvoice,
  archiveContact,
  deletePayment,
  mergeContact,
  payInvoice,
  voidInvoice,
} from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import {
  sendWebhook,
  type WebhookEvent,
  WebhookSubscription,
  webhookBody,
} from '../emulators/quickbooks/index.ts';
import { type Json, setUp } from './quickbooks-setup.ts';

const TOKEN = 'verifier-token-of-tests';
const AT = Date.parse('2026-03-01T10:00:00.123Z');

const event = (more: Partial<WebhookEvent> = {}): WebhookEvent => ({
  ...{ realmId: '9341', entity: 'Invoice', id: '7', operation: 'Update', at: AT },
  ...more,
});

/** A receiver that answers with the given statuses, then 200, and keeps what it got. */
async function receiver(...statuses: number[]) {
  const got: { body: string; signature: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({
      body: Buffer.concat(chunks).toString('utf8'),
      signature: String(request.headers['intuit-signature']),
    });
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

test('the body is signed as it was sent, in either form', async () => {
  const { url, got } = await receiver();
  for (const form of ['cloudevents', 'legacy'] as const)
    await sendWebhook(url, [event()], { verifierToken: TOKEN, form });
  for (const { body, signature } of got)
    expect(signature).toBe(createHmac('sha256', TOKEN).update(body).digest('base64'));
  expect(Array.isArray(JSON.parse(got[0]?.body ?? ''))).toBe(true);
  expect(JSON.parse(got[1]?.body ?? '').eventNotifications[0].realmId).toBe('9341');
});

test('CloudEvents name entity, operation and realm, with fractions of any length and data of any kind', () => {
  const events = Array.from({ length: 12 }, (_, at) =>
    event({ id: String(at), realmId: at % 2 === 0 ? '1' : '2' }),
  );
  const body = JSON.parse(
    webhookBody(
      [
        ...events,
        event({ entity: 'Customer', operation: 'Merge', deletedId: '27' }),
        event({ entity: 'Class' }),
      ],
      'cloudevents',
    ),
  ) as Json[];
  expect(body[0]).toMatchObject({
    specversion: '1.0',
    type: 'qbo.invoice.updated.v1',
    intuitentityid: '0',
    intuitaccountid: '1',
  });
  expect(new Set(body.map((one) => one.time.length)).size).toBeGreaterThan(8);
  expect(body.every((one) => Date.parse(one.time) >= AT - 999 && one.time.endsWith('Z'))).toBe(true);
  expect([body[12]?.type, body[12]?.data]).toEqual(['qbo.customer.merged.v1', { deletedid: '27' }]);
  expect(body[13]?.data.alternative_ids).toHaveLength(1);
  expect(new Set(body.map((one) => 'data' in one))).toEqual(new Set([true, false]));
});

test('the legacy body groups entities by realm', () => {
  const body = JSON.parse(
    webhookBody(
      [event({ realmId: '1' }), event({ realmId: '2' }), event({ realmId: '1', operation: 'Void' })],
      'legacy',
    ),
  );
  expect(
    body.eventNotifications.map((one: Json) => [one.realmId, one.dataChangeEvent.entities.length]),
  ).toEqual([
    ['1', 2],
    ['2', 1],
  ]);
  expect(body.eventNotifications[0].dataChangeEvent.entities[1]).toEqual({
    name: 'Invoice',
    id: '7',
    operation: 'Void',
    lastUpdated: '2026-03-01T10:00:00.123Z',
  });
});

test('deliveries are retried after the documented pauses, and later ones wait behind', async () => {
  const { url, got } = await receiver(500, 503);
  const clock = fastClock({ start: AT, rate: 1000 });
  const subscription = new WebhookSubscription(clock, { url, verifierToken: TOKEN, attempts: 2 });
  await subscription.raise([event({ id: '1' })]);
  expect(subscription.waiting).toBe(1);
  await subscription.raise([event({ id: '2' })]);
  expect(subscription.waiting).toBe(0);
  expect(subscription.replies.map(({ status }) => status)).toEqual([500, 503, 200, 200]);
  expect(got.map(({ body }) => JSON.parse(body)[0].intuitentityid)).toEqual(['1', '1', '1', '2']);
  expect(clock.now() - AT).toBeGreaterThanOrEqual(10_000);
});

test('duplicates, reversed order and the choice of entities', async () => {
  const { url, got } = await receiver();
  const subscription = new WebhookSubscription(fastClock(), {
    url,
    verifierToken: TOKEN,
    entities: ['Invoice', 'Bill'],
  });
  await subscription.raise([event({ id: '1' }), event({ id: '2' }), event({ entity: 'Customer' })], {
    duplicates: 1,
    reversed: true,
  });
  expect(got).toHaveLength(2);
  expect(got[0]?.body).toBe(got[1]?.body);
  expect(JSON.parse(got[0]?.body ?? '').map((one: Json) => one.intuitentityid)).toEqual(['2', '1']);
  await subscription.raise([event({ entity: 'Bill', operation: 'Void' })]);
  expect(got).toHaveLength(2);
});

test('what changes in the books raises the events QuickBooks would send', async () => {
  for (const deactivationEvent of ['Delete', 'Update'] as const) {
    const { books, clock, quickbooks } = await setUp({ switches: { deactivationEvent } });
    const at = { at: clock.now() };
    const taken = (): string[] =>
      quickbooks.takeEvents().map(({ entity, operation }) => `${entity} ${operation}`);
    expect(taken()).toEqual([]);
    const contact = addContact(books, at);
    const invoice = addInvoice(books, { ...at, contact });
    expect(taken()).toEqual(['Customer Create', 'Invoice Create']);
    const payment = payInvoice(books, invoice, at);
    expect(taken()).toEqual(['Payment Create', 'Invoice Update']);
    deletePayment(books, payment, at);
    expect(taken()).toEqual(['Payment Delete', 'Invoice Update']);
    voidInvoice(books, invoice, at);
    expect(taken()).toEqual(['Invoice Void']);
    archiveContact(books, contact, at);
    expect(taken()).toEqual([`Customer ${deactivationEvent}`]);
    const [loser, into] = [addContact(books, at), addContact(books, at)];
    taken();
    mergeContact(books, loser, { ...at, into });
    const [merge] = quickbooks.takeEvents();
    expect([merge?.operation, merge?.id === merge?.deletedId]).toEqual(['Merge', false]);
    quickbooks.deleteRecord('TimeActivity', '1');
    expect(taken()).toEqual(['TimeActivity Delete']);
  }
});
