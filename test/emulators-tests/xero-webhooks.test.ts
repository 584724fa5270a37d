// The Xero emulator's webhooks: signatures over exact bytes, intent to receive, retries, duplicates and replay.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { addInvoice, changeSilently, editBooks, generateBooks, payInvoice } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import {
  intentToReceive,
  sendWebhook,
  WebhookSubscription,
  webhookBody,
  webhookEvents,
  webhookSignature,
} from '../emulators/xero/index.ts';

const KEY = 'example-webhook-signing-key';
const AT = Date.parse('2026-02-01T00:00:00Z');

interface Receiver {
  readonly url: string;
  readonly bodies: string[];
  /** Status to give regardless of the signature; undefined judges it. */
  fixed: number | undefined;
}

async function receiver(): Promise<Receiver> {
  const state: { url: string; bodies: string[]; fixed: number | undefined } = {
    url: '',
    bodies: [],
    fixed: undefined,
  };
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const right = request.headers['x-xero-signature'] === webhookSignature(body, KEY);
    const status = state.fixed ?? (right ? 200 : 401);
    if (status === 200) state.bodies.push(body);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return state;
}

test('the signature is that of the published sample, byte for byte', () => {
  const body = webhookBody([], { first: 0, entropy: 'ABCDEFGHIJKLMNOPQRST' });
  expect(body).toBe(
    '{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "ABCDEFGHIJKLMNOPQRST"}',
  );
  expect(Buffer.byteLength(body)).toBe(95);
  expect(webhookSignature(body, KEY)).toBe('6jSYGMHELDj9Ojb091q7Jah0dicGxTukJkR6po7awi8=');
});

test('intent to receive passes only a receiver that takes right signatures and refuses wrong ones', async () => {
  const good = await receiver();
  expect((await intentToReceive(good.url, KEY)).ok).toBe(true);
  good.fixed = 200;
  expect((await intentToReceive(good.url, KEY)).ok).toBe(false);
  good.fixed = 401;
  expect((await intentToReceive(good.url, KEY)).ok).toBe(false);
  expect((await intentToReceive('http://127.0.0.1:9/closed', KEY)).ok).toBe(false);
});

test('events name what changed, in order, and not what changed silently or has no category', () => {
  const books = generateBooks({ seed: 3, documents: 200 });
  const invoice = addInvoice(books, { at: AT });
  payInvoice(books, invoice, { at: AT });
  const from = books.changes.length;
  changeSilently(books, invoice, { sent: true });
  const events = webhookEvents(books, books.changes);
  const ofInvoice = events.filter((one) => one.resourceId === invoice.id);
  expect(ofInvoice.map((one) => [one.eventCategory, one.eventType])).toEqual([
    ['INVOICE', 'CREATE'],
    ['INVOICE', 'UPDATE'],
  ]);
  expect(ofInvoice[0]).toMatchObject({
    tenantId: books.company.id,
    tenantType: 'ORGANISATION',
    resourceUrl: expect.stringContaining(`/Invoices/${invoice.id}`),
  });
  expect(ofInvoice[0]?.eventDateUtc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
  expect(new Set(events.map((one) => one.eventCategory))).toEqual(new Set(['INVOICE', 'PAYMENT']));
  expect(books.changes.length).toBeGreaterThan(from);
});

test('case, address form and whether payments touch invoices follow the switches', () => {
  const books = generateBooks({ seed: 3, documents: 200 });
  const invoice = addInvoice(books, { at: AT });
  payInvoice(books, invoice, { at: AT });
  const events = webhookEvents(books, books.changes, {
    webhookCase: 'title',
    webhookUrlWithId: false,
    paymentFiresInvoice: false,
  });
  expect(events.filter((one) => one.resourceId === invoice.id).map((one) => one.eventType)).toEqual([
    'Create',
  ]);
  expect(events[0]?.resourceUrl).toMatch(/\/Invoices$/);
});

test('credit notes carry their type and status', () => {
  const books = generateBooks({ seed: 3, documents: 200 });
  addInvoice(books, { at: AT, kind: 'purchaseCredit' });
  expect(webhookEvents(books, books.changes)).toMatchObject([
    { eventCategory: 'CREDITNOTE', data: { Type: 'ACCPAYCREDIT', Status: 'AUTHORISED' } },
  ]);
});

test('a delivery is signed, a wrong signature is refused by a good receiver', async () => {
  const books = generateBooks({ seed: 3, documents: 100 });
  editBooks(books, { seed: 1, edits: 10, at: AT });
  const hook = await receiver();
  const events = webhookEvents(books, books.changes);
  expect(await sendWebhook(hook.url, KEY, events, { first: 7 })).toMatchObject({
    status: 200,
    bodyLength: 0,
    cookies: false,
  });
  expect((await sendWebhook(hook.url, KEY, events, { wrong: true })).status).toBe(401);
  const body = JSON.parse(hook.bodies[0] ?? '{}');
  expect([body.firstEventSequence, body.lastEventSequence, body.events.length]).toEqual([
    7,
    6 + events.length,
    events.length,
  ]);
});

test('a failing receiver is retried for a day, then disabled; what was kept is replayed in order once healthy', async () => {
  const books = generateBooks({ seed: 3, documents: 100 });
  const hook = await receiver();
  const clock = fastClock({ start: AT, rate: 2e5 });
  const subscription = new WebhookSubscription(clock, { url: hook.url, key: KEY });
  expect(await subscription.enable()).toBe(true);
  hook.bodies.length = 0;
  hook.fixed = 500;
  addInvoice(books, { at: AT });
  await subscription.raise(webhookEvents(books, books.changes));
  expect([subscription.state, subscription.waiting]).toEqual(['disabled', 1]);
  const mark = books.changes.length;
  addInvoice(books, { at: AT + 1 });
  await subscription.raise(webhookEvents(books, books.changes.slice(mark)));
  expect(subscription.waiting).toBe(2);
  hook.fixed = undefined;
  expect(await subscription.enable()).toBe(true);
  const replayed = JSON.parse(hook.bodies.at(-1) ?? '{}');
  expect(replayed.events.map((one: { resourceId: string }) => one.resourceId)).toEqual(
    books.invoices.slice(-2).map((one) => one.id),
  );
  expect(subscription.waiting).toBe(0);
});

test('a batch may arrive more than once', async () => {
  const books = generateBooks({ seed: 3, documents: 100 });
  const hook = await receiver();
  const subscription = new WebhookSubscription(fastClock({ rate: 1000 }), { url: hook.url, key: KEY });
  await subscription.enable();
  hook.bodies.length = 0;
  addInvoice(books, { at: AT });
  await subscription.raise(webhookEvents(books, books.changes), { duplicates: 2 });
  expect(hook.bodies).toHaveLength(3);
  expect(new Set(hook.bodies).size).toBe(1);
});
