// What goes wrong at Xero: each failure stays where it belongs, and says what to do.
import { expect, test } from 'vitest';
import { statusesOf } from '../conformance/in-process.ts';
import { OUTAGES } from '../emulators/xero/index.ts';
import { beforeEachCall, openBench, run, tenantState } from './bench.ts';

const someStreams = ['contacts', 'invoices', 'bills', 'manual_journals'];

test('a journal endpoint that is closed fails its stream alone and names scope and tier', async () => {
  const bench = await openBench({ config: { journals: true } });
  const outcome = await run(bench, { streams: [...someStreams, 'journals'] });
  expect(outcome.errors).toEqual([
    {
      message: expect.stringMatching(/accounting\.journals\.read.*Advanced tier/),
      failure_type: 'config_error',
      internal_message: expect.any(String),
      stream_descriptor: { name: 'journals' },
    },
  ]);
  expect(statusesOf(outcome.messages, 'journals')).toEqual(['STARTED', 'INCOMPLETE']);
  expect(outcome.states.has('journals')).toBe(false);
  for (const stream of someStreams) expect(statusesOf(outcome.messages, stream).at(-1)).toBe('COMPLETE');
});

test('journals are not offered unless they are asked for', async () => {
  const bench = await openBench();
  const outcome = await run(bench);
  expect(statusesOf(outcome.messages, 'journals')).toEqual([]);
});

test('a missing scope fails both streams of its endpoint and no other', async () => {
  const scopes = ['accounting.contacts.read', 'accounting.manualjournals.read', 'offline_access'];
  const bench = await openBench({ scopes });
  const outcome = await run(bench, { streams: someStreams });
  expect(outcome.errors.map(({ stream_descriptor }) => stream_descriptor?.name).sort()).toEqual([
    'bills',
    'invoices',
  ]);
  expect(outcome.errors[0]?.message).toMatch(
    /give the app the scope "accounting.invoices.read" and log in again/,
  );
  // Asked once: a new token would be no better.
  expect(bench.xero.calls('Invoices')).toBe(1);
  expect(statusesOf(outcome.messages, 'contacts').at(-1)).toBe('COMPLETE');
});

test('a role that lacks a permission fails the stream with a word on roles', async () => {
  const bench = await openBench({ switches: { forbidden: ['ManualJournals'] } });
  const outcome = await run(bench, { streams: someStreams });
  expect(outcome.errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/raise the user's role/),
      failure_type: 'config_error',
      stream_descriptor: { name: 'manual_journals' },
    }),
  ]);
});

test('an organisation that is disconnected in the middle leaves the other one whole', async () => {
  const bench = await openBench({ companies: 2, documents: 80 });
  const [first, second] = bench.books.map(({ company }) => company.id);
  const names = bench.books.map(({ company }) => company.name);
  const streams = ['contacts', 'payments', 'accounts', 'items'];
  bench.xero.faults.add({
    path: /\/Payments/,
    times: 1,
    does: {
      kind: 'answer',
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: '{"Type":null,"Title":"Forbidden","Status":403,"Detail":"AuthenticationUnsuccessful"}',
    },
  });
  const before = bench.xero.requests.length;
  const outcome = await run(bench, { streams });
  const failed = outcome.errors.map(({ stream_descriptor }) => stream_descriptor?.name);
  expect(failed).toContain('payments');
  expect(outcome.errors[0]?.message).toContain(names[0]);
  expect(outcome.errors[0]?.message).toMatch(/not connected.*connect it again/);
  expect(new Set(outcome.of('payments').map(({ TenantID }) => TenantID))).toEqual(new Set([second]));
  // Nothing more was asked of it afterwards.
  const paths = bench.xero.requests
    .slice(before)
    .filter(({ headers }) => headers['xero-tenant-id'] === first);
  expect(paths.at(-1)?.url.pathname).toMatch(/Payments$/);
  expect(tenantState(outcome.states, 'payments', second ?? '')).toHaveProperty('cursor');
  expect(tenantState(outcome.states, 'payments', first ?? '')).toEqual({});
});

test('an organisation that is offline is not asked again in this run', async () => {
  const bench = await openBench();
  const offline = {
    kind: 'answer',
    status: 503,
    headers: { 'content-type': 'text/plain' },
    body: 'The Organisation is offline',
  } as const;
  bench.xero.faults.add({ path: /api\.xro/, times: 100, does: offline });
  const outcome = await run(bench, { streams: someStreams });
  expect(bench.xero.calls()).toBe(1);
  expect(outcome.errors).toHaveLength(4);
  expect(outcome.errors[0]).toMatchObject({
    failure_type: 'transient_error',
    message: expect.stringMatching(/offline at Xero/),
  });
});

test.each(Object.entries(OUTAGES))('the outage "%s" is told as a passing failure', async (_, text) => {
  const bench = await openBench();
  const body = typeof text === 'string' ? text : String((text as { body?: unknown }).body ?? text);
  bench.xero.faults.add({ path: /Contacts/, times: 100, does: { kind: 'answer', status: 503, body } });
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(outcome.errors).toEqual([expect.objectContaining({ failure_type: 'transient_error' })]);
});

test('a configured organisation that is not connected makes streams incomplete, the others are read', async () => {
  const bench = await openBench();
  const [books] = bench.books;
  const stranger = '11111111-2222-3333-4444-555555555555';
  bench.config = { ...bench.config, tenant_ids: [books.company.id, stranger] };
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(outcome.of('contacts')).toHaveLength(books.contacts.length);
  expect(outcome.errors).toEqual([expect.objectContaining({ message: expect.stringContaining(stranger) })]);
  expect(statusesOf(outcome.messages, 'contacts').at(-1)).toBe('INCOMPLETE');
});

test('a refresh token that is refused ends the run with the way out', async () => {
  const bench = await openBench();
  const credentials = { ...(bench.config.credentials as Record<string, unknown>), refresh_token: 'used-up' };
  bench.config = { ...bench.config, credentials };
  await expect(run(bench)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/log ?in/i),
  });
});

test('consent that is withdrawn in the middle ends the run, and its states are good', async () => {
  const bench = await openBench();
  const first = await run(bench, { streams: ['accounts'] });
  bench.xero.expireAccessTokens();
  const revoked = { kind: 'answer', status: 400, body: '{"error":"invalid_grant"}' } as const;
  let calls = 0;
  beforeEachCall(bench.xero, (path) => {
    if (!path.startsWith('/api.xro')) return;
    calls += 1;
    if (calls !== 2) return;
    bench.xero.expireAccessTokens();
    bench.xero.faults.add({ path: /connect\/token/, times: 9, does: revoked });
  });
  await expect(run(bench, { streams: someStreams, states: first.states })).rejects.toMatchObject({
    kind: 'config',
  });
  expect(bench.xero.calls()).toBeLessThan(6);
});

test('a state that is not of this source is refused, not read as none', async () => {
  const bench = await openBench();
  const states = new Map([['contacts', { cursor: '2025-01-01' }]]);
  await expect(run(bench, { streams: ['contacts'], states })).rejects.toThrow(
    /Cannot go on from the state of stream "contacts"/,
  );
  const wrong = new Map([
    ['contacts', { tenants: { [bench.books[0].company.id]: { cursor: 'yesterday' } } }],
  ]);
  await expect(run(bench, { streams: ['contacts'], states: wrong })).rejects.toThrow(/"yesterday"/);
});
