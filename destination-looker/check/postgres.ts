// `check` of the PostgreSQL warehouse: sign in, version, schema, a table made and rolled back, and Looker's role.
import { configError } from '@airbyte/cdk-typescript-shim';
import * as ddl from '../postgres/ddl.ts';
import { literal, qualified, quoted } from '../postgres/text.ts';
import type { PostgresSettings } from '../spec.ts';
import { type Database, openDatabase } from '../warehouse/connection.ts';
import { explainFailure } from '../warehouse/errors.ts';
import { inTransaction } from '../warehouse/run.ts';
import type { CheckContext, Step, Steps } from './step.ts';

/** Makes the schema when it is missing; leaves nothing else. */
export function postgresSteps({ config, signal }: CheckContext, settings: PostgresSettings): Steps {
  const database = openDatabase(settings, signal);
  const { schema } = config;
  const explained =
    (purpose: string, step: Step): Step =>
    async () => {
      try {
        return await step();
      } catch (error) {
        throw explainFailure(error, purpose);
      }
    };
  const place = `"${settings.database}" on "${settings.host}:${settings.port}"`;
  return {
    steps: [
      explained(`connect to database ${place}`, () => server(database, settings)),
      explained(`make schema "${schema}"`, () => haveSchema(database, schema)),
      explained(`write to schema "${schema}"`, () => probe(database, schema)),
      ...(settings.reader
        ? [
            explained(`let "${settings.reader}" read schema "${schema}"`, () =>
              readable(database, { schema, reader: settings.reader ?? '' }),
            ),
          ]
        : []),
    ],
    close: () => database.close(),
  };
}

/** Looker's oldest supported PostgreSQL (docs/dialects). */
const oldest = 90_500;

async function server(database: Database, settings: PostgresSettings): Promise<string> {
  const { rows } = await database.query(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS replica",
  );
  const [row = {}] = rows;
  if (Number(row.number) < oldest)
    throw configError(`Cannot use PostgreSQL ${String(row.version)}: Looker needs 9.5 or newer`);
  if (row.encoding !== 'UTF8')
    throw configError(
      `Cannot use database "${settings.database}": its encoding is ${String(row.encoding)} and names in books need UTF8, give another`,
    );
  if (row.replica === 't')
    throw configError(`Cannot use "${settings.host}": it is a read-only replica, give the primary server`);
  return `PostgreSQL ${String(row.version)} as "${settings.user}"`;
}

async function haveSchema(database: Database, schema: string): Promise<string> {
  const found = await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = ${literal(schema)}`);
  if (found.count > 0) return `schema "${schema}"`;
  await database.query(ddl.createSchema(schema));
  return `schema "${schema}" (made)`;
}

/** Rolled back: nobody sees the table. */
async function probe(database: Database, schema: string): Promise<string> {
  const table = qualified(schema, 'ledgerpipe_check');
  const undone = new Error('rolled back on purpose');
  await inTransaction({ database }, async () => {
    await database.query(`CREATE TABLE ${table} (id bigint PRIMARY KEY)`);
    await database.query(`INSERT INTO ${table} VALUES (1)`);
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return 'a table made, written and rolled back';
}

async function readable(
  database: Database,
  { schema, reader }: { schema: string; reader: string },
): Promise<string> {
  const role = await database.query(`SELECT 1 FROM pg_roles WHERE rolname = ${literal(reader)}`);
  if (role.count === 0)
    throw configError(`Cannot let "${reader}" read: there is no such role, correct "warehouse.reader"`);
  for (const sql of ddl.grantSchema(schema, reader)) await database.query(sql);
  const { rows } = await database.query(
    `SELECT has_schema_privilege(${literal(reader)}, ${literal(schema)}, 'USAGE') AS sees, has_database_privilege(${literal(reader)}, current_database(), 'CONNECT') AS connects`,
  );
  if (rows[0]?.sees !== 't')
    throw configError(
      `Cannot let "${reader}" read schema "${schema}": ask its owner to run: GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(reader)}`,
    );
  if (rows[0]?.connects !== 't')
    throw configError(`Cannot let "${reader}" read: it may not connect to the database, grant it CONNECT`);
  return `"${reader}" reads the schema`;
}
