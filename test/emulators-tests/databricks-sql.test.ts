// The dialect of the Databricks emulator: what parses, what is refused, casts, queries, and the INSERT family.
import { expect, test } from 'vitest';
import { openWorkspace } from './databricks-client.ts';

const foreign = [
  'SELECT "t"."id" FROM workspace.ledger.t',
  'CREATE TABLE "t" (id INT)',
  'CREATE TABLE workspace.ledger.t (id TEXT)',
  'CREATE TABLE workspace.ledger.t (id SERIAL)',
  'INSERT INTO workspace.ledger.t VALUES (1) ON CONFLICT DO NOTHING',
  'INSERT INTO workspace.ledger.t VALUES (1) RETURNING id',
  'SELECT * EXCLUDE (a) FROM workspace.ledger.t',
  'SELECT $1',
  'SELECT ?',
  'SELECT id FROM [dbo].[t]',
  'SELECT 1; SELECT 2',
  'VACUUM workspace.ledger.t',
  'GRANT SELECT ON t TO x',
  'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DO NOTHING',
  'UPDATE t SET a = 1 FROM s WHERE t.id = s.id',
  'CREATE INDEX i ON t (a)',
  'SELECT a FROM my-catalog.s.t',
  "SELECT 'unterminated",
  'SELECT * FROM t LIMIT',
  'TRUNCATE t',
  'SELECT',
  '',
];

test('foreign dialects and broken texts are PARSE_SYNTAX_ERROR with a place and an excerpt', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (id INT, a INT)');
  for (const text of foreign.filter((each) => each !== '')) {
    const answer = await workspace.sql(text);
    const wanted = /TEXT|SERIAL/.test(text) ? '0A000' : '42601';
    expect([text, answer.http, answer.state, answer.sqlState]).toEqual([text, 200, 'FAILED', wanted]);
  }
  const answer = await workspace.sql('SELECT a\nFRM workspace.ledger.t');
  expect(answer.error).toBe(
    "[PARSE_SYNTAX_ERROR] Syntax error at or near 'workspace'. SQLSTATE: 42601 (line 2, pos 4)\n\n== SQL ==\nSELECT a\nFRM workspace.ledger.t\n----^^^",
  );
  await workspace.emulator.close();
});

test('an unknown function cannot be resolved', async () => {
  const workspace = await openWorkspace();
  expect((await workspace.sql("SELECT json_build_object('a', 1)")).sqlState).toBe('42883');
  expect((await workspace.sql("SELECT upper('a', 'b')")).sqlState).toBe('42605');
  await workspace.emulator.close();
});

