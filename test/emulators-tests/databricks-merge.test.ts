// MERGE INTO on the Databricks emulator: replay, deletes, duplicates, stars, snapshots, speed.
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './databricks-client.ts';

const invoices = `CREATE TABLE \`workspace\`.\`ledger\`.\`invoices\` (\`id\` STRING NOT NULL, \`total\` DECIMAL(18,4), \`_row_hash\` STRING,
  \`_deleted_at\` TIMESTAMP, CONSTRAINT \`pk_invoices\` PRIMARY KEY (\`id\`)) CLUSTER BY AUTO`;

const upsert = `MERGE INTO \`workspace\`.\`ledger\`.\`invoices\` AS t
  USING (SELECT \`id\`, \`total\`, \`_row_hash\`, \`_op\` FROM read_files('/Volumes/workspace/ledger/stage/invoices/17/*.parquet', format => 'parquet')) AS s
  ON t.\`id\` IS NOT DISTINCT FROM s.\`id\`
  WHEN MATCHED AND s.\`_op\` = 'd' AND t.\`_deleted_at\` IS NULL THEN UPDATE SET \`_deleted_at\` = TIMESTAMP '2026-01-31 12:00:00'
  WHEN MATCHED AND s.\`_op\` <> 'd' AND (t.\`_row_hash\` IS DISTINCT FROM s.\`_row_hash\` OR t.\`_deleted_at\` IS NOT NULL)
    THEN UPDATE SET t.\`total\` = s.\`total\`, t.\`_row_hash\` = s.\`_row_hash\`, \`_deleted_at\` = NULL
  WHEN NOT MATCHED AND s.\`_op\` <> 'd' THEN INSERT (\`id\`, \`total\`, \`_row_hash\`) VALUES (s.\`id\`, s.\`total\`, s.\`_row_hash\`)`;

async function stageInvoices(workspace: Workspace, values: string, file = 'a'): Promise<void> {
  await workspace.stage(
    `workspace/ledger/stage/invoices/17/${file}.parquet`,
    `SELECT id, CAST(total AS DECIMAL(18,4)) AS total, _row_hash, _op FROM (VALUES ${values}) AS v(id, total, _row_hash, _op)`,
  );
}

test('an upsert from staged Parquet inserts, updates, soft-deletes, revives, and a replay changes nothing', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(invoices);
  await stageInvoices(workspace, "('a', 1.5, 'h1', 'u'), ('b', 2, 'h2', 'u'), ('c', 3, 'h3', 'd')");
  expect(await workspace.rows(upsert)).toEqual([['2', '0', '0', '2']]);
  expect(await workspace.rows(upsert)).toEqual([['0', '0', '0', '0']]);
  await stageInvoices(workspace, "('a', 1.75, 'h1b', 'u'), ('b', NULL, NULL, 'd')");
  expect(await workspace.rows(upsert)).toEqual([['2', '2', '0', '0']]);
  expect(await workspace.rows(upsert)).toEqual([['0', '0', '0', '0']]);
  expect(
    await workspace.emulator.query('SELECT id, total, _deleted_at FROM ledger.invoices ORDER BY id'),
  ).toEqual([
    { id: 'a', total: '1.7500', _deleted_at: null },
    { id: 'b', total: '2.0000', _deleted_at: '2026-01-31T12:00:00.000Z' },
  ]);
  await stageInvoices(workspace, "('b', 2, 'h2', 'u')");
  expect(await workspace.rows(upsert)).toEqual([['1', '1', '0', '0']]);
  expect(workspace.emulator.statements.at(-1)).toMatchObject({
    kind: 'merge',
    affected: { rows: 1, updated: 1, inserted: 0, deleted: 0 },
  });
  await workspace.emulator.close();
});

test('two source rows for one target row fail with 21506 and change nothing', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(invoices);
  await stageInvoices(workspace, "('a', 1, 'h1', 'u')");
  await workspace.rows(upsert);
  await stageInvoices(workspace, "('a', 2, 'h2', 'u')", 'b');
  await stageInvoices(workspace, "('a', 3, 'h3', 'u')", 'c');
  const answer = await workspace.sql(upsert);
  expect([answer.state, answer.sqlState]).toEqual(['FAILED', '21506']);
  expect(answer.error).toContain('[DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE]');
  expect(await workspace.emulator.query('SELECT total FROM ledger.invoices')).toEqual([{ total: '1.0000' }]);
  await workspace.emulator.close();
});

