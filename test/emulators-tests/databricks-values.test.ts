// How values cross the Databricks emulator: literals, names, and the text forms that switches choose.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWorkspace } from './databricks-client.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'));
const quote = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

test('any text survives as an escaped literal and as a parameter', async () => {
  const workspace = await openWorkspace();
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const answer = await workspace.sql(`SELECT ${quote(value)} AS a, :p AS b`, {
        parameters: [{ name: 'p', value }],
      });
      expect([answer.error, answer.rows]).toEqual(['', [[value, value]]]);
    }),
    { numRuns: 60 },
  );
  await workspace.emulator.close();
});

test('any column name survives in backticks, its case kept and its look-up without regard to case', async () => {
  const workspace = await openWorkspace();
  const name = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'aZ09 _-`"\'.()é,;') });
  await fc.assert(
    fc.asyncProperty(name, async (column) => {
      const spelled = (value: string): string => `\`${value.replaceAll('`', '``')}\``;
      await workspace.rows(
        `CREATE OR REPLACE TABLE workspace.ledger.t (${spelled(column)} INT) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')`,
      );
      await workspace.rows(
        `INSERT INTO workspace.ledger.t BY NAME SELECT 1 AS ${spelled(column.toUpperCase())}`,
      );
      const answer = await workspace.sql(
        `SELECT t.${spelled(column.toLowerCase())} + 1 FROM workspace.ledger.t`,
      );
      expect([answer.error, answer.rows]).toEqual(['', [['2']]]);
      expect(await workspace.rows('DESCRIBE workspace.ledger.t')).toEqual([[column, 'int', null]]);
    }),
    { numRuns: 25 },
  );
  await workspace.emulator.close();
});

test('money keeps every digit through staging, MERGE and results', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (id INT, m DECIMAL(38,10))');
  const amounts = fc.tuple(fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }), fc.nat({ max: 9999 }));
  await fc.assert(
    fc.asyncProperty(amounts, async ([whole, part]) => {
      const amount = `${whole}.${String(part).padStart(4, '0')}`;
      await workspace.rows(
        `INSERT OVERWRITE workspace.ledger.t SELECT 1, CAST('${amount}' AS DECIMAL(38,10))`,
      );
      expect(await workspace.rows('SELECT m FROM workspace.ledger.t')).toEqual([[`${amount}000000`]]);
    }),
    { numRuns: 25 },
  );
  await workspace.emulator.close();
});

test('binary values, empty results and zoned text follow their switches', async () => {
  const binary = "SELECT X'00ff' AS b";
  const empty = 'SELECT 1 AS a WHERE false';
  const zoned = "SELECT CAST('2026-01-31T10:00:00+02:00' AS TIMESTAMP_NTZ) AS t";
  const likely = await openWorkspace();
  expect(await likely.rows(binary)).toEqual([['00FF']]);
  expect((await likely.sql(empty)).body.result).toEqual({ chunk_index: 0, row_offset: 0, row_count: 0 });
  expect(await likely.rows(zoned)).toEqual([['2026-01-31T10:00:00.000']]);
  await likely.emulator.close();
  const other = await openWorkspace({
    switches: { binaryText: 'base64', emptyDataArray: 'present', zonedTextAsNtz: 'fail' },
  });
  expect(await other.rows(binary)).toEqual([['AP8=']]);
  expect((await other.sql(empty)).body.result).toMatchObject({ data_array: [] });
  expect((await other.sql(zoned)).sqlState).toBe('22018');
  await other.emulator.close();
});

test('COPY INTO may answer with two counts instead of three', async () => {
  const workspace = await openWorkspace({ switches: { copyResult: 'rows' } });
  await workspace.rows('CREATE TABLE workspace.ledger.t (id BIGINT)');
  await workspace.stage('workspace/ledger/stage/a.parquet', 'SELECT 1::BIGINT AS id');
  const copy =
    "COPY INTO workspace.ledger.t FROM '/Volumes/workspace/ledger/stage/a.parquet' FILEFORMAT = PARQUET";
  expect(await workspace.rows(copy)).toEqual([['1', '1']]);
  await workspace.emulator.close();
});
