// What the Xero emulator posts to a webhook is what the official document of webhooks says, known differences aside.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished } from 'vitest';
import { editBooks, generateBooks, payInvoice } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { startEmulator } from '../emulators/emulator.ts';
import { WebhookSubscription, webhookEvents, webhookSignature } from '../emulators/xero/index.ts';
import { expectNone, type Finding, knownDifferences, unseenIn } from './findings.ts';
import { lookUp, type Pointer, readDocument } from './openapi.ts';
import { judgeOf } from './openapi-answers.ts';
import { contractTest } from './specs.ts';
import { webhookDifferences } from './xero-differences.ts';

const FILE = 'xero-webhooks.yaml';
const AT = Date.parse('2026-02-01T00:00:00Z');
const KEY = 'example-webhook-signing-key';
const schemaOf = (webhook: string): Pointer =>
  `#/webhooks/${webhook}/post/requestBody/content/application~1json/schema`;

/** Every body that a subscription to edited books is sent, the first ones to see whether the receiver checks them. */
async function bodies(): Promise<readonly unknown[]> {
  const clock = fastClock({ rate: 1_000 });
  const receiver = await startEmulator(
    ({ headers, body }) => {
      const right = headers['x-xero-signature'] === webhookSignature(body.toString('utf8'), KEY);
      return { status: right ? 200 : 401 };
    },
    { clock },
  );
  onTestFinished(() => receiver.close());
  const subscription = new WebhookSubscription(clock, { url: receiver.url, key: KEY });
  expect(await subscription.enable()).toBe(true);
  const books = generateBooks({ seed: 8, documents: 120 });
  editBooks(books, { seed: 2, edits: 100, at: AT });
  const credits = [
    ...books.salesCredits,
    ...books.purchaseCredits,
    ...books.prepayments,
    ...books.overpayments,
  ];
  for (const credit of credits)
    if (credit.status === 'authorised' && credit.open > 0) payInvoice(books, credit, { at: AT });
  for (const event of webhookEvents(books, books.changes)) await subscription.raise([event]);
  return receiver.requests.map(({ body }) => JSON.parse(body.toString('utf8')));
}

/** Bodies about credit notes alone have a schema of their own. */
function judged(all: readonly unknown[]): readonly Finding[] {
  const judge = judgeOf(readDocument(FILE), '3.1');
  return all.flatMap((body) => {
    const [event] = isObject(body) && Array.isArray(body.events) ? body.events : [];
    const webhook = event?.eventCategory === 'CREDITNOTE' ? 'creditNotes' : 'invoices';
    return judge(webhook, schemaOf(webhook), body);
  });
}

contractTest('every body posted to a webhook is as declared', async () => {
  const all = await bodies();
  const known = knownDifferences(webhookDifferences);
  expectNone(known.unexplained(judged(all)));
  expect(known.unused()).toEqual([]);
});

contractTest('no event has a field that the document does not name', async () => {
  const items = lookUp(readDocument(FILE), '#/components/schemas/WebhookEvent/properties/events/items');
  const names = isObject(items) && isObject(items.properties) ? Object.keys(items.properties) : [];
  const events = (await bodies()).flatMap((body) =>
    isObject(body) && Array.isArray(body.events) ? body.events : [],
  );
  expect(events.length).toBeGreaterThan(50);
  const given = new Set(events.flatMap((event) => Object.keys(event)));
  expect([...given].sort()).toEqual([...names, 'data'].sort());
});

contractTest('the differences that are said to show in the official examples do', () => {
  const document = readDocument(FILE);
  const example = lookUp(
    document,
    '#/components/responses/200WebhookDataReceivedOk/content/application~1json/schema/example',
  );
  expect(example).toMatchObject({ events: [{ eventCategory: 'CONTACT' }] });
  expect(unseenIn(judged([example]), webhookDifferences)).toEqual([]);
});
