// What goes wrong at QuickBooks: each failure has its own words, and stays where it belongs.
import { expect, test } from 'vitest';
import { source } from '../../source-quickbooks/index.ts';
import { contextOf, statusesOf } from '../conformance/in-process.ts';
import type { FaultAction } from '../emulators/faults.ts';
import { OUTAGES, type QuickbooksOptions } from '../emulators/quickbooks/index.ts';
import { type Bench, openBench, run, tableOf, truthOf } from './bench.ts';

const streams = ['customers', 'invoices', 'tax_codes', 'time_activities'];
type Switches = NonNullable<QuickbooksOptions['switches']>;

const faultOf = (outage: keyof typeof OUTAGES): FaultAction => {
  const { status, headers, body } = OUTAGES[outage];
  return { kind: 'answer', status, headers, body: body.toString() };
};

const credentialsOf = (bench: Bench) => bench.config.credentials as Record<string, string>;

const failings: readonly [string, (bench: Bench) => void, RegExp][] = [
  [
    'a wrong key pair',
    (bench) => {
      bench.config = { ...bench.config, credentials: { ...credentialsOf(bench), client_secret: 'wrong' } };
    },
    /client id or secret was rejected \(invalid_client\): correct the client id and secret/,
  ],
  [
    'a consent that was withdrawn',
    (bench) => bench.quickbooks.disconnect(bench.realm),
    /rejected \(invalid_grant\): log in again with "source-quickbooks login"/,
  ],
  [
    'a wrong company',
    (bench) => {
      bench.config = { ...bench.config, realm_id: '1234567890123456789' };
    },
    /company "1234567890123456789"/,
  ],
  [
    'a lost role',
    (bench) => bench.quickbooks.demote(bench.realm),
    /no longer an administrator of company "\d+", restore the role or let an administrator log in/,
  ],
  [
    'an ended subscription',
    (bench) => bench.quickbooks.lapse(bench.realm),
    /subscription of company "\d+" has ended/,
  ],
];

test.each(failings)('%s ends check and read with its own words', async (_, breaks, words) => {
  const bench = await openBench();
  breaks(bench);
  const context = await contextOf(source, bench, []);
  await expect(source.check(context)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(words),
  });
  const before = bench.quickbooks.calls();
  await expect(run(bench, { streams })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(words),
  });
  expect(bench.quickbooks.calls() - before).toBeLessThanOrEqual(2);
});

test.each([
  [
    { wrongRealmStatus: 404 } satisfies Switches,
    /the consent is not for company "1234567890123456789", correct "realm_id"/,
  ],
  [{ wrongRealmStatus: 403 } satisfies Switches, /the app may not read company "1234567890123456789"/],
])('a wrong company is told apart (%o)', async (switches, words) => {
  const bench = await openBench({ switches });
  bench.config = { ...bench.config, realm_id: '1234567890123456789' };
  await expect(run(bench, { streams })).rejects.toThrow(words);
});

