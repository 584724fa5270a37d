// Definitions on the Databricks emulator: tables, keys, names, widening, evolution.
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './databricks-client.ts';

const tableOf = (workspace: Workspace, name: string) =>
  workspace.json('GET', `/api/2.1/unity-catalog/tables/workspace.ledger.${name}`);
const stateOf = async (workspace: Workspace, statement: string) => {
  const answer = await workspace.sql(statement);
  return answer.sqlState ?? answer.state;
};

test('a canonical CREATE TABLE lands in the engine and in Unity Catalog', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    'CREATE TABLE `workspace`.`ledger`.`contacts` (`ContactID` STRING NOT NULL PRIMARY KEY)',
  );
  await workspace.rows(
    `CREATE TABLE IF NOT EXISTS \`workspace\`.\`ledger\`.\`Invoices\` (\`InvoiceID\` STRING NOT NULL COMMENT 'key', \`Total\` DECIMAL(38,10), \`Contact\` STRING,
      \`At\` TIMESTAMP, \`n\` LONG, CONSTRAINT \`pk_i\` PRIMARY KEY (\`InvoiceID\`) NOT ENFORCED RELY,
      CONSTRAINT \`fk_c\` FOREIGN KEY (\`Contact\`) REFERENCES \`workspace\`.\`ledger\`.\`contacts\` (\`ContactID\`))
      USING DELTA CLUSTER BY AUTO COMMENT 'it\\'s sales' TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'ledgerpipe.stream' = 'invoices')`,
  );
  const table = await tableOf(workspace, 'invoices');
  expect(table).toMatchObject({
    name: 'invoices',
    full_name: 'workspace.ledger.invoices',
    table_type: 'MANAGED',
    data_source_format: 'DELTA',
    comment: "it's sales",
    properties: {
      'delta.enableTypeWidening': 'true',
      'ledgerpipe.stream': 'invoices',
      clusterByAuto: 'true',
    },
    table_constraints: [
      { primary_key_constraint: { name: 'pk_i', child_columns: ['InvoiceID'] } },
      {
        foreign_key_constraint: {
          name: 'fk_c',
          child_columns: ['Contact'],
          parent_table: 'workspace.ledger.contacts',
          parent_columns: ['ContactID'],
        },
      },
    ],
  });
  expect(
    (table.columns as Record<string, unknown>[]).map((column) => [
      column.name,
      column.type_text,
      column.type_name,
      column.type_precision,
      column.position,
      column.nullable,
      column.comment,
    ]),
  ).toEqual([
    ['InvoiceID', 'string', 'STRING', 0, 0, false, 'key'],
    ['Total', 'decimal(38,10)', 'DECIMAL', 38, 1, true, undefined],
    ['Contact', 'string', 'STRING', 0, 2, true, undefined],
    ['At', 'timestamp', 'TIMESTAMP', 0, 3, true, undefined],
    ['n', 'bigint', 'LONG', 0, 4, true, undefined],
  ]);
  expect(await workspace.rows('DESCRIBE TABLE workspace.ledger.invoices')).toContainEqual([
    'Total',
    'decimal(38,10)',
    null,
  ]);
  expect(await workspace.rows('SHOW TABLES IN workspace.ledger')).toEqual([
    ['ledger', 'contacts', 'false'],
    ['ledger', 'invoices', 'false'],
  ]);
  const listed = await workspace.rows(
    "SELECT column_name, full_data_type, is_nullable, data_type FROM workspace.information_schema.columns WHERE table_schema = 'ledger' AND table_name = 'invoices' ORDER BY ordinal_position LIMIT 2",
  );
  expect(listed).toEqual([
    ['InvoiceID', 'string', 'NO', 'STRING'],
    ['Total', 'decimal(38,10)', 'YES', 'DECIMAL'],
  ]);
  await workspace.emulator.close();
});

test('keys are informational: duplicates and orphans are stored, NULL in a NOT NULL column is not', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    'CREATE TABLE workspace.ledger.p (id INT NOT NULL, CONSTRAINT pk PRIMARY KEY (id) RELY)',
  );
  await workspace.rows(
    'CREATE TABLE workspace.ledger.f (id INT, CONSTRAINT fk FOREIGN KEY (id) REFERENCES workspace.ledger.p)',
  );
  await workspace.rows('INSERT INTO workspace.ledger.p VALUES (1), (1)');
  await workspace.rows('INSERT INTO workspace.ledger.f VALUES (9)');
  expect(await stateOf(workspace, 'INSERT INTO workspace.ledger.p VALUES (NULL)')).toBe('23502');
  expect(await workspace.rows('SELECT count(*) FROM workspace.ledger.p')).toEqual([['2']]);
  await workspace.emulator.close();
});

