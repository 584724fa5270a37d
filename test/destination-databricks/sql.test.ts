// The text of every statement, pinned: what Databricks is sent is read here first.
import { expect, test } from 'vitest';
import { upsertChildren } from '../../databricks/sql/children.ts';
import { logCommits } from '../../databricks/sql/commits.ts';
import * as ddl from '../../databricks/sql/ddl.ts';
import { type CurrentTable, type Layout, layoutFor, wantedLayout } from '../../databricks/sql/layout.ts';
import { appendBatch, emptyTable, replaceRows, retireGenerations } from '../../databricks/sql/load.ts';
import { countDangling, insertInferred, labelOf } from '../../databricks/sql/references.ts';
import { readType } from '../../databricks/sql/types.ts';
import { cursorOf, upsert } from '../../databricks/sql/upsert.ts';
import { childTable, table } from './segments.ts';

const target = '`c`.`s`.`bills`';
const path = '/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet';
const columns = { id: 'text', total: 'decimal(18,4)', updated: 'instant' };
const bills = table('Bills', columns, [], {
  cursor: 'updated',
  description: 'Bills',
  descriptions: { id: 'Key' },
});
const layout = wantedLayout(bills);

/** Without the meta columns, to keep the texts short. */
const short = ({ columns: all, ...rest }: Layout, kept: readonly string[]): Layout => ({
  ...rest,
  columns: all.filter(({ column, name }) => !column.meta || kept.includes(name)),
});

const tableOf = (name: string, types: Readonly<Record<string, string>>): CurrentTable => ({
  name,
  columns: Object.entries(types).map(([column, type]) => ({
    name: column,
    type: readType(type),
    nullable: true,
  })),
  properties: {},
  foreignKeys: [],
});

test('create', () => {
  const statement = ddl.createTable({
    target,
    layout: short(layout, ['_row_hash']),
    primaryKey: { name: 'pk_bills', rely: true },
    foreignKeys: [{ name: 'fk', columns: ['a', 'b'], parent: '`c`.`s`.`p`', parentColumns: ['x', 'y'] }],
    clusterByAuto: true,
    properties: { 'delta.enableTypeWidening': 'true' },
    description: bills.description,
  });
  expect(statement).toMatchInlineSnapshot(`
    "CREATE TABLE IF NOT EXISTS \`c\`.\`s\`.\`bills\` (
      \`id\` STRING NOT NULL COMMENT 'Key',
      \`total\` DECIMAL(18,4),
      \`updated\` TIMESTAMP,
      \`_row_hash\` STRING,
      CONSTRAINT \`pk_bills\` PRIMARY KEY (\`id\`) RELY,
      CONSTRAINT \`fk\` FOREIGN KEY (\`a\`, \`b\`) REFERENCES \`c\`.\`s\`.\`p\` (\`x\`, \`y\`)
    )
    CLUSTER BY AUTO
    COMMENT 'Bills'
    TBLPROPERTIES ('delta.enableTypeWidening' = 'true')"
  `);
});

test('change a table', () => {
  expect([
    ddl.addColumns(target, layout.columns.slice(0, 2)),
    ddl.changeType(target, 'total', readType('DECIMAL(23,9)')),
    ddl.dropNotNull(target, 'total'),
    ddl.setProperties(target, { 'delta.feature.timestampNtz': 'supported' }),
    ddl.addForeignKey(target, { name: 'fk', columns: ['a'], parent: '`c`.`s`.`p`', parentColumns: ['x'] }),
    emptyTable(target),
    retireGenerations(target, 7),
  ]).toMatchInlineSnapshot(`
    [
      "ALTER TABLE \`c\`.\`s\`.\`bills\` ADD COLUMNS (\`id\` STRING COMMENT 'Key', \`total\` DECIMAL(18,4))",
      "ALTER TABLE \`c\`.\`s\`.\`bills\` ALTER COLUMN \`total\` TYPE DECIMAL(23,9)",
      "ALTER TABLE \`c\`.\`s\`.\`bills\` ALTER COLUMN \`total\` DROP NOT NULL",
      "ALTER TABLE \`c\`.\`s\`.\`bills\` SET TBLPROPERTIES ('delta.feature.timestampNtz' = 'supported')",
      "ALTER TABLE \`c\`.\`s\`.\`bills\` ADD CONSTRAINT \`fk\` FOREIGN KEY (\`a\`) REFERENCES \`c\`.\`s\`.\`p\` (\`x\`)",
      "DELETE FROM \`c\`.\`s\`.\`bills\`",
      "DELETE FROM \`c\`.\`s\`.\`bills\` WHERE \`_airbyte_generation_id\` < 7",
    ]
  `);
});

