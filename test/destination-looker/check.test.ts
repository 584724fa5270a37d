// `check` with Looker behind it: what was verified is named, every refusal has its remedy, and the quota is told.
import { expect, onTestFinished, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { contextOf } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { type LookerEmulator, type LookerOptions, startLooker } from '../emulators/looker/index.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { warehouseOf } from './instance.ts';

interface Bench {
  readonly looker: LookerEmulator;
  readonly config: Readonly<Record<string, unknown>>;
  readonly check: (changes?: Readonly<Record<string, unknown>>) => Promise<{ ok: boolean; message: string }>;
}

async function open(options: Partial<LookerOptions> = {}): Promise<Bench> {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
  const postgres = await startPostgres();
  const looker = await startLooker({ clock, postgres, ...options });
  onTestFinished(async () => {
    await looker.close();
    await postgres.close();
  });
  const { clientId: client_id, clientSecret: client_secret } = looker.credentials;
  const config = {
    mode: 'warehouse',
    warehouse: warehouseOf(postgres),
    schema: 'finance',
    looker: {
      base_url: looker.url,
      client_id,
      client_secret,
      connection: looker.connection,
      edition: 'standard',
    },
  };
  return {
    looker,
    config,
    check: async (changes = {}) =>
      destination.check(await contextOf(destination, { config: { ...config, ...changes }, clock }, [])),
  };
}

const model = { name: 'accounts', directory: '/tmp/nowhere', project: 'ledgerpipe', deploy: 'files' };

test('warehouse mode names the database, the key, the connection, its reader, the model and the cost', async () => {
  const { check, looker } = await open();
  const result = await check({ model });
  expect(
    result.message.replace(/PostgreSQL [\d.]+/, 'PostgreSQL N').replace(/Looker [\d.]+/, 'Looker N'),
  ).toMatchInlineSnapshot(
    `"Verified: PostgreSQL N as "ledger_writer"; schema "finance" (made); a table made, written and rolled back; "looker_reader" reads the schema; Looker N; API key of "Ledger Loader" with the permissions it needs; connection "warehouse" (postgres) to database "warehouse"; its tests "connect" and "query"; Looker's "looker_reader" reads schema "finance"; model "accounts" (to be configured by the first load); a load costs about 6 query and 16 administrative API calls: edition "standard" allows about 62 loads a month"`,
  );
  expect(result.ok).toBe(true);
  const { db_query: queries } = looker.quotaCalls();
  expect(queries).toBeLessThanOrEqual(2);
});

test('SQL Runner mode writes a table and drops it', async () => {
  const { check, looker } = await open({ connectionRole: 'writer' });
  const result = await check({ mode: 'sql_runner' });
  expect(result.message).toContain('a table made, written and dropped in schema "finance" by SQL Runner');
  expect(result.message).toMatch(/edition "standard" allows about \d+ loads a month/);
  expect(result.ok).toBe(true);
  expect(looker.quotaCalls().db_query).toBe(2);
});

test('SQL Runner that may not write is refused with what to grant', async () => {
  const { check } = await open({ connectionRole: 'reader' });
  const result = await check({ mode: 'sql_runner' });
  expect(result.ok).toBe(false);
  expect(result.message).toMatch(
    /permission denied.*main database user: grant it CREATE.*or use mode "warehouse"/,
  );
});

const refusals: readonly (readonly [
  string,
  Partial<LookerOptions>,
  (config: Bench['config']) => Readonly<Record<string, unknown>>,
  RegExp,
])[] = [
  [
    'a key that lacks permissions',
    { permissions: ['access_data', 'see_looks', 'explore', 'see_users'] },
    () => ({ mode: 'sql_runner' }),
    /lack "use_sql_runner", ask a Looker admin to add it|missing permission/,
  ],
  [
    'a connection that is not there',
    {},
    ({ looker }) => ({ looker: { ...(looker as object), connection: 'nowhere' } }),
    /find the connection "nowhere": .*a bad key or a missing permission/,
  ],
  [
    "Looker's own connection",
    {},
    ({ looker }) => ({ looker: { ...(looker as object), connection: 'looker__internal__analytics' } }),
    /it is Looker's own/,
  ],
  [
    'a wrong secret',
    {},
    ({ looker }) => ({ looker: { ...(looker as object), client_secret: 'no' } }),
    /no such API key \(404\)/,
  ],
  [
    'a model that is not configured and is not to be',
    {},
    () => ({ model: { ...model, configure: false } }),
    /it is not configured in Looker, or the key may not see it/,
  ],
  ['a deployment without a project', {}, () => ({ model: { deploy: 'api' } }), /"model.project" is missing/],
  [
    'a schedule of nothing',
    {},
    () => ({ schedules: [{ name: 'daily', type: 'email', address: 'a@b.c', format: 'csv' }] }),
    /schedule "daily": give one of "dashboard", "look_id", or "explore"/,
  ],
  [
    'an address without TLS',
    {},
    ({ looker }) => ({ looker: { ...(looker as object), base_url: 'http://looker.example.com' } }),
    /by https only/,
  ],
];

test.each(refusals)('%s is refused with the remedy', async (_, options, change, words) => {
  const { check, config } = await open(options);
  const result = await check(change(config)).catch((error: Error) => ({ ok: false, message: error.message }));
  expect(result.message).toMatch(words);
  expect(result.ok).toBe(false);
});