test('keys have their rules: NOT NULL columns, a parent with a key, one name once', async () => {
  const workspace = await openWorkspace();
  expect(
    await stateOf(workspace, 'CREATE TABLE workspace.ledger.t (id INT, CONSTRAINT pk PRIMARY KEY (id))'),
  ).toBe('22023');
  expect(
    await stateOf(
      workspace,
      'CREATE TABLE workspace.ledger.t (id INT, CONSTRAINT fk FOREIGN KEY (id) REFERENCES workspace.ledger.p)',
    ),
  ).toBe('42P01');
  await workspace.rows('CREATE TABLE workspace.ledger.p (id INT NOT NULL)');
  expect(
    await stateOf(
      workspace,
      'CREATE TABLE workspace.ledger.t (id INT, CONSTRAINT fk FOREIGN KEY (id) REFERENCES workspace.ledger.p)',
    ),
  ).toBe('22023');
  await workspace.rows('ALTER TABLE workspace.ledger.p ADD CONSTRAINT pk PRIMARY KEY (id)');
  await workspace.rows('CREATE TABLE workspace.ledger.t (id INT)');
  await workspace.rows(
    'ALTER TABLE workspace.ledger.t ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES workspace.ledger.p',
  );
  expect(
    await stateOf(
      workspace,
      'ALTER TABLE workspace.ledger.t ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES workspace.ledger.p',
    ),
  ).toBe('42710');
  expect((await tableOf(workspace, 't')).table_constraints).toEqual([
    {
      foreign_key_constraint: {
        name: 'fk',
        child_columns: ['id'],
        parent_table: 'workspace.ledger.p',
        parent_columns: ['id'],
      },
    },
  ]);
  await workspace.emulator.close();
  const lenient = await openWorkspace({ switches: { primaryKeyMakesNotNull: true } });
  await lenient.rows('CREATE TABLE workspace.ledger.t (id INT, CONSTRAINT pk PRIMARY KEY (id))');
  expect(await stateOf(lenient, 'INSERT INTO workspace.ledger.t VALUES (NULL)')).toBe('23502');
  await lenient.emulator.close();
});

test('names: columns collide without regard to case, odd characters need column mapping, objects follow their own rule', async () => {
  const workspace = await openWorkspace();
  const create = (columns: string, tail = '') =>
    stateOf(workspace, `CREATE OR REPLACE TABLE workspace.ledger.t (${columns}) ${tail}`);
  expect(await create('`Id` INT, `ID` INT')).toBe('42711');
  expect(await create('`Total (net)` INT')).toBe('42K05');
  expect(await create('`Total (net)` INT', "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")).toBe(
    'SUCCEEDED',
  );
  expect(await create('`a``b.c-d` INT')).toBe('SUCCEEDED');
  await workspace.rows('INSERT INTO workspace.ledger.t (`A``B.C-D`) VALUES (1)');
  expect(await workspace.rows('SELECT t.`a``b.c-d` FROM workspace.ledger.t')).toEqual([['1']]);
  for (const name of ['`a.b`', '`a b`', '`a/b`', `\`${'x'.repeat(256)}\``])
    expect(await stateOf(workspace, `CREATE TABLE workspace.ledger.${name} (a INT)`)).toBe('42602');
  await workspace.emulator.close();
});