test('upsert with soft deletion, a cursor and a refresh under way', () => {
  const kept = short(layout, ['_row_hash', '_deleted_at', '_airbyte_generation_id']);
  const cursor = cursorOf(kept, ['updated']);
  expect(upsert(target, kept, { path, deletion: 'soft', restamps: true, cursor })).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`bills\` AS t
    USING (SELECT \`id\` AS \`id\`, \`total\` AS \`total\`, \`updated\` AS \`updated\`, \`_row_hash\` AS \`_row_hash\`, \`_airbyte_generation_id\` AS \`_airbyte_generation_id\`, \`_deleted_at\` AS \`_deleted_at\` FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet')) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\`
    WHEN MATCHED AND s.\`_deleted_at\` IS NOT NULL AND t.\`_deleted_at\` IS NULL THEN UPDATE SET \`_deleted_at\` = s.\`_deleted_at\`
    WHEN MATCHED AND s.\`_deleted_at\` IS NULL AND (t.\`_row_hash\` IS DISTINCT FROM s.\`_row_hash\` OR t.\`_deleted_at\` IS NOT NULL OR t.\`_airbyte_generation_id\` < s.\`_airbyte_generation_id\`) AND (t.\`updated\` IS NULL OR s.\`updated\` IS NULL OR t.\`updated\` <= s.\`updated\` OR t.\`_airbyte_generation_id\` < s.\`_airbyte_generation_id\`) THEN UPDATE SET \`total\` = s.\`total\`, \`updated\` = s.\`updated\`, \`_row_hash\` = s.\`_row_hash\`, \`_airbyte_generation_id\` = s.\`_airbyte_generation_id\`, \`_deleted_at\` = s.\`_deleted_at\`
    WHEN NOT MATCHED AND s.\`_deleted_at\` IS NULL THEN INSERT (\`id\`, \`total\`, \`updated\`, \`_row_hash\`, \`_airbyte_generation_id\`, \`_deleted_at\`) VALUES (s.\`id\`, s.\`total\`, s.\`updated\`, s.\`_row_hash\`, s.\`_airbyte_generation_id\`, s.\`_deleted_at\`)"
  `);
});

test('upsert with hard deletion', () => {
  const kept = short(layout, ['_row_hash', '_deleted_at']);
  expect(upsert(target, kept, { path, deletion: 'hard', restamps: false })).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`bills\` AS t
    USING (SELECT \`id\` AS \`id\`, \`total\` AS \`total\`, \`updated\` AS \`updated\`, \`_row_hash\` AS \`_row_hash\`, \`_deleted_at\` AS \`_deleted_at\` FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet')) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\`
    WHEN MATCHED AND s.\`_deleted_at\` IS NOT NULL THEN DELETE
    WHEN MATCHED AND s.\`_deleted_at\` IS NULL AND (t.\`_row_hash\` IS DISTINCT FROM s.\`_row_hash\` OR t.\`_deleted_at\` IS NOT NULL) THEN UPDATE SET \`total\` = s.\`total\`, \`updated\` = s.\`updated\`, \`_row_hash\` = s.\`_row_hash\`, \`_deleted_at\` = s.\`_deleted_at\`
    WHEN NOT MATCHED AND s.\`_deleted_at\` IS NULL THEN INSERT (\`id\`, \`total\`, \`updated\`, \`_row_hash\`, \`_deleted_at\`) VALUES (s.\`id\`, s.\`total\`, s.\`updated\`, s.\`_row_hash\`, s.\`_deleted_at\`)"
  `);
});

