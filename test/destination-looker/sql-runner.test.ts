// SQL Runner as the way in: what it costs, what leaves for Looker, and what happens when it is too much or refused.
import { join } from 'node:path';
import {
  type ConfiguredCatalog,
  type Message,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { catalogOf } from '../conformance/destination.ts';
import { writeAll } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { type LookerOptions, startLooker } from '../emulators/looker/index.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { livingRows } from './instance.ts';

const hostile = `{{ 7 }}'; DROP TABLE x; -- $\{orders.id} {% assign x = 1 %}`;
const complete = streamStatusMessage('documents', 'COMPLETE', 1);
const state = stateMessage('documents', { cursor: 1 }, 1);
const document = (id: string, text: string, lines = 1): Message =>
  recordMessage(
    'documents',
    {
      id,
      at: '2026-01-01T00:00:00Z',
      total: 1,
      contact: { name: text },
      lines: Array.from({ length: lines }, () => ({ text, amount: 1 })),
    },
    1,
  );

async function open(options: Partial<LookerOptions> = {}) {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
  const postgres = await startPostgres();
  const looker = await startLooker({ clock, postgres, connectionRole: 'writer', ...options });
  onTestFinished(async () => {
    await looker.close();
    await postgres.close();
  });
  const { clientId: client_id, clientSecret: client_secret } = looker.credentials;
  const config = {
    mode: 'sql_runner',
    looker: { base_url: looker.url, client_id, client_secret, connection: looker.connection },
    schema: 'finance',
    names: 'snake_case',
    reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
  };
  const write = (
    input: readonly Message[],
    {
      catalog = catalogOf('append_dedup'),
      ...changes
    }: { catalog?: ConfiguredCatalog } & Record<string, unknown> = {},
  ) => writeAll(destination, { clock, config: { ...config, ...changes }, input, catalog });
  const calls = async (work: () => Promise<unknown>): Promise<number> => {
    const before = looker.quotaCalls().db_query;
    await work();
    return looker.quotaCalls().db_query - before;
  };
  return { postgres, looker, write, calls };
}

test('a small load into tables that are there costs four statements, one without rows at most two', async () => {
  const { write, calls } = await open();
  await write([document('a', 'x'), state, complete]);
  // The catalog, the delivery, the catalog again for nothing, keys and proof.
  expect(await calls(() => write([document('a', 'y'), state, complete]))).toBeLessThanOrEqual(8);
  expect(await calls(() => write([state, complete]))).toBeLessThanOrEqual(4);
});

test('no text of a record stands in a statement, and every statement fits', async () => {
  const { write, looker, postgres } = await open();
  await write([document('a', hostile, 3), state, complete]);
  for (const { sql } of looker.sqlRuns) {
    expect(sql).not.toMatch(/\{\{|\{%|\$\{|DROP TABLE|orders\.id/);
    expect(sql.length).toBeLessThanOrEqual(65_535);
  }
  const [row] = await livingRows(postgres, 'documents');
  expect(row?.contact_name).toBe(hostile);
});

test('fields and streams of hostile names become columns and tables', async () => {
  const { write, postgres } = await open();
  const schema = { type: 'object', properties: { id: { type: 'string' }, [hostile]: { type: 'string' } } };
  await write([recordMessage('documents', { id: 'a', [hostile]: 'v' }, 1), state, complete], {
    names: 'original',
    catalog: catalogOf('append_dedup', 'documents', schema),
  });
  const [row] = await livingRows(postgres, 'documents');
  expect(Object.values(row ?? {})).toEqual(['a', 'v']);
});

test('a delivery too large for a statement goes in pieces, arrives as a whole, and leaves no piece behind', async () => {
  const { write, looker, postgres } = await open();
  await write([document('a', 'old'), complete]);
  const input = Array.from({ length: 60 }, (_, index) =>
    document(`d${index}`, `${index} ${'text '.repeat(500)}`, 2),
  );
  await write([...input, state, complete]);
  expect(await livingRows(postgres, 'documents')).toHaveLength(61);
  expect(await livingRows(postgres, 'documents_lines')).toHaveLength(121);
  expect(await livingRows(postgres, 'ledgerpipe_pieces').catch(() => [])).toEqual([]);
  expect(await postgres.query('SELECT 1 FROM finance.ledgerpipe_pieces')).toEqual([]);
  for (const { sql } of looker.sqlRuns) expect(sql.length).toBeLessThanOrEqual(65_535);
});

test('so many tables that the statement itself is too long are delivered from pieces, as a whole', async () => {
  const { write, looker, postgres } = await open();
  const fields = Object.fromEntries(
    Array.from({ length: 150 }, (_, index) => [`a_field_of_a_wide_table_${index}`, { type: 'number' }]),
  );
  const rows = { type: 'array', items: { type: 'object', properties: fields } };
  const schema = { type: 'object', properties: { id: { type: 'string' }, ...fields, one: rows, two: rows } };
  const catalog = catalogOf('append_dedup', 'documents', schema);
  const value = { a_field_of_a_wide_table_7: 7 };
  const messages = await write(
    [
      recordMessage('documents', { id: 'a', ...value, one: [value], two: [value, value] }, 1),
      state,
      complete,
    ],
    { catalog },
  );
  expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
  expect(looker.sqlRuns.some(({ sql }) => sql.startsWith('DO ') && sql.includes('string_agg'))).toBe(true);
  expect([
    await livingRows(postgres, 'documents_one'),
    await livingRows(postgres, 'documents_two'),
  ]).toMatchObject([[{ a_field_of_a_wide_table_7: '7.0000' }], [{}, {}]]);
  expect(JSON.stringify(messages)).toContain('\\"table\\":\\"documents_two\\",\\"inserted\\":2');
});

test('a delivery that the budget does not allow is refused before its first piece', async () => {
  const { write, looker } = await open();
  await write([document('a', 'x'), complete]);
  const before = looker.sqlRuns.length;
  const input = Array.from({ length: 200 }, (_, index) =>
    document(`d${index}`, `${index} ${'text '.repeat(800)}`),
  );
  await expect(write([...input, complete], { sql_runner: { call_budget: 12 } })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(
      /takes \d+ calls of the Looker API and \d+ are left of "sql_runner.call_budget"/,
    ),
  });
  expect(looker.sqlRuns.slice(before).filter(({ sql }) => sql.includes('INSERT'))).toEqual([]);
});

test('a budget that is spent ends the run with what to do', async () => {
  const { write } = await open();
  await expect(
    write([document('a', 'x'), complete], { sql_runner: { call_budget: 4 } }),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/spent its 4 calls.*raise "sql_runner.call_budget"/),
  });
});

test("an edition's quota that is used up ends the run as a failure that passes with time", async () => {
  const { write } = await open({ quota: { db_query: 3 } });
  await expect(write([document('a', 'x'), complete])).rejects.toMatchObject({ kind: 'transient' });
});

test('a connection that may only read is refused with what to grant', async () => {
  const { write } = await open({ connectionRole: 'reader' });
  await expect(write([document('a', 'x'), complete])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(
      /permission denied.*SQL Runner writes as the connection's main database user/,
    ),
  });
});

test('a key that may not use SQL Runner is told so', async () => {
  const { write } = await open({ permissions: ['access_data', 'see_looks', 'explore'] });
  await expect(write([document('a', 'x'), complete])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/permission "use_sql_runner".*a bad key or a missing permission/),
  });
});

