// The trail as a file: Parquet that other programs read back, and no half file when something fails.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { saveAudit, savedFormats } from '../../runner/run/audit/save.ts';
import type { AuditRow } from '../../runner/store/index.ts';
import { temporaryFolder } from '../program.ts';
import { storeOf } from './store-open.ts';

const rowOf = (number: number): AuditRow => ({
  pipeline: 'a',
  tenant: 't',
  stream: 'invoices',
  key: String(number),
  document: `INV-${number}, "it's"\n\u6771`,
  hash: '00ff',
  sourceTime: '2026-01-02T03:04:05Z',
  job: 3_000_000_000 + number,
  attempt: 1,
  receipt: 'statement 01ef',
  outcome: 'delivered',
  readAt: 1_000,
  deliveredAt: Date.UTC(2026, 10, 20, 8, 30, 0, 125),
});

const failed: AuditRow = {
  ...{ pipeline: 'a', tenant: 't', stream: 'bills', key: 'x', hash: '', job: 7, attempt: 2 },
  ...{ outcome: 'failed', readAt: 0 },
};

async function* found(rows: readonly AuditRow[]) {
  yield* rows;
}

/** What DuckDB finds in a Parquet file, as JavaScript values, and the types of its columns. */
async function readBack(file: string) {
  const instance = await DuckDBInstance.create(':memory:');
  onTestFinished(() => instance.closeSync());
  const connection = await instance.connect();
  const path = `'${file.replaceAll("'", "''")}'`;
  const reader = await connection.runAndReadAll(
    `SELECT * REPLACE (CAST(event_at AS VARCHAR) AS event_at, epoch_ms(read_at) AS read_at, epoch_ms(delivered_at) AS delivered_at)
     FROM read_parquet(${path})`,
  );
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${path})`);
  const types = described.getRowObjectsJS().map((row) => [row.column_name, row.column_type]);
  return { rows: reader.getRowObjectsJS(), types: Object.fromEntries(types) as Record<string, string> };
}

test('Parquet has every row in order, with whole numbers, moments and missing values', async () => {
  const output = join(await temporaryFolder(), "o'hara's trail.parquet");
  const rows = [...Array.from({ length: 5_000 }, (_, index) => rowOf(index)), failed];
  expect(await saveAudit(found(rows), { format: 'parquet', output })).toBe(5_001);
  const back = await readBack(output);
  expect(back.types).toMatchObject({
    ...{ key: 'VARCHAR', job: 'BIGINT', attempt: 'INTEGER' },
    ...{ source_time: 'VARCHAR', delivered_at: 'TIMESTAMP WITH TIME ZONE' },
  });
  expect(back.rows.map(({ key }) => key)).toEqual(rows.map(({ key }) => key));
  expect(back.rows[4_999]).toEqual({
    ...{ pipeline: 'a', tenant: 't', stream: 'invoices', key: '4999', document: 'INV-4999, "it\'s"\n\u6771' },
    ...{ hash: '00ff', source_time: '2026-01-02T03:04:05Z', event: null, event_at: null },
    ...{ job: 3_000_004_999n, attempt: 1, receipt: 'statement 01ef', outcome: 'delivered' },
    ...{ read_at: 1_000n, delivered_at: BigInt(Date.UTC(2026, 10, 20, 8, 30, 0, 125)) },
  });
  expect(back.rows.at(-1)).toMatchObject({ document: null, receipt: null, delivered_at: null, read_at: 0n });
});

test('the rows of a store come as they are found there', async () => {
  const store = await storeOf('sqlite');
  await store.audit.add([rowOf(1), rowOf(2), failed]);
  const output = join(await temporaryFolder(), 'trail.parquet');
  const rows = store.audit.find({ outcome: 'delivered' });
  expect(await saveAudit(rows, { format: 'parquet', output })).toBe(2);
  expect(new Set((await readBack(output)).rows.map(({ key }) => key))).toEqual(new Set(['1', '2']));
});

test('a trail without rows is a table without rows', async () => {
  const output = join(await temporaryFolder(), 'trail.parquet');
  expect(await saveAudit(found([]), { format: 'parquet', output })).toBe(0);
  expect(await readBack(output)).toMatchObject({
    rows: [],
    types: { delivered_at: 'TIMESTAMP WITH TIME ZONE' },
  });
});

test('text goes into a file as it would to standard output, in place of what was there', async () => {
  const output = join(await temporaryFolder(), 'trail.csv');
  await saveAudit(found([rowOf(1), failed]), { format: 'csv', output });
  await saveAudit(found([failed]), { format: 'csv', output });
  expect((await readFile(output, 'utf8')).split('\r\n')[1]).toMatch(/^a,t,bills,x,/);
});

test.each(savedFormats)(
  'a search that fails in the middle leaves no %s, nor any part of it',
  async (format) => {
    const folder = await temporaryFolder();
    async function* breaking() {
      yield rowOf(1);
      throw new Error('the store went away');
    }
    const saving = saveAudit(breaking(), { format, output: join(folder, 'trail') });
    await expect(saving).rejects.toThrow('the store went away');
    expect(await readdir(folder)).toEqual([]);
  },
);

test('a place that cannot be written is told with what to do', async () => {
  const folder = await temporaryFolder();
  const output = join(folder, 'nowhere', 'trail.parquet');
  await expect(saveAudit(found([failed]), { format: 'parquet', output })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/^Cannot write ".*trail\.parquet": .*, give another place as --output$/),
  });
  await mkdir(join(folder, 'taken'));
  const taken = saveAudit(found([failed]), { format: 'parquet', output: join(folder, 'taken') });
  await expect(taken).rejects.toMatchObject({ kind: 'config' });
  expect(await readdir(folder)).toEqual(['taken']);
});