test('upsert into a table of other types', () => {
  const current = tableOf('bills', {
    id: 'STRING',
    total: 'DOUBLE',
    _row_hash: 'STRING',
    _airbyte_meta: 'STRING',
  });
  const kept = layoutFor(bills, current);
  expect(upsert(target, kept, { path, deletion: 'hard', restamps: false })).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`bills\` AS t
    USING (SELECT \`id\` AS \`id\`, CASE WHEN try_cast(try_cast(\`total\` AS DOUBLE) AS DECIMAL(18,4)) = \`total\` THEN try_cast(\`total\` AS DOUBLE) END AS \`total\`, \`_row_hash\` AS \`_row_hash\`, CASE WHEN concat_ws(',', CASE WHEN \`total\` IS NOT NULL AND CASE WHEN try_cast(try_cast(\`total\` AS DOUBLE) AS DECIMAL(18,4)) = \`total\` THEN try_cast(\`total\` AS DOUBLE) END IS NULL THEN '{"field":"total","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}' END) = '' THEN \`_airbyte_meta\` WHEN instr(\`_airbyte_meta\`, '"changes":[]') > 0 THEN replace(\`_airbyte_meta\`, '"changes":[', concat('"changes":[', concat_ws(',', CASE WHEN \`total\` IS NOT NULL AND CASE WHEN try_cast(try_cast(\`total\` AS DOUBLE) AS DECIMAL(18,4)) = \`total\` THEN try_cast(\`total\` AS DOUBLE) END IS NULL THEN '{"field":"total","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}' END))) WHEN instr(\`_airbyte_meta\`, '"changes":[') > 0 THEN replace(\`_airbyte_meta\`, '"changes":[', concat('"changes":[', concat_ws(',', CASE WHEN \`total\` IS NOT NULL AND CASE WHEN try_cast(try_cast(\`total\` AS DOUBLE) AS DECIMAL(18,4)) = \`total\` THEN try_cast(\`total\` AS DOUBLE) END IS NULL THEN '{"field":"total","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}' END), ',')) ELSE concat('{"changes":[', concat_ws(',', CASE WHEN \`total\` IS NOT NULL AND CASE WHEN try_cast(try_cast(\`total\` AS DOUBLE) AS DECIMAL(18,4)) = \`total\` THEN try_cast(\`total\` AS DOUBLE) END IS NULL THEN '{"field":"total","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}' END), ']}') END AS \`_airbyte_meta\` FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet')) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\`
    WHEN MATCHED AND (t.\`_row_hash\` IS DISTINCT FROM s.\`_row_hash\`) THEN UPDATE SET \`total\` = s.\`total\`, \`_row_hash\` = s.\`_row_hash\`, \`_airbyte_meta\` = s.\`_airbyte_meta\`
    WHEN NOT MATCHED THEN INSERT (\`id\`, \`total\`, \`_row_hash\`, \`_airbyte_meta\`) VALUES (s.\`id\`, s.\`total\`, s.\`_row_hash\`, s.\`_airbyte_meta\`)"
  `);
});

test('children of touched parents, with and without rows of their own', () => {
  const lines = childTable(bills, 'Lines', { columns: { n: 'integer' }, rows: [] });
  const kept = short(wantedLayout(lines), ['_row_hash', '_deleted_at', '_position']);
  const parent = {
    target,
    layout: short(layout, ['_deleted_at', '_airbyte_extracted_at']),
    path,
    childColumns: ['id'],
    keys: ['id'],
  };
  const options = { deletion: 'hard', restamps: false, parent } as const;
  const own = path.replace('bills', 'lines');
  expect(upsertChildren('`c`.`s`.`lines`', kept, { ...options, path: own })).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`lines\` AS t
    USING (SELECT r.\`id\` AS \`id\`, r.\`_position\` AS \`_position\`, r.\`n\` AS \`n\`, r.\`_row_hash\` AS \`_row_hash\`, r.\`_deleted_at\` AS \`_deleted_at\`, 'u' AS \`_op\` FROM read_files('/Volumes/c/s/v/job/0/0-lines-abc-1-of-1.parquet', format => 'parquet') AS r
      UNION ALL
      SELECT o.\`id\` AS \`id\`, o.\`_position\` AS \`_position\`, CAST(NULL AS BIGINT) AS \`n\`, CAST(NULL AS STRING) AS \`_row_hash\`, CAST(p.gone_at AS TIMESTAMP) AS \`_deleted_at\`, 'd' AS \`_op\` FROM \`c\`.\`s\`.\`lines\` AS o
      JOIN (SELECT f.\`id\` AS key_0, coalesce(f.\`_deleted_at\`, f.\`_airbyte_extracted_at\`, current_timestamp()) AS gone_at FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet') AS f) AS p ON o.\`id\` IS NOT DISTINCT FROM p.key_0
      LEFT ANTI JOIN (SELECT \`id\` AS \`id\`, \`_position\` AS \`_position\` FROM read_files('/Volumes/c/s/v/job/0/0-lines-abc-1-of-1.parquet', format => 'parquet')) AS c ON o.\`id\` IS NOT DISTINCT FROM c.\`id\` AND o.\`_position\` IS NOT DISTINCT FROM c.\`_position\`) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\` AND t.\`_position\` IS NOT DISTINCT FROM s.\`_position\`
    WHEN MATCHED AND s.\`_op\` = 'd' THEN DELETE
    WHEN MATCHED AND s.\`_op\` = 'u' AND (t.\`_row_hash\` IS DISTINCT FROM s.\`_row_hash\` OR t.\`_deleted_at\` IS NOT NULL) THEN UPDATE SET \`n\` = s.\`n\`, \`_row_hash\` = s.\`_row_hash\`, \`_deleted_at\` = s.\`_deleted_at\`
    WHEN NOT MATCHED AND s.\`_op\` = 'u' THEN INSERT (\`id\`, \`_position\`, \`n\`, \`_row_hash\`, \`_deleted_at\`) VALUES (s.\`id\`, s.\`_position\`, s.\`n\`, s.\`_row_hash\`, s.\`_deleted_at\`)"
  `);
  const cursor = cursorOf(layout, ['updated']);
  expect(
    upsertChildren('`c`.`s`.`lines`', kept, { ...options, deletion: 'soft', cursor }),
  ).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`lines\` AS t
    USING (SELECT o.\`id\` AS \`id\`, o.\`_position\` AS \`_position\`, CAST(NULL AS BIGINT) AS \`n\`, CAST(NULL AS STRING) AS \`_row_hash\`, CAST(p.gone_at AS TIMESTAMP) AS \`_deleted_at\`, 'd' AS \`_op\` FROM \`c\`.\`s\`.\`lines\` AS o
      JOIN (SELECT f.\`id\` AS key_0, coalesce(f.\`_deleted_at\`, f.\`_airbyte_extracted_at\`, current_timestamp()) AS gone_at FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet') AS f LEFT ANTI JOIN \`c\`.\`s\`.\`bills\` AS n ON n.\`id\` IS NOT DISTINCT FROM f.\`id\` AND n.\`updated\` > f.\`updated\`) AS p ON o.\`id\` IS NOT DISTINCT FROM p.key_0) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\` AND t.\`_position\` IS NOT DISTINCT FROM s.\`_position\`
    WHEN MATCHED AND s.\`_op\` = 'd' AND t.\`_deleted_at\` IS NULL THEN UPDATE SET \`_deleted_at\` = s.\`_deleted_at\`"
  `);
});