test('expressions mean what they mean in Databricks', async () => {
  const workspace = await openWorkspace();
  const cases: [string, string | null][] = [
    [String.raw`'it\'s\n' || "double"`, "it's\ndouble"],
    [String.raw`r'\d+'`, String.raw`\d+`],
    [String.raw`'\u00e9\\'`, 'é\\'],
    [`'a' 'b'`, 'ab'],
    ['NULL <=> NULL', 'true'],
    ['1 IS DISTINCT FROM NULL', 'true'],
    ["CAST('12' AS BIGINT) + 1", '13'],
    ["CAST(' 12 ' AS INT)", '12'],
    ['CAST(12.7BD AS BIGINT)', '12'],
    ['CAST(-12.7BD AS INT)', '-12'],
    ["try_cast('12.7' AS BIGINT)", null],
    ["try_cast('1_000' AS BIGINT)", null],
    ["try_cast('abc' AS DECIMAL(38,10))", null],
    ["CAST('12.345' AS DECIMAL(10,2))", '12.35'],
    ["'7'::INT", '7'],
    ["CAST(TIMESTAMP '2026-01-31 10:00:00' AS STRING)", '2026-01-31 10:00:00'],
    ["CAST('2026-01-31T10:00:00+02:00' AS TIMESTAMP)", '2026-01-31T08:00:00.000Z'],
    ["CAST('2026-01' AS DATE)", '2026-01-01'],
    ["concat('a', NULL)", null],
    ['if(1 > 2, 1, 2)', '2'],
    ['7 DIV 2', '3'],
    ["sha2('a', 256)", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ["CASE WHEN 1 = 2 THEN 'x' ELSE 'y' END", 'y'],
    ["'50%' LIKE '50\\%'", 'true'],
    ["'500' LIKE '50\\%'", 'false'],
    ["DATE '2026-01-31' + INTERVAL 1 DAY = DATE '2026-02-01'", 'true'],
    ['coalesce(NULL, 12L)', '12'],
    ['1 BETWEEN 0 AND 2 AND NOT false', 'true'],
    ["2 IN (1, 2) AND 'a' NOT IN ('b')", 'true'],
    ["datediff(DATE '2026-02-01', DATE '2026-01-31')", '1'],
    ['-2 + 3 * 4', '10'],
  ];
  for (const [text, wanted] of cases) {
    const answer = await workspace.sql(`SELECT ${text} AS v`);
    expect([text, answer.error, answer.rows]).toEqual([text, '', [[wanted]]]);
  }
  await workspace.emulator.close();
});

test('ANSI failures carry their SQLSTATE', async () => {
  const workspace = await openWorkspace();
  const cases: [string, string][] = [
    ["CAST('12.7' AS BIGINT)", '22018'],
    ["CAST('abc' AS DECIMAL(10,2))", '22018'],
    ["CAST('31/01/2026' AS DATE)", '22018'],
    ["CAST('2026-13-01' AS DATE)", '22018'],
    ["CAST('maybe' AS BOOLEAN)", '22018'],
    ['CAST(99999999999 AS INT)', '22003'],
    ["CAST('99999999999' AS DECIMAL(10,2))", '22003'],
    ['CAST(99999999999.5BD AS DECIMAL(10,2))', '22003'],
    ['1 / 0', '22012'],
    ["CAST(DATE '2026-01-31' AS BIGINT)", '42K09'],
  ];
  for (const [text, sqlState] of cases) {
    const answer = await workspace.sql(`SELECT ${text}`);
    expect([text, answer.state, answer.sqlState]).toEqual([text, 'FAILED', sqlState]);
  }
  await workspace.emulator.close();
});

test('NULL sorts first when ascending and last when descending', async () => {
  const workspace = await openWorkspace();
  const column = async (order: string) =>
    (await workspace.rows(`SELECT a FROM VALUES (2), (NULL), (1) AS v(a) ORDER BY a ${order}`)).map(
      ([a]) => a,
    );
  expect([await column(''), await column('DESC'), await column('ASC NULLS LAST')]).toEqual([
    [null, '1', '2'],
    ['2', '1', null],
    ['1', '2', null],
  ]);
  const newest = await workspace.rows(
    "SELECT id, n FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY n DESC) AS rn FROM VALUES ('a', 1), ('a', 3), ('b', NULL), ('b', 2) AS v(id, n)) WHERE rn = 1 ORDER BY id",
  );
  expect(newest).toEqual([
    ['a', '3'],
    ['b', '2'],
  ]);
  await workspace.emulator.close();
});

test('queries join, anti-join, nest, unite and filter windows', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    "CREATE TABLE workspace.ledger.a AS SELECT * FROM VALUES (1, 'x'), (2, 'y'), (3, 'z') AS v(id, name)",
  );
  await workspace.rows('CREATE TABLE workspace.ledger.b AS SELECT * FROM VALUES (1), (2) AS v(id)');
  const cases: [string, (string | null)[][]][] = [
    ['SELECT a.name FROM workspace.ledger.a LEFT ANTI JOIN workspace.ledger.b ON a.id = b.id', [['z']]],
    ['SELECT name FROM ledger.a LEFT SEMI JOIN ledger.b USING (id) ORDER BY name', [['x'], ['y']]],
    [
      'SELECT a.id, b.id FROM ledger.a LEFT JOIN ledger.b AS b ON a.id = b.id WHERE b.id IS NULL',
      [['3', null]],
    ],
    [
      'WITH m AS (SELECT max(id) AS id FROM ledger.a), n AS (SELECT id + 1 AS id FROM m) SELECT n.id FROM n',
      [['4']],
    ],
    ['SELECT id FROM ledger.b UNION ALL SELECT id FROM ledger.b ORDER BY id LIMIT 3', [['1'], ['1'], ['2']]],
    ['SELECT id FROM ledger.a EXCEPT SELECT id FROM ledger.b', [['3']]],
    ['SELECT * EXCEPT (name) FROM ledger.a WHERE id IN (SELECT id FROM ledger.b) ORDER BY 1', [['1'], ['2']]],
    [
      'SELECT count(*), count(DISTINCT id), sum(id) FROM ledger.a WHERE EXISTS (SELECT 1 FROM ledger.b WHERE b.id = a.id)',
      [['2', '2', '3']],
    ],
    ['SELECT id FROM ledger.a QUALIFY row_number() OVER (ORDER BY id DESC) = 1', [['3']]],
    ['SELECT (SELECT max(id) FROM ledger.b) AS m', [['2']]],
    [
      "SELECT id % 2 AS odd, count(*) AS n FROM IDENTIFIER('workspace.ledger.a') GROUP BY id % 2 HAVING count(*) > 1",
      [['1', '2']],
    ],
    ['-- a note\nSELECT /* another */ 1', [['1']]],
  ];
  for (const [text, rows] of cases) expect([text, (await workspace.sql(text)).rows]).toEqual([text, rows]);
  await workspace.emulator.close();
});