test('creating what is there fails, unless IF NOT EXISTS or OR REPLACE says otherwise', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t AS SELECT 1 AS a');
  expect(await stateOf(workspace, 'CREATE TABLE workspace.ledger.t (b INT)')).toBe('42P07');
  await workspace.rows('CREATE TABLE IF NOT EXISTS workspace.ledger.T (b INT)');
  const before = (await tableOf(workspace, 't')).table_id;
  await workspace.rows(
    'CREATE OR REPLACE TABLE workspace.ledger.t AS SELECT a + 1 AS b FROM workspace.ledger.t',
  );
  expect([
    (await tableOf(workspace, 't')).table_id,
    await workspace.rows('SELECT * FROM workspace.ledger.t'),
  ]).toEqual([before, [['2']]]);
  expect(await stateOf(workspace, 'CREATE TABLE workspace.nowhere.t (a INT)')).toBe('42704');
  expect(await stateOf(workspace, 'CREATE TABLE elsewhere.ledger.t (a INT)')).toBe('42704');
  await workspace.rows('DROP TABLE workspace.ledger.t');
  expect(await stateOf(workspace, 'DROP TABLE workspace.ledger.t')).toBe('42P01');
  await workspace.rows('DROP TABLE IF EXISTS workspace.ledger.t');
  expect(await stateOf(workspace, 'CREATE SCHEMA workspace.ledger')).toBe('42P06');
  await workspace.rows('CREATE SCHEMA IF NOT EXISTS workspace.ledger');
  await workspace.rows('CREATE SCHEMA workspace.Fresh');
  await workspace.rows('CREATE TABLE workspace.fresh.t (a INT)');
  await workspace.rows('CREATE VOLUME IF NOT EXISTS workspace.ledger.stage');
  expect(await stateOf(workspace, 'CREATE VOLUME workspace.ledger.stage')).toBe('42000');
  await workspace.emulator.close();
});

test('types widen by Delta rules, and only under their property', async () => {
  const workspace = await openWorkspace();
  const widening: [string, string, boolean][] = [
    ['INT', 'BIGINT', true],
    ['INT', 'DOUBLE', true],
    ['INT', 'DECIMAL(10,0)', true],
    ['INT', 'DECIMAL(12,4)', false],
    ['BIGINT', 'DECIMAL(20,0)', true],
    ['BIGINT', 'DECIMAL(38,18)', true],
    ['BIGINT', 'DECIMAL(19,0)', false],
    ['BIGINT', 'DOUBLE', false],
    ['FLOAT', 'DOUBLE', true],
    ['DECIMAL(18,4)', 'DECIMAL(38,10)', true],
    ['DECIMAL(18,4)', 'DECIMAL(20,8)', false],
    ['DECIMAL(18,4)', 'DECIMAL(17,4)', false],
    ['DATE', 'TIMESTAMP_NTZ', true],
    ['DATE', 'TIMESTAMP', false],
    ['BIGINT', 'INT', false],
    ['BIGINT', 'STRING', false],
    ['DOUBLE', 'DECIMAL(38,10)', false],
  ];
  const columns = widening.map(([from], index) => `c${index} ${from}`).join(', ');
  await workspace.rows(
    `CREATE TABLE workspace.ledger.t (${columns}) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')`,
  );
  for (const [index, [from, to, allowed]] of widening.entries()) {
    const state = await stateOf(
      workspace,
      `ALTER TABLE workspace.ledger.t ALTER COLUMN c${index} TYPE ${to}`,
    );
    expect([from, to, state]).toEqual([from, to, allowed ? 'SUCCEEDED' : '0AKDC']);
  }
  await workspace.rows('CREATE TABLE workspace.ledger.plain (a INT)');
  expect(await stateOf(workspace, 'ALTER TABLE workspace.ledger.plain ALTER COLUMN a TYPE BIGINT')).toBe(
    '0AKDC',
  );
  await workspace.rows(
    "ALTER TABLE workspace.ledger.plain SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
  );
  await workspace.rows('INSERT INTO workspace.ledger.plain VALUES (7)');
  await workspace.rows('ALTER TABLE workspace.ledger.plain ALTER COLUMN a TYPE BIGINT');
  await workspace.rows('INSERT INTO workspace.ledger.plain VALUES (9007199254740993)');
  expect(await workspace.rows('SELECT a FROM workspace.ledger.plain ORDER BY a')).toEqual([
    ['7'],
    ['9007199254740993'],
  ]);
  await workspace.emulator.close();
});