test('append and replace', () => {
  const current = tableOf('bills', {
    extra: 'INT',
    total: 'DECIMAL(18,4)',
    id: 'STRING',
    _batch_id: 'STRING',
  });
  const kept = layoutFor(bills, current);
  expect(appendBatch(target, kept, { table: current, path, batch: "b'1" })).toMatchInlineSnapshot(`
    "INSERT INTO \`c\`.\`s\`.\`bills\` REPLACE WHERE \`_batch_id\` = 'b\\'1'
    SELECT CAST(NULL AS INT) AS \`extra\`, \`total\` AS \`total\`, \`id\` AS \`id\`, 'b\\'1' AS \`_batch_id\` FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet')"
  `);
  expect(replaceRows(target, short(layout, ['_deleted_at']), path)).toMatchInlineSnapshot(`
    "INSERT OVERWRITE \`c\`.\`s\`.\`bills\` BY NAME
    SELECT \`id\` AS \`id\`, \`total\` AS \`total\`, \`updated\` AS \`updated\`, \`_deleted_at\` AS \`_deleted_at\` FROM read_files('/Volumes/c/s/v/job/0/0-bills-abc-1-of-1.parquet', format => 'parquet')
    WHERE \`_deleted_at\` IS NULL"
  `);
});

test('commit log', () => {
  const commit = {
    job: 'j',
    segment: 0,
    stream: "it's",
    table: 'bills',
    batch: 'abc',
    mode: 'upsert',
    rows: 2,
    tombstones: 0,
    inserted: 2,
    updated: null,
    deleted: 0,
    statement: '01f',
  };
  expect(logCommits('`c`.`s`.`log`', [commit, commit], 0)).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`log\` AS t
    USING (SELECT CAST('j' AS STRING) AS \`job\`, CAST('0' AS BIGINT) AS \`segment\`, CAST('it\\'s' AS STRING) AS \`stream\`, CAST('bills' AS STRING) AS \`table_name\`, CAST('abc' AS STRING) AS \`batch_id\`, CAST('upsert' AS STRING) AS \`mode\`, CAST('2' AS BIGINT) AS \`staged_rows\`, CAST('0' AS BIGINT) AS \`tombstones\`, CAST('2' AS BIGINT) AS \`inserted\`, CAST(NULL AS BIGINT) AS \`updated\`, CAST('0' AS BIGINT) AS \`deleted\`, CAST('01f' AS STRING) AS \`statement_id\`, CAST('1970-01-01T00:00:00.000Z' AS TIMESTAMP) AS \`committed_at\`
      UNION ALL SELECT CAST('j' AS STRING) AS \`job\`, CAST('0' AS BIGINT) AS \`segment\`, CAST('it\\'s' AS STRING) AS \`stream\`, CAST('bills' AS STRING) AS \`table_name\`, CAST('abc' AS STRING) AS \`batch_id\`, CAST('upsert' AS STRING) AS \`mode\`, CAST('2' AS BIGINT) AS \`staged_rows\`, CAST('0' AS BIGINT) AS \`tombstones\`, CAST('2' AS BIGINT) AS \`inserted\`, CAST(NULL AS BIGINT) AS \`updated\`, CAST('0' AS BIGINT) AS \`deleted\`, CAST('01f' AS STRING) AS \`statement_id\`, CAST('1970-01-01T00:00:00.000Z' AS TIMESTAMP) AS \`committed_at\`) AS s
    ON t.\`job\` IS NOT DISTINCT FROM s.\`job\` AND t.\`segment\` IS NOT DISTINCT FROM s.\`segment\` AND t.\`table_name\` IS NOT DISTINCT FROM s.\`table_name\` AND t.\`batch_id\` IS NOT DISTINCT FROM s.\`batch_id\`
    WHEN NOT MATCHED THEN INSERT (\`job\`, \`segment\`, \`stream\`, \`table_name\`, \`batch_id\`, \`mode\`, \`staged_rows\`, \`tombstones\`, \`inserted\`, \`updated\`, \`deleted\`, \`statement_id\`, \`committed_at\`) VALUES (s.\`job\`, s.\`segment\`, s.\`stream\`, s.\`table_name\`, s.\`batch_id\`, s.\`mode\`, s.\`staged_rows\`, s.\`tombstones\`, s.\`inserted\`, s.\`updated\`, s.\`deleted\`, s.\`statement_id\`, s.\`committed_at\`)"
  `);
});