test('INSERT pairs columns by position, by list or by name, and says when they do not pair', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (a INT, b STRING, c DECIMAL(10,2))');
  await workspace.rows("INSERT INTO workspace.ledger.t VALUES ('1', 2, '3.456')");
  await workspace.rows('INSERT INTO workspace.ledger.t (c, a) SELECT 1, 2');
  await workspace.rows("INSERT INTO workspace.ledger.t BY NAME SELECT 'n' AS B, 3 AS a");
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t ORDER BY a')).toEqual([
    ['1', '2', '3.46'],
    ['2', null, '1.00'],
    ['3', 'n', null],
  ]);
  const states = async (tail: string) =>
    (await workspace.sql(`INSERT INTO workspace.ledger.t ${tail}`)).sqlState;
  expect(await states('SELECT 1')).toBe('21S01');
  expect(await states('SELECT 1, 2, 3, 4')).toBe('21S01');
  expect(await states('(a, nowhere) SELECT 1, 2')).toBe('42703');
  expect(await states('BY NAME SELECT 1 AS a, 2 AS nowhere')).toBe('KD000');
  expect(await states("VALUES ('x', 'y', 1)")).toBe('22018');
  await workspace.emulator.close();
});

test('INSERT OVERWRITE replaces all rows at once, even from the table itself, or none', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    "CREATE TABLE workspace.ledger.t AS SELECT * FROM VALUES (1, 'x'), (2, 'y') AS v(a, b)",
  );
  expect(
    await workspace.rows(
      'INSERT OVERWRITE workspace.ledger.t BY NAME SELECT b, a + 10 AS a FROM workspace.ledger.t',
    ),
  ).toEqual([['2', '2']]);
  const failed = await workspace.sql("INSERT OVERWRITE workspace.ledger.t BY NAME SELECT 'no number' AS a");
  expect(failed.sqlState).toBe('22018');
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t ORDER BY a')).toEqual([
    ['11', 'x'],
    ['12', 'y'],
  ]);
  await workspace.emulator.close();
});

test('REPLACE WHERE replaces one batch and refuses rows outside it; REPLACE USING replaces by key', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    "CREATE TABLE workspace.ledger.t AS SELECT * FROM VALUES ('b1', 1), ('b1', 2), ('b2', 3) AS v(batch, n)",
  );
  const replace =
    "INSERT INTO workspace.ledger.t BY NAME REPLACE WHERE `batch` = 'b1' SELECT 7 AS n, 'b1' AS batch";
  expect(await workspace.rows(replace)).toEqual([['1', '1']]);
  expect(await workspace.rows(replace)).toEqual([['1', '1']]);
  const outside = await workspace.sql(
    "INSERT INTO workspace.ledger.t REPLACE WHERE batch = 'b1' SELECT 'b2', 9",
  );
  expect([outside.sqlState, outside.error]).toEqual([
    '44000',
    expect.stringContaining('DELTA_REPLACE_WHERE_MISMATCH'),
  ]);
  await workspace.rows(
    "INSERT INTO workspace.ledger.t BY NAME REPLACE USING (batch) SELECT 'b2' AS batch, 4 AS n",
  );
  await workspace.rows(
    'INSERT INTO workspace.ledger.t REPLACE USING (batch) SELECT * FROM workspace.ledger.t WHERE false',
  );
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t ORDER BY batch')).toEqual([
    ['b1', '7'],
    ['b2', '4'],
  ]);
  await workspace.emulator.close();
});

test('UPDATE, DELETE and TRUNCATE change rows and count them', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t AS SELECT * FROM VALUES (1), (2), (3) AS v(a)');
  expect(await workspace.rows('UPDATE workspace.ledger.t AS t SET t.a = t.a + 10 WHERE t.a > 1')).toEqual([
    ['2'],
  ]);
  expect(await workspace.rows('DELETE FROM workspace.ledger.t AS t WHERE t.a = 12')).toEqual([['1']]);
  expect(await workspace.rows('SELECT sum(a) FROM workspace.ledger.t')).toEqual([['14']]);
  await workspace.rows('TRUNCATE TABLE workspace.ledger.t');
  expect(await workspace.rows('SELECT count(*) FROM workspace.ledger.t')).toEqual([['0']]);
  await workspace.emulator.close();
});