test.each([
  ['production', /use production keys: development keys reach sandbox companies only/],
  ['sandbox', /use development keys: production keys reach real companies only/],
] as const)('keys of the other kind are told for %s', async (environment, words) => {
  const bench = await openBench({ config: { environment } });
  const body = JSON.stringify({
    warnings: null,
    fault: {
      error: [
        {
          message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
          code: '003100',
        },
      ],
      type: 'AUTHENTICATION',
    },
  });
  bench.quickbooks.faults.add({ path: /\/v3\//, times: 9, does: { kind: 'answer', status: 403, body } });
  await expect(run(bench, { streams })).rejects.toThrow(words);
});

test('the environment decides the host, and endpoints may replace it', async () => {
  const { endpointsOf } = await import('../../source-quickbooks/spec.ts');
  expect(endpointsOf({ environment: 'production', endpoints: {} }).api).toBe(
    'https://quickbooks.api.intuit.com',
  );
  expect(endpointsOf({ environment: 'sandbox', endpoints: {} }).api).toBe(
    'https://sandbox-quickbooks.api.intuit.com',
  );
  expect(endpointsOf({ environment: 'sandbox', endpoints: { api: 'http://127.0.0.1:1' } }).api).toBe(
    'http://127.0.0.1:1',
  );
});

test.each([
  ['5030', /plan of the company does not include it/],
  ['5020', /may not see it/],
] as const)('a table that is closed with %s fails alone', async (code, words) => {
  const bench = await openBench({ switches: { forbidden: { Class: code, TimeActivity: code } } });
  const outcome = await run(bench, { streams: [...streams, 'classes'] });
  expect(outcome.errors.map(({ stream_descriptor }) => stream_descriptor?.name).sort()).toEqual([
    'classes',
    'time_activities',
  ]);
  for (const error of outcome.errors)
    expect(error).toMatchObject({ failure_type: 'config_error', message: expect.stringMatching(words) });
  for (const stream of ['classes', 'time_activities'])
    expect(statusesOf(outcome.messages, stream).at(-1)).toBe('INCOMPLETE');
  for (const stream of ['customers', 'invoices', 'tax_codes'])
    expect(statusesOf(outcome.messages, stream).at(-1)).toBe('COMPLETE');
  expect(outcome.states.has('classes')).toBe(false);
});

test.each([
  'faultIn200',
  'applicationError',
  'badGateway',
  'unavailable',
  'gatewayTimeout',
  'resultTooLarge',
  'empty200',
  'notJson200',
] as const)('%s at any call is survived', async (outage) => {
  for (const skip of [0, 1, 2]) {
    const bench = await openBench({ documents: 60, config: { page_size: 20, batch_size: 6 } });
    bench.quickbooks.faults.add({ path: /\/v3\//, skip, does: faultOf(outage) });
    const outcome = await run(bench, { streams });
    expect(outcome.errors).toEqual([]);
    for (const stream of streams)
      expect([...tableOf(outcome.of(stream)).keys()].sort()).toEqual(
        [...truthOf(bench, stream).keys()].sort(),
      );
  }
});

test('a batch that times out is asked for in halves', async () => {
  const bench = await openBench({ documents: 60 });
  bench.quickbooks.faults.add({
    path: /\/batch/,
    times: 2,
    does: faultOf('gatewayTimeout'),
  });
  const outcome = await run(bench, { streams });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('invoices').length).toBe(truthOf(bench, 'invoices').size);
});

test('a company that was reset is told to be read afresh, without repetition', async () => {
  const bench = await openBench();
  bench.quickbooks.faults.add({
    path: /\/v3\//,
    times: 20,
    does: faultOf('companyReset'),
  });
  await expect(run(bench, { streams })).rejects.toThrow(
    /was reset in QuickBooks, read it again without a state/,
  );
  expect(bench.quickbooks.calls()).toBe(1);
});

test('a consent that is withdrawn in the middle ends the run, and its states are good', async () => {
  const bench = await openBench({ documents: 150, config: { page_size: 10, batch_size: 4 } });
  let calls = 0;
  bench.quickbooks.beforeCall(() => {
    calls += 1;
    if (calls !== 4) return;
    bench.quickbooks.disconnect(bench.realm);
    bench.quickbooks.expireAccessTokens();
  });
  await expect(run(bench, { streams })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/log in again/),
  });
});

test('a state that is not of this source is refused, not read as none', async () => {
  const bench = await openBench();
  const states = (state: Record<string, unknown>) => new Map([['invoices', state]]);
  const refused = (state: Record<string, unknown>) =>
    expect(run(bench, { streams: ['invoices'], states: states(state) })).rejects;
  await refused({ cursor: '2025-01-01' }).toThrow(
    /Cannot go on from the state of stream "invoices": it has no "realms"/,
  );
  await refused({ realms: { [bench.realm]: { cursor: 'yesterday' } } }).toThrow(/"yesterday"/);
  await refused({ realms: { [bench.realm]: { cursor: '2026-01-01T00:00:00Z', ids: 'x' } } }).toThrow(/"ids"/);
});