test('keys without a row', () => {
  const dimension = {
    target: '`c`.`s`.`contacts`',
    table: tableOf('contacts', { id: 'BIGINT', EmailAddress: 'STRING', Name: 'STRING', _row_hash: 'STRING' }),
    keys: ['id'],
  };
  const fact = {
    target,
    table: tableOf('bills', { contact: 'STRING', _deleted_at: 'TIMESTAMP' }),
    columns: ['contact'],
  };
  expect(countDangling([{ fact, dimension }])).toMatchInlineSnapshot(
    `"SELECT 0 AS \`reference\`, count(*) AS \`keys\` FROM (SELECT DISTINCT try_cast(f.\`contact\` AS BIGINT) AS \`id\` FROM \`c\`.\`s\`.\`bills\` AS f LEFT ANTI JOIN \`c\`.\`s\`.\`contacts\` AS d ON try_cast(f.\`contact\` AS BIGINT) IS NOT DISTINCT FROM d.\`id\` WHERE try_cast(f.\`contact\` AS BIGINT) IS NOT NULL AND f.\`_deleted_at\` IS NULL) AS k"`,
  );
  expect(insertInferred([{ fact, dimension }], { job: 'j', generation: 3 })).toMatchInlineSnapshot(`
    "MERGE INTO \`c\`.\`s\`.\`contacts\` AS t
    USING (SELECT DISTINCT try_cast(f.\`contact\` AS BIGINT) AS \`id\` FROM \`c\`.\`s\`.\`bills\` AS f LEFT ANTI JOIN \`c\`.\`s\`.\`contacts\` AS d ON try_cast(f.\`contact\` AS BIGINT) IS NOT DISTINCT FROM d.\`id\` WHERE try_cast(f.\`contact\` AS BIGINT) IS NOT NULL AND f.\`_deleted_at\` IS NULL) AS s
    ON t.\`id\` IS NOT DISTINCT FROM s.\`id\`
    WHEN NOT MATCHED THEN INSERT (\`id\`, \`Name\`, \`_row_hash\`) VALUES (s.\`id\`, concat('(unknown ', CAST(s.\`id\` AS STRING), ')'), 'inferred')"
  `);
  expect(insertInferred([], { job: 'j', generation: 3 })).toBeUndefined();
});

test.each([
  [{ id: 'STRING', FirstName: 'STRING', DisplayName: 'STRING' }, 'DisplayName'],
  [{ id: 'STRING', account_name: 'STRING' }, 'account_name'],
  [{ id: 'STRING', Description: 'STRING', Code: 'STRING' }, 'Description'],
  [{ id: 'STRING', Name: 'BIGINT' }, undefined],
  [{ name: 'STRING', amount: 'DOUBLE' }, undefined],
])('of %j the label is %s', (types, label) => {
  expect(labelOf(tableOf('t', types), [Object.keys(types)[0] ?? ''])).toBe(label);
});