test('COPY INTO loads each path once for ever, unless forced', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (id BIGINT, amount DECIMAL(18,4))');
  await workspace.stage(
    'workspace/ledger/stage/in/a.parquet',
    'SELECT 1::BIGINT AS id, 1.5::DECIMAL(18,4) AS amount',
  );
  const copy = "COPY INTO workspace.ledger.t FROM '/Volumes/workspace/ledger/stage/in/' FILEFORMAT = PARQUET";
  expect(await workspace.rows(copy)).toEqual([['1', '1', '0']]);
  await workspace.stage(
    'workspace/ledger/stage/in/a.parquet',
    'SELECT 2::BIGINT AS id, 2::DECIMAL(18,4) AS amount',
  );
  await workspace.stage(
    'workspace/ledger/stage/in/b.parquet',
    'SELECT 3::BIGINT AS id, 3::DECIMAL(18,4) AS amount',
  );
  expect(await workspace.rows(copy)).toEqual([['1', '1', '0']]);
  expect(await workspace.rows(`${copy} COPY_OPTIONS ('force' = 'true')`)).toEqual([['2', '2', '0']]);
  await workspace.stage('workspace/ledger/stage/in/c.parquet', "SELECT '4' AS id");
  const mismatch = await workspace.sql(`${copy} PATTERN = 'c*'`);
  expect([mismatch.sqlState, mismatch.error]).toEqual([
    '22005',
    expect.stringContaining('DELTA_FAILED_TO_MERGE_FIELDS'),
  ]);
  const query = `COPY INTO workspace.ledger.t FROM (SELECT CAST(id AS BIGINT) AS id FROM '/Volumes/workspace/ledger/stage/in/') FILEFORMAT = PARQUET FILES = ('c.parquet')`;
  expect(await workspace.rows(query)).toEqual([['1', '1', '0']]);
  expect(await workspace.rows('SELECT id FROM workspace.ledger.t ORDER BY id')).toEqual([
    ['1'],
    ['2'],
    ['3'],
    ['3'],
    ['4'],
  ]);
  const missing = await workspace.sql(
    "COPY INTO workspace.ledger.nowhere FROM '/Volumes/workspace/ledger/stage/in/' FILEFORMAT = PARQUET",
  );
  expect(missing.error).toContain('DELTA_MISSING_DELTA_TABLE_COPY_INTO');
  await workspace.emulator.close();
});

test('a script runs its statements in order and stops at the first failure, without undoing', async () => {
  const script =
    'BEGIN CREATE TABLE workspace.ledger.t (a INT); INSERT INTO workspace.ledger.t VALUES (1); SELECT 1 / 0; INSERT INTO workspace.ledger.t VALUES (2); END';
  const workspace = await openWorkspace();
  expect((await workspace.sql(script)).sqlState).toBe('22012');
  expect(await workspace.rows('SELECT a FROM workspace.ledger.t')).toEqual([['1']]);
  await workspace.emulator.close();
  const strict = await openWorkspace({ switches: { sqlScripts: false } });
  expect((await strict.sql(script)).sqlState).toBe('42601');
  await strict.emulator.close();
});

test('switches decide about trailing semicolons, several statements, doubled quotes and BY NAME REPLACE WHERE', async () => {
  const strict = await openWorkspace({
    switches: {
      trailingSemicolon: false,
      severalStatements: 'refused',
      doubledQuote: 'concatenate',
      byNameReplaceWhere: false,
    },
  });
  expect((await strict.sql('SELECT 1;')).sqlState).toBe('42601');
  expect((await strict.sql('SELECT 1; SELECT 2')).http).toBe(400);
  expect((await strict.sql("SELECT 'it''s'")).rows).toEqual([['its']]);
  await strict.rows('CREATE TABLE workspace.ledger.t (a INT)');
  expect(
    (await strict.sql('INSERT INTO workspace.ledger.t BY NAME REPLACE WHERE a = 1 SELECT 1 AS a')).sqlState,
  ).toBe('42601');
  await strict.emulator.close();
  const likely = await openWorkspace();
  expect((await likely.sql('SELECT 1;')).state).toBe('SUCCEEDED');
  expect((await likely.sql('SELECT 1; SELECT 2')).sqlState).toBe('42601');
  expect((await likely.sql("SELECT 'it''s'")).rows).toEqual([["it's"]]);
  await likely.emulator.close();
});
