// `check` by statements through SQL Runner: that it may write, and that Looker's database user sees the schema.
import { randomUUID } from 'node:crypto';
import { ConnectorError, configError } from '@airbyte/cdk-typescript-shim';
import type { LookerApi } from '../api.ts';
import * as ddl from '../postgres/ddl.ts';
import { literal, qualified } from '../postgres/text.ts';
import { block } from '../sql-runner/sql.ts';
import { openStatements, type Statements } from '../sql-runner/statements.ts';
import type { CheckContext } from './step.ts';

function statementsOf({ config, clock, signal }: CheckContext, api: LookerApi): Statements {
  return openStatements({
    api,
    clock,
    signal,
    connection: config.looker?.connection ?? '',
    model: config.sql_runner.model_name,
    callBudget: Number.MAX_SAFE_INTEGER,
  });
}

/** GET /connections/{name} does not say whether it may write: a table is made, written and dropped, in one statement. */
export async function writesSchema(context: CheckContext, api: LookerApi): Promise<string> {
  const { schema } = context.config;
  const table = qualified(schema, `ledgerpipe_check_${randomUUID().slice(0, 8)}`);
  const statement = block([
    ddl.createSchema(schema),
    `CREATE TABLE ${table} (id bigint PRIMARY KEY)`,
    `INSERT INTO ${table} VALUES (1)`,
    `DROP TABLE ${table}`,
  ]);
  await statementsOf(context, api).run(statement, {
    purpose: `write to schema "${schema}"`,
    isDone: async () => false,
  });
  return `a table made, written and dropped in schema "${schema}" by SQL Runner`;
}

/** Whether the user of Looker's connection may look into the schema; not every key may run statements. */
export async function readsSchema(context: CheckContext, api: LookerApi): Promise<string> {
  const { schema, looker, warehouse } = context.config;
  const name = looker?.connection ?? '';
  if (warehouse?.kind !== 'postgres') return `connection "${name}" reads schema "${schema}" (not looked at)`;
  try {
    const sql = `SELECT current_user AS reader, (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = ${literal(schema)}) AS sees`;
    const [row = {}] = await statementsOf(context, api).read(
      sql,
      `look at schema "${schema}" through Looker`,
    );
    if (row.sees === null || row.sees === undefined)
      throw configError(
        `Cannot read schema "${schema}" through connection "${name}": it is not in that database, point the connection and "warehouse" at the same one`,
      );
    if (row.sees === true || row.sees === 't' || row.sees === 'true' || row.sees === 'Yes')
      return `Looker's "${String(row.reader)}" reads schema "${schema}"`;
    throw configError(
      `Cannot read schema "${schema}" through connection "${name}": "${String(row.reader)}" lacks USAGE, put it in "warehouse.reader" so that it is granted`,
    );
  } catch (error) {
    if (error instanceof ConnectorError && error.status === 404)
      return `schema "${schema}" through Looker (not looked at: the key may not use SQL Runner)`;
    throw error;
  }
}