test('a session that ends in the middle is renewed, and nothing is doubled', async () => {
  const { write, looker, postgres } = await open();
  await write([document('a', 'x'), complete], { catalog: catalogOf('append') });
  looker.expireTokens();
  await write([document('b', 'y'), state, complete], { catalog: catalogOf('append') });
  expect(await livingRows(postgres, 'documents')).toHaveLength(2);
});

test('a write whose answer is lost is looked up in the sync log before it is sent again', async () => {
  const { write, looker, postgres } = await open();
  await write([document('a', 'x'), complete], { catalog: catalogOf('append') });
  const before = looker.sqlRuns.length;
  // The catalog is read first; the second statement that runs is the delivery.
  looker.faults.add({ path: /\/run\/json$/, skip: 1, does: { kind: 'cut', when: 'after' } });
  const messages = await write([document('b', 'y'), state, complete], { catalog: catalogOf('append') });
  expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
  const loads = looker.sqlRuns
    .slice(before)
    .filter(({ sql }) => sql.includes('INSERT INTO "finance"."documents"'));
  expect(loads).toHaveLength(1);
  expect(await livingRows(postgres, 'documents')).toHaveLength(2);
});

test('a refresh retires older generations in the statement that completes it', async () => {
  const { write, postgres } = await open();
  const generation = (number: number): ConfiguredCatalog => ({
    streams: catalogOf('append_dedup').streams.map((stream) => ({
      ...stream,
      generation_id: number,
      minimum_generation_id: number,
    })),
  });
  await write([document('a', 'x', 2), document('b', 'x', 2), complete], { catalog: generation(1) });
  await write([document('a', 'x', 2), complete], { catalog: generation(2) });
  expect([
    (await livingRows(postgres, 'documents')).length,
    (await livingRows(postgres, 'documents_lines')).length,
  ]).toEqual([1, 2]);
  await write([complete], { catalog: generation(3) });
  expect(await livingRows(postgres, 'documents')).toEqual([]);
});

const unsure: readonly (readonly [string, NonNullable<LookerOptions['switches']>])[] = [
  ['a failed statement as status 400', { sqlErrorInJson: '400' }],
  ['a sentence for a statement without rows', { withoutResultSet: 'message' }],
  ["a driver's error for a statement without rows", { withoutResultSet: 'error' }],
  ['the same with status 400', { withoutResultSet: 'error', sqlErrorInJson: '400' }],
  [
    'no limit of rows, no cache, a slug for each query',
    { sqlRunnerRowLimit: undefined, sqlRunnerCache: false, sqlSlugReuse: false },
  ],
  ['Liquid that is passed on, and no comment', { liquidInSql: 'passed', contextComment: false }],
  ['Retry-After', { retryAfter: true }],
];

test.each(unsure)('an instance with %s takes deliveries as any other', async (_, switches) => {
  const { write, postgres } = await open({ switches });
  await write([document('a', hostile, 3), state, complete]);
  await write([document('a', 'new', 1), document('b', hostile), state, complete]);
  expect(await livingRows(postgres, 'documents')).toHaveLength(2);
  expect(await livingRows(postgres, 'documents_lines')).toHaveLength(2);
  await expect(write([complete], { schema: 'pg_forbidden' })).rejects.toMatchObject({
    message: expect.stringMatching(/pg_forbidden/),
  });
});