const duplicates = `MERGE INTO workspace.ledger.t AS t USING (SELECT * FROM VALUES ('a', 1), ('a', 2) AS v(id, n)) AS s ON t.id = s.id`;

test('unmatched duplicates are inserted silently, and an unconditional DELETE may match twice', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (id STRING, n INT)');
  expect(
    await workspace.rows(`${duplicates} WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n)`),
  ).toEqual([['2', '0', '0', '2']]);
  expect(await workspace.rows(`${duplicates} WHEN MATCHED THEN DELETE`)).toEqual([['2', '0', '2', '0']]);
  await workspace.emulator.close();
});

test('duplicates that a clause condition leaves out count only where the check looks at ON alone', async () => {
  const statement = `${duplicates} WHEN MATCHED AND s.n = 2 THEN UPDATE SET n = s.n`;
  for (const [mergeDuplicates, sqlState] of [
    ['on and conditions', undefined],
    ['on alone', '21506'],
  ] as const) {
    const workspace = await openWorkspace({ switches: { mergeDuplicates } });
    await workspace.rows("CREATE TABLE workspace.ledger.t AS SELECT 'a' AS id, 0 AS n");
    expect((await workspace.sql(statement)).sqlState).toBe(sqlState);
    await workspace.emulator.close();
  }
});

test('a child source of kept and vanished rows replaces the children of each parent', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    'CREATE TABLE workspace.ledger.lines (parent STRING NOT NULL, position BIGINT NOT NULL, amount DECIMAL(18,4))',
  );
  await workspace.rows("INSERT INTO workspace.ledger.lines VALUES ('a', 1, 1), ('a', 2, 2), ('b', 1, 9)");
  await workspace.stage(
    'workspace/ledger/stage/lines.parquet',
    "SELECT 'a' AS parent, 1::BIGINT AS position, 5::DECIMAL(18,4) AS amount",
  );
  await workspace.stage('workspace/ledger/stage/parents.parquet', "SELECT 'a' AS id");
  const files = (name: string) =>
    `read_files('/Volumes/workspace/ledger/stage/${name}.parquet', format => 'parquet')`;
  const statement = `MERGE INTO workspace.ledger.lines AS t USING (
      SELECT parent, position, amount, 'u' AS _op FROM ${files('lines')}
      UNION ALL
      SELECT k.parent, k.position, CAST(NULL AS DECIMAL(18,4)) AS amount, 'd' AS _op FROM workspace.ledger.lines AS k
      JOIN ${files('parents')} AS p ON p.id = k.parent
      LEFT ANTI JOIN ${files('lines')} AS f ON f.parent = k.parent AND f.position = k.position
    ) AS s ON t.parent <=> s.parent AND t.position <=> s.position
    WHEN MATCHED AND s._op = 'd' THEN DELETE
    WHEN MATCHED AND t.amount IS DISTINCT FROM s.amount THEN UPDATE SET amount = s.amount
    WHEN NOT MATCHED AND s._op = 'u' THEN INSERT (parent, position, amount) VALUES (s.parent, s.position, s.amount)`;
  expect(await workspace.rows(statement)).toEqual([['2', '1', '1', '0']]);
  expect(await workspace.rows(statement)).toEqual([['0', '0', '0', '0']]);
  expect(
    await workspace.rows('SELECT parent, position, amount FROM workspace.ledger.lines ORDER BY parent'),
  ).toEqual([
    ['a', '1', '5.0000'],
    ['b', '1', '9.0000'],
  ]);
  await workspace.emulator.close();
});

test('a commit log takes its row from VALUES or from constants, once', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    'CREATE TABLE workspace.ledger.commits (job STRING NOT NULL, stream STRING NOT NULL, n BIGINT, at TIMESTAMP)',
  );
  const log = (
    source: string,
  ) => `MERGE INTO workspace.ledger.commits AS t USING (${source}) AS s ON t.job = s.job AND t.stream = s.stream
    WHEN NOT MATCHED THEN INSERT (job, stream, n, at) VALUES (s.job, s.stream, s.n, current_timestamp())`;
  const values = log("SELECT * FROM VALUES ('j', 'a', 1), ('j', 'b', 2) AS v(job, stream, n)");
  expect(await workspace.rows(values)).toEqual([['2', '0', '0', '2']]);
  expect(await workspace.rows(values)).toEqual([['0', '0', '0', '0']]);
  expect(await workspace.rows(log("SELECT 'j' AS job, 'c' AS stream, 3 AS n"))).toEqual([
    ['1', '0', '0', '1'],
  ]);
  const [row] = await workspace.emulator.query('SELECT "at" FROM ledger.commits LIMIT 1');
  expect(String(row?.at)).toMatch(/^2026-01-31T12:00/);
  await workspace.emulator.close();
});