test('columns are added nullable and last, several at once, and only once each', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t AS SELECT 1 AS a');
  await workspace.rows("ALTER TABLE workspace.ledger.t ADD COLUMNS (`x` STRING COMMENT 'new', `y` DATE)");
  await workspace.rows('ALTER TABLE workspace.ledger.t ADD COLUMN z TIMESTAMP_NTZ');
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t')).toEqual([['1', null, null, null]]);
  expect(await stateOf(workspace, 'ALTER TABLE workspace.ledger.t ADD COLUMNS (w INT, X INT)')).toBe('42710');
  expect(await stateOf(workspace, 'ALTER TABLE workspace.ledger.t ADD COLUMN w INT NOT NULL')).toBe('42000');
  expect((await workspace.rows('DESCRIBE workspace.ledger.t')).map(([name]) => name)).toEqual([
    'a',
    'x',
    'y',
    'z',
  ]);
  await workspace.emulator.close();
});

test('columns lose NOT NULL and change comment; dropping and renaming need column mapping', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (a INT NOT NULL, b INT)');
  await workspace.rows('ALTER TABLE workspace.ledger.t ALTER COLUMN a DROP NOT NULL');
  await workspace.rows("ALTER TABLE workspace.ledger.t ALTER COLUMN a COMMENT 'amount'");
  await workspace.rows("COMMENT ON TABLE workspace.ledger.t IS 'things'");
  await workspace.rows('INSERT INTO workspace.ledger.t VALUES (NULL, 1)');
  expect(await tableOf(workspace, 't')).toMatchObject({
    comment: 'things',
    columns: [{ name: 'a', nullable: true, comment: 'amount' }, { name: 'b' }],
  });
  expect(await stateOf(workspace, 'ALTER TABLE workspace.ledger.t DROP COLUMN b')).toBe('0AKDC');
  expect(await stateOf(workspace, 'ALTER TABLE workspace.ledger.t RENAME COLUMN b TO c')).toBe('0AKDC');
  await workspace.rows(
    "ALTER TABLE workspace.ledger.t SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
  );
  await workspace.rows('ALTER TABLE workspace.ledger.t RENAME COLUMN b TO `c d`');
  await workspace.rows('ALTER TABLE workspace.ledger.t DROP COLUMN a');
  expect(await workspace.rows('SELECT `c d` FROM workspace.ledger.t')).toEqual([['1']]);
  expect(await stateOf(workspace, "ALTER TABLE workspace.ledger.t ALTER COLUMN nowhere COMMENT 'x'")).toBe(
    '42703',
  );
  await workspace.emulator.close();
});

test('properties and clustering keys are checked', async () => {
  const workspace = await openWorkspace();
  const create = (tail: string) =>
    stateOf(
      workspace,
      `CREATE OR REPLACE TABLE workspace.ledger.t (a INT, b INT, c INT, d INT, e INT, v VARIANT) ${tail}`,
    );
  expect(await create('CLUSTER BY (a, b, c, d)')).toBe('SUCCEEDED');
  expect(await create('CLUSTER BY (a, b, c, d, e)')).toBe('54000');
  expect(await create('CLUSTER BY (v)')).toBe('0A000');
  expect(await create('CLUSTER BY (nowhere)')).toBe('42703');
  expect(await create("TBLPROPERTIES ('delta.nonsense' = 'true')")).toBe('F0000');
  expect(await create("TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true')")).toBe('F0000');
  expect(await create('PARTITIONED BY (a)')).toBe('42601');
  await workspace.emulator.close();
  const classic = await openWorkspace({ switches: { refusesAutoOptimize: false } });
  await classic.rows(
    "CREATE TABLE workspace.ledger.t (a INT) TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true')",
  );
  await classic.emulator.close();
});

test('VARCHAR(n) keeps its length and every scalar type survives the way through', async () => {
  const workspace = await openWorkspace();
  await workspace.rows(
    'CREATE TABLE workspace.ledger.t (a VARCHAR(3), b TINYINT, c SMALLINT, d FLOAT, e BINARY, f BOOLEAN, g ARRAY<STRING>)',
  );
  await workspace.rows(
    "INSERT INTO workspace.ledger.t VALUES ('abc', 1, 2, 1.5, X'00ff', 'yes', array('x', 'y'))",
  );
  expect(await workspace.rows('SELECT * FROM workspace.ledger.t')).toEqual([
    ['abc', '1', '2', '1.5', '00FF', 'true', '["x","y"]'],
  ]);
  expect(await stateOf(workspace, "INSERT INTO workspace.ledger.t (a) VALUES ('abcd')")).toBe('22001');
  expect(await stateOf(workspace, 'INSERT INTO workspace.ledger.t (b) VALUES (200)')).toBe('22003');
  await workspace.emulator.close();
});
