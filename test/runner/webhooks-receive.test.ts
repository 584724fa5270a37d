// What the webhook endpoints answer: to right and wrong signatures, to bodies of any kind, and when nothing can be kept.
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { addInvoice, generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import {
  postWebhook as postQuickbooks,
  webhookBody as quickbooksBody,
  webhookSignature as quickbooksSignature,
  sendWebhook as sendQuickbooks,
} from '../emulators/quickbooks/index.ts';
import {
  intentToReceive,
  postWebhook,
  sendWebhook,
  WebhookSubscription,
  webhookBody,
  webhookEvents,
  webhookSignature,
} from '../emulators/xero/index.ts';
import { pipelineOf } from './pipeline-of.ts';
import { keys, openReceiver, send } from './webhooks-setup.ts';

const { key } = keys.xero;
const { verifier_token: verifierToken } = keys.quickbooks;
const AT = Date.parse('2026-02-01T00:00:00Z');

const change = (id: string, more: object = {}) => ({
  ...({ realmId: '9341', entity: 'Invoice', id, operation: 'Update', at: AT } as const),
  ...more,
});

/** Events of Xero about new invoices, each with a time of its own. */
function xeroEvents(count: number) {
  const books = generateBooks({ seed: 3, documents: 60 });
  for (let index = 0; index < count; index += 1) addInvoice(books, { at: AT + index });
  return webhookEvents(books, books.changes).slice(0, count);
}

const signed = (body: string | Buffer) => ({
  'x-xero-signature': webhookSignature(body.toString(), key),
});

test('intent to receive: every right signature is taken and every wrong one refused, without body or cookies', async () => {
  const receiver = await openReceiver();
  const { ok, replies } = await intentToReceive(receiver.xero, key);
  expect(ok).toBe(true);
  expect(replies.map(({ status }) => status)).toEqual([200, 401, 200, 401, 401]);
  expect(replies.every(({ bodyLength, cookies }) => bodyLength === 0 && !cookies)).toBe(true);
  expect(await receiver.store.events.taken(9)).toEqual([]);
});

test('the published sample is signed right, and no other character will do', async () => {
  const { xero } = await openReceiver();
  const body = webhookBody([], { first: 0, entropy: 'ABCDEFGHIJKLMNOPQRST' });
  const right = '6jSYGMHELDj9Ojb091q7Jah0dicGxTukJkR6po7awi8=';
  const wrong = [
    '',
    'x',
    right.toLowerCase(),
    right.slice(0, -1),
    `${right}=`,
    `${right.slice(0, -2)}9=`,
    encodeURIComponent(right),
    Buffer.from(right, 'base64').toString('hex'),
    `${right}, ${right}`,
  ];
  expect(await send(xero, body, { headers: { 'x-xero-signature': right } })).toMatchObject({
    status: 200,
    body: '',
  });
  for (const signature of wrong)
    expect((await send(xero, body, { headers: { 'x-xero-signature': signature } })).status).toBe(401);
  expect((await send(xero, body)).status).toBe(401);
  expect((await send(xero, `${body} `, { headers: { 'x-xero-signature': right } })).status).toBe(401);
});

test('no change of a signature or of a body is taken for signed', async () => {
  const { xero, store } = await openReceiver();
  const body = webhookBody(xeroEvents(1), { first: 1 });
  const right = webhookSignature(body, key);
  const place = fc.record({ at: fc.nat(), code: fc.integer({ min: 33, max: 126 }), ofBody: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(place, async ({ at, code, ofBody }) => {
      const text = ofBody ? body : right;
      const index = at % text.length;
      const changed = `${text.slice(0, index)}${String.fromCharCode(code)}${text.slice(index + 1)}`;
      fc.pre(changed !== text);
      const [sent, signature] = ofBody ? [changed, right] : [body, changed];
      expect((await send(xero, sent, { headers: { 'x-xero-signature': signature } })).status).toBe(401);
    }),
    { numRuns: 150 },
  );
  expect(await store.events.taken(9)).toEqual([]);
});

test('the key of one sender does not open the endpoint of the other, and a missing key closes it', async () => {
  const both = await openReceiver();
  const body = webhookBody([], { first: 0 });
  const wrong = { 'intuit-signature': webhookSignature(body, key), ...signed(body) };
  expect((await send(both.quickbooks, body, { headers: wrong })).status).toBe(401);
  const one = await openReceiver({ keys: { quickbooks: keys.quickbooks } });
  expect((await send(one.xero, body, { headers: signed(body) })).status).toBe(404);
  const empty = await openReceiver({ keys: { xero: { key: '' } } });
  const unkeyed = { 'x-xero-signature': webhookSignature(body, '') };
  expect((await send(empty.xero, body, { headers: unkeyed })).status).toBe(401);
});

test('events of Xero are on disk when they are answered, with what they say', async () => {
  const receiver = await openReceiver();
  const events = xeroEvents(3);
  expect((await sendWebhook(receiver.xero, key, events, { first: 41 })).status).toBe(200);
  const taken = await receiver.store.events.taken(9);
  expect(taken).toHaveLength(3);
  for (const [index, event] of events.entries())
    expect(taken[index]).toMatchObject({
      source: 'xero',
      tenant: event.tenantId,
      stream: 'invoices',
      record: event.resourceId,
      type: 'INVOICE.CREATE',
      happenedAt: Date.parse(`${event.eventDateUtc}Z`),
      sequence: 41 + index,
      state: 'taken',
    });
  for (const { receivedAt } of taken) expect(Math.abs(receivedAt - receiver.clock.now())).toBeLessThan(5_000);
});

test('an event of Xero that comes again, in other case or in another body, is known', async () => {
  const receiver = await openReceiver();
  const [event] = xeroEvents(1);
  if (!event) throw new Error('no event');
  await sendWebhook(receiver.xero, key, [event], { first: 5 });
  const again = {
    ...event,
    eventType: 'Create',
    eventCategory: 'Invoice',
    resourceUrl: 'https://api.xero.com',
  };
  await sendWebhook(receiver.xero, key, [again, event], { first: 9 });
  expect(await receiver.store.events.taken(9)).toHaveLength(1);
  const later = { ...event, eventDateUtc: '2026-02-01T00:00:09.001' };
  await sendWebhook(receiver.xero, key, [later], { first: 11 });
  expect(await receiver.store.events.taken(9)).toHaveLength(2);
});

test('categories go to their streams; what has none, or is about the app, is kept without one', async () => {
  const receiver = await openReceiver();
  const [event] = xeroEvents(1);
  if (!event) throw new Error('no event');
  const told = [
    { eventCategory: 'CONTACT' },
    { eventCategory: 'CREDITNOTE', data: { Type: 'ACCPAYCREDIT', Status: 'DRAFT' } },
    { eventCategory: 'CREDITNOTE', data: { Type: 'ACCRECCREDIT', Status: 'DRAFT' } },
    { eventCategory: 'creditnote' },
    { eventCategory: 'PREPAYMENT' },
    { eventCategory: 'OVERPAYMENT' },
    { eventCategory: 'PAYMENT' },
    { eventCategory: 'SOMETHING NEW' },
    { eventCategory: 'CONTACT', tenantType: 'APPLICATION' as const },
    { eventCategory: 'constructor' },
  ].map((more, index) => ({ ...event, resourceId: `id-${index}`, ...more }));
  expect((await sendWebhook(receiver.xero, key, told)).status).toBe(200);
  const taken = await receiver.store.events.taken(99);
  const streams = told.map(({ resourceId }) => taken.find(({ record }) => record === resourceId)?.stream);
  expect(streams).toEqual([
    ...['contacts', 'purchase_credit_notes', 'sales_credit_notes', 'sales_credit_notes', 'prepayments'],
    ...['overpayments', 'payments', undefined, undefined, undefined],
  ]);
});

test.each(['cloudevents', 'legacy'] as const)(
  'QuickBooks events of several companies in one %s body are kept, each by its own',
  async (form) => {
    const receiver = await openReceiver();
    const changes = [
      change('1'),
      change('2', { realmId: '77', entity: 'Customer', operation: 'Create' }),
      change('3', { entity: 'CompanyCurrency', operation: 'Create' }),
      change('4', { entity: 'Payment', operation: 'Void' }),
      change('5', { entity: 'Class', operation: 'Delete' }),
      change('6', { entity: 'Estimate', operation: 'Emailed' }),
      change('7', { entity: 'Customer', operation: 'Merge', deletedId: '27' }),
      change('8', { entity: 'TaxCode' }),
    ];
    for (let time = 0; time < 2; time += 1)
      expect((await sendQuickbooks(receiver.quickbooks, changes, { verifierToken, form })).status).toBe(200);
    const taken = await receiver.store.events.taken(99);
    const said = taken.map(({ tenant, stream, record, type }) => [tenant, stream, record, type]);
    expect(said.sort((one, other) => Number(one[2]) - Number(other[2]))).toEqual([
      ['9341', 'invoices', '1', 'invoice.updated'],
      ['77', 'customers', '2', 'customer.created'],
      ['9341', 'company_currencies', '3', 'currency.created'],
      ['9341', 'payments', '4', 'payment.voided'],
      ['9341', 'classes', '5', 'class.deleted'],
      ['9341', 'estimates', '6', 'estimate.emailed'],
      ['9341', 'customers', '7', 'customer.merged'],
      ['9341', undefined, '8', 'taxcode.updated'],
      ['9341', 'customers', '27', 'customer.merged'],
    ]);
    expect(taken.every(({ happenedAt }) => Math.abs(happenedAt - AT) < 1_000)).toBe(true);
  },
);

test('times with fractions of any length are those of the event', async () => {
  const receiver = await openReceiver();
  const body = JSON.parse(
    quickbooksBody(
      Array.from({ length: 10 }, (_, id) => change(`${id + 1}`, { at: AT + 123 })),
      'cloudevents',
    ),
  );
  expect(new Set(body.map(({ time }: { time: string }) => time.length)).size).toBe(10);
  await postQuickbooks(receiver.quickbooks, JSON.stringify(body), { verifierToken });
  const times = (await receiver.store.events.taken(99)).map(({ happenedAt }) => happenedAt - AT);
  expect([...new Set(times)].sort((one, other) => one - other)).toEqual([0, 100, 120, 123]);
});

test('an empty body that is signed holds nothing, one that is not signed is refused', async () => {
  const receiver = await openReceiver();
  expect((await send(receiver.xero, '', { headers: signed('') })).status).toBe(200);
  expect((await send(receiver.xero, '')).status).toBe(401);
  const intuit = { 'intuit-signature': quickbooksSignature('[]', verifierToken) };
  expect((await send(receiver.quickbooks, '[]', { headers: intuit })).status).toBe(200);
  expect(await receiver.store.events.taken(9)).toEqual([]);
});

test('the type of the content does not matter where the signature is right, and helps nobody where it is not', async () => {
  const receiver = await openReceiver();
  const body = webhookBody(xeroEvents(1), { first: 1 });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const headers = { 'content-type': type };
    expect((await send(receiver.xero, body, { headers: { ...headers, ...signed(body) } })).status).toBe(200);
    expect((await send(receiver.xero, body, { headers })).status).toBe(401);
  }
  const odd = await send(receiver.xero, body, { headers: { 'content-type': '/;;', ...signed(body) } });
  expect([odd.status, odd.body]).toEqual([415, '']);
  expect(await receiver.store.events.taken(9)).toHaveLength(1);
});

test('routes of others in the same server read bodies as before', async () => {
  const { url } = await openReceiver();
  const json = { 'content-type': 'application/json' };
  expect(await send(`${url}/form`, '{"a":1}', { headers: json })).toMatchObject({
    status: 200,
    body: '{"a":1}',
  });
  expect((await send(`${url}/form`, '{', { headers: json })).status).toBe(400);
  expect((await send(`${url}/form`, 'a', { headers: { 'content-type': 'text/csv' } })).status).toBe(415);
});

test('a body that is too large is refused, whether it says so or not', async () => {
  const receiver = await openReceiver();
  const large = Buffer.alloc(5 * 1024 * 1024, ' ');
  const told = { 'content-length': String(large.length), ...signed(large) };
  expect(await send(receiver.xero, 'x', { headers: told, slow: 60_000 })).toMatchObject({
    status: 413,
    body: '',
  });
  const chunked = { 'transfer-encoding': 'chunked', ...signed(large) };
  const refused = await send(receiver.xero, large, { headers: chunked }).catch((error) => error.code);
  // Who still writes when the answer is there may lose it to the closed connection.
  if (typeof refused === 'string') expect(refused).toMatch(/EPIPE|ECONNRESET/);
  else expect(refused.status).toBe(413);
  expect(receiver.log.map(({ message }) => message)).toEqual(['Refused a webhook: its body is too large']);
});

test('a body that comes too slowly is refused, and its connection closed', async () => {
  const receiver = await openReceiver({ clock: fastClock({ rate: 20 }) });
  const body = webhookBody(xeroEvents(1), { first: 1 });
  const headers = { 'content-length': String(Buffer.byteLength(body)), ...signed(body) };
  const began = performance.now();
  const answer = await send(receiver.xero, body, { headers, slow: 60_000 });
  expect([answer.status, answer.body, answer.headers.connection]).toEqual([408, '', 'close']);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await receiver.store.events.taken(9)).toEqual([]);
});