test('rows the source no longer has are found by NOT MATCHED BY SOURCE', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    "CREATE TABLE workspace.ledger.t AS SELECT * FROM VALUES ('a', CAST(NULL AS TIMESTAMP)), ('b', NULL) AS v(id, gone)",
  );
  const statement = `MERGE INTO workspace.ledger.t AS t USING (SELECT 'a' AS id) AS s ON t.id = s.id
    WHEN NOT MATCHED BY SOURCE AND t.gone IS NULL THEN UPDATE SET gone = current_timestamp()`;
  expect(await workspace.rows(statement)).toEqual([['1', '1', '0', '0']]);
  expect(await workspace.rows(statement)).toEqual([['0', '0', '0', '0']]);
  await workspace.emulator.close();
});

test('stars go by name, ignore extra source columns, and miss none of the target', async () => {
  const workspace = await openWorkspace();
  await workspace.rows("CREATE TABLE workspace.ledger.t AS SELECT 'a' AS id, 1 AS n");
  const star = (source: string) =>
    `MERGE INTO workspace.ledger.t AS t USING (${source}) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`;
  expect(await workspace.rows(star("SELECT 9 AS extra, 2 AS n, 'a' AS ID"))).toEqual([['1', '1', '0', '0']]);
  expect((await workspace.sql(star("SELECT 'a' AS id"))).sqlState).toBe('42703');
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t')).toEqual([['a', '2']]);
  await workspace.emulator.close();
});

test('schema evolution adds the new columns of the source', async () => {
  const workspace = await openWorkspace();
  await workspace.rows("CREATE TABLE workspace.ledger.t AS SELECT 'a' AS id, 1 AS n");
  const statement = `MERGE WITH SCHEMA EVOLUTION INTO workspace.ledger.t AS t USING (SELECT 'b' AS id, DATE '2026-01-31' AS due) AS s
    ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`;
  expect(await workspace.rows(statement)).toEqual([['1', '0', '0', '1']]);
  expect(await workspace.rows('SELECT id, n, due FROM workspace.ledger.t ORDER BY id')).toEqual([
    ['a', '1', null],
    ['b', null, '2026-01-31'],
  ]);
  await workspace.emulator.close();
});

test('a clause before the last of its kind needs a condition', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.sql(
    'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE WHEN MATCHED THEN UPDATE SET a = 1',
  );
  expect(answer.error).toContain('[NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION]');
  await workspace.emulator.close();
});

test('unknown columns fail as 42703 and a NULL key as 23502, both without effect', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(invoices);
  const merge = (clause: string, source = "SELECT 'a' AS id, 1 AS total") =>
    workspace.sql(
      `MERGE INTO workspace.ledger.invoices AS t USING (${source}) AS s ON t.id = s.id ${clause}`,
    );
  expect((await merge('WHEN MATCHED THEN UPDATE SET nowhere = 1')).sqlState).toBe('42703');
  expect((await merge('WHEN NOT MATCHED THEN INSERT (id) VALUES (s.nowhere)')).sqlState).toBe('42703');
  expect((await merge('WHEN MATCHED THEN UPDATE SET x.total = 1')).sqlState).toBe('42703');
  const nullKey = await merge(
    'WHEN NOT MATCHED THEN INSERT (id, total) VALUES (s.id, s.total)',
    "SELECT CAST(NULL AS STRING) AS id, 1 AS total UNION ALL SELECT 'b', 2",
  );
  expect([nullKey.sqlState, nullKey.error]).toEqual(['23502', expect.stringContaining('id')]);
  expect(await workspace.emulator.query('SELECT count(*) AS n FROM ledger.invoices')).toEqual([{ n: 0 }]);
  await workspace.emulator.close();
});

test('the columns of a MERGE result follow their switch', async () => {
  for (const [mergeResult, rows] of [
    ['total', [['1']]],
    ['none', []],
  ] as const) {
    const workspace = await openWorkspace({ switches: { mergeResult } });
    await workspace.rows('CREATE TABLE workspace.ledger.t (id STRING)');
    expect(
      await workspace.rows(
        "MERGE INTO workspace.ledger.t AS t USING (SELECT 'a' AS id) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
      ),
    ).toEqual(rows);
    expect(workspace.emulator.statements.at(-1)?.affected.inserted).toBe(1);
    await workspace.emulator.close();
  }
});