test('bodies that hold too much together are refused, and the next ones are taken again', async () => {
  const receiver = await openReceiver();
  const large = Buffer.alloc(4 * 1024 * 1024 - 1, ' ');
  const headers = { 'content-length': String(large.length) };
  const statuses = await Promise.all(
    Array.from({ length: 40 }, () =>
      send(receiver.xero, large, { headers, slow: 60_000 }).then(
        ({ status }) => status,
        (error) => error.code,
      ),
    ),
  );
  expect(statuses).toContain(503);
  for (const status of statuses) expect([408, 503, 'EPIPE', 'ECONNRESET']).toContain(status);
  expect((await sendWebhook(receiver.xero, key, xeroEvents(1))).status).toBe(200);
});

test('a body that comes in two parts in time is taken', async () => {
  const receiver = await openReceiver();
  const body = webhookBody(xeroEvents(2), { first: 1 });
  const headers = { 'content-length': String(Buffer.byteLength(body)), ...signed(body) };
  expect((await send(receiver.xero, body, { headers, slow: 100 })).status).toBe(200);
  expect(await receiver.store.events.taken(9)).toHaveLength(2);
});

test('while the store cannot be written the sender is told to come again, and nothing is lost', async () => {
  let broken = true;
  const receiver = await openReceiver({
    through: ({ events }) => ({
      events: {
        ...events,
        take: async (list) => {
          if (broken) throw new Error('the disk is full');
          return await events.take(list);
        },
      },
    }),
  });
  const subscription = new WebhookSubscription(fastClock({ rate: 1e6 }), { url: receiver.xero, key });
  await subscription.enable();
  const raising = subscription.raise(xeroEvents(5));
  await expect.poll(() => receiver.log.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
  broken = false;
  await raising;
  expect(subscription.replies.map(({ status }) => status)).toContain(503);
  expect([subscription.state, subscription.waiting]).toEqual(['ok', 0]);
  expect(await receiver.store.events.taken(9)).toHaveLength(5);
  expect(receiver.log).toContainEqual({
    level: 'error',
    about: { source: 'xero', events: 5, unsaid: 0 },
    message: 'Cannot keep events of Xero, which will send them again: the disk is full',
  });
});

test('a store that does not answer in time is not waited for, and what it writes later is not kept twice', async () => {
  const releases: (() => void)[] = [];
  const receiver = await openReceiver({
    clock: fastClock({ rate: 10 }),
    through: ({ events }) => ({
      events: {
        ...events,
        take: async (list) => {
          await new Promise<void>((resolve) => releases.push(resolve));
          return await events.take(list);
        },
      },
    }),
  });
  const reply = await sendWebhook(receiver.xero, key, xeroEvents(2));
  expect(reply.status).toBe(503);
  expect(reply.milliseconds).toBeLessThan(3_000);
  const again = sendWebhook(receiver.xero, key, xeroEvents(2));
  await expect.poll(() => releases.length).toBe(2);
  for (const release of releases) release();
  expect((await again).status).toBe(200);
  expect(await receiver.store.events.taken(9)).toHaveLength(2);
});

test('while PostgreSQL is away the sender is told in time to come again', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.close());
  const receiver = await openReceiver({ kind: 'postgres', url: server.url('writer') });
  expect((await sendQuickbooks(receiver.quickbooks, [change('1')], { verifierToken })).status).toBe(200);
  await server.close();
  const reply = await sendQuickbooks(receiver.quickbooks, [change('2')], { verifierToken });
  expect(reply.status).toBe(503);
  expect(reply.milliseconds).toBeLessThan(3_000);
});