test('200,000 staged rows merge into 200,000 rows within seconds', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(invoices);
  const rows = (hash: string) =>
    `SELECT 'id' || i AS id, (i / 100)::DECIMAL(18,4) AS total, md5('${hash}' || i) AS _row_hash, 'u' AS _op FROM range(200000) r(i)`;
  await workspace.stage('workspace/ledger/stage/invoices/17/a.parquet', rows('x'));
  expect(await workspace.rows(upsert)).toEqual([['200000', '0', '0', '200000']]);
  await workspace.stage('workspace/ledger/stage/invoices/17/a.parquet', rows('y'));
  const started = performance.now();
  expect(await workspace.rows(upsert)).toEqual([['200000', '200000', '0', '0']]);
  expect(performance.now() - started).toBeLessThan(10_000);
  await workspace.emulator.close();
});

test('a bare NULL in the source fits and compares with a column of any type', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    "CREATE TABLE workspace.ledger.t AS SELECT 'a' AS id, DATE '2026-01-31' AS d, TIMESTAMP '2026-01-31 10:00:00' AS at, true AS b, 1.5BD AS m",
  );
  const statement = `MERGE INTO workspace.ledger.t AS t USING (SELECT 'a' AS id, NULL AS d, NULL AS at, NULL AS b, NULL AS m) AS s ON t.id = s.id
    WHEN MATCHED AND (t.d IS DISTINCT FROM s.d OR t.at IS DISTINCT FROM s.at) THEN UPDATE SET d = s.d, at = s.at, b = s.b, m = s.m
    WHEN NOT MATCHED THEN INSERT (id, d, at) VALUES (s.id, s.d, s.at)`;
  expect(await workspace.rows(statement)).toEqual([['1', '1', '0', '0']]);
  expect(await workspace.rows(statement)).toEqual([['0', '0', '0', '0']]);
  await workspace.rows("INSERT OVERWRITE workspace.ledger.t BY NAME SELECT 'b' AS id, NULL AS d, NULL AS at");
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t')).toEqual([['b', null, null, null, null]]);
  await workspace.emulator.close();
});

test('the source of a MERGE may be a plain table, and WITH may stand before the verb', async () => {
  const workspace = await openWorkspace();
  await workspace.rows("CREATE TABLE workspace.ledger.t AS SELECT 'a' AS id, 1 AS n");
  await workspace.rows("CREATE TABLE workspace.ledger.s AS SELECT 'a' AS id, 2 AS n");
  const tail = 'WHEN MATCHED AND t.n <> s.n THEN UPDATE SET n = s.n';
  expect(await workspace.rows(`MERGE INTO ledger.t USING ledger.s ON t.id = s.id ${tail}`)).toEqual([
    ['1', '1', '0', '0'],
  ]);
  const rows = await workspace.rows(
    `WITH fresh AS (SELECT id, n + 1 AS n FROM ledger.s) MERGE INTO ledger.t USING fresh AS s ON t.id = s.id ${tail}`,
  );
  expect([rows, await workspace.rows('SELECT n FROM ledger.t')]).toEqual([[['1', '1', '0', '0']], [['3']]]);
  await workspace.emulator.close();
});

test('a column called RowID does not hide which row is which', async () => {
  const workspace = await openWorkspace();
  const table = '`workspace`.`ledger`.`reports`';
  await workspace.rows(`CREATE TABLE ${table} (\`Tenant\` STRING, \`RowID\` STRING, \`v\` BIGINT)`);
  const merge = (
    values: string,
  ) => `MERGE INTO ${table} AS t USING (SELECT * FROM VALUES ${values} AS v(a, b, c)) AS s
    ON t.\`Tenant\` = s.a AND t.\`RowID\` = s.b WHEN MATCHED AND s.c < 0 THEN DELETE WHEN MATCHED THEN UPDATE SET \`v\` = s.c
    WHEN NOT MATCHED THEN INSERT (\`Tenant\`, \`RowID\`, \`v\`) VALUES (s.a, s.b, s.c)`;
  await workspace.rows(merge("('x', '1', 1), ('y', '1', 2), ('y', '2', 3)"));
  expect(await workspace.rows(merge("('x', '1', 10), ('y', '1', -1), ('y', '2', 30)"))).toEqual([
    ['3', '2', '1', '0'],
  ]);
  expect(await workspace.emulator.query('SELECT "Tenant", v FROM ledger.reports ORDER BY 1')).toEqual([
    { Tenant: 'x', v: 10 },
    { Tenant: 'y', v: 30 },
  ]);
  await workspace.emulator.close();
});