test('what is signed but cannot be read is taken, told, and makes all pipelines of the sender look for changes', async () => {
  const receiver = await openReceiver({
    pipelines: [pipelineOf('a'), pipelineOf('b', { streams: ['contacts'] })],
  });
  for (const body of ['not json', '{"other":1}', '{"events":[{"resourceId":"1"},null]}'])
    expect((await postWebhook(receiver.xero, body, { key })).status).toBe(200);
  expect(receiver.log.map(({ level }) => level)).toEqual(['error']);
  await receiver.gather();
  const jobs = await receiver.jobs();
  expect(jobs.map(({ pipeline: name, cause }) => [name, cause])).toEqual([
    ['a', 'reconcile'],
    ['b', 'reconcile'],
  ]);
  expect(jobs[1]?.streams).toEqual(['contacts']);
  expect(await receiver.store.events.taken(9)).toEqual([]);
});

test('a tenant that no pipeline reads is told once, and its events are ignored', async () => {
  const receiver = await openReceiver({ pipelines: [pipelineOf('books', { tenants: ['another'] })] });
  const events = xeroEvents(3);
  for (const event of events) await sendWebhook(receiver.xero, key, [event]);
  expect(receiver.log).toEqual([
    {
      level: 'warn',
      about: { source: 'xero', tenant: events[0]?.tenantId, unsaid: 0 },
      message: `Ignored events of Xero for tenant "${events[0]?.tenantId}": no pipeline reads it`,
    },
  ]);
  const ids = (await receiver.store.events.taken(9)).map(({ id }) => id);
  expect(await receiver.gather()).toBe(3);
  expect(await receiver.jobs()).toEqual([]);
  for (const id of ids) expect((await receiver.event(id))?.state).toBe('ignored');
});

test('neither secrets nor the bodies of strangers are in the log', async () => {
  const receiver = await openReceiver();
  await send(receiver.xero, 'a stranger writes', { headers: { 'x-xero-signature': 'a stranger signs' } });
  const text = JSON.stringify(receiver.log);
  expect(text).toContain('not signed with the key');
  expect(text).not.toMatch(/stranger|example-webhook/);
});
