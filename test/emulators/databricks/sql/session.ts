// What one running statement has at hand: its engine connection, the catalog, its privileges, and name resolution.
import type { Grants, Privilege } from '../grants.ts';
import type { CatalogModel, Schema, Table } from '../model.ts';
import type { Volumes } from '../volumes.ts';
import { failure } from './errors.ts';
import type { CheckedSession } from './parquet-types.ts';
import type { DataType } from './types.ts';
import { quoted } from './types.ts';
import type { World } from './world.ts';

export interface Session {
  readonly engine: CheckedSession;
  readonly database: string;
  readonly model: CatalogModel;
  readonly grants: Grants;
  readonly volumes: Volumes;
  readonly world: World;
  readonly catalog: string;
  readonly schema: string;
  /** Runs work while no other writer holds one of these tables. */
  exclusively<T>(tables: readonly string[], work: () => Promise<T>): Promise<T>;
}

export interface ResultColumn {
  readonly name: string;
  readonly type: DataType;
}

/** What a statement answers: rows of text, or no columns at all for DDL. */
export interface Outcome {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly affected: Affected;
}

export interface Affected {
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export const nothing: Affected = { rows: 0, inserted: 0, updated: 0, deleted: 0 };
export const done: Outcome = { columns: [], rows: [], affected: nothing };

/** Catalog, schema and object of a name with one to three parts. Throws when the catalog is not this one. */
export function resolve(session: Session, parts: readonly string[]): { schema: string; name: string } {
  const [name = '', schema = session.schema, catalog = session.catalog] = [...parts].reverse();
  if (catalog.toLowerCase() !== session.model.name)
    throw failure(
      'NO_SUCH_CATALOG_EXCEPTION',
      `Catalog '${catalog.toLowerCase()}' was not found. Please verify the catalog name and then retry the query or command again.`,
    );
  return { schema: schema.toLowerCase(), name: name.toLowerCase() };
}

export function existingSchema(session: Session, name: string): Schema {
  session.grants.demand('USE CATALOG', session.model.name);
  const schema = session.model.schema(name);
  if (!schema)
    throw failure(
      'SCHEMA_NOT_FOUND',
      `The schema \`${session.model.name}\`.\`${name}\` cannot be found. Verify the spelling and correctness of the schema and catalog.`,
    );
  return schema;
}

/** The table of a name, once the privilege on it is checked. Throws TABLE_OR_VIEW_NOT_FOUND. */
export function existingTable(session: Session, parts: readonly string[], privilege: Privilege): Table {
  const { schema, name } = resolve(session, parts);
  existingSchema(session, schema);
  const table = session.model.table(schema, name);
  if (!table) {
    const spelled = parts.map((part) => `\`${part}\``).join('.');
    throw failure(
      'TABLE_OR_VIEW_NOT_FOUND',
      `The table or view ${spelled} cannot be found. Verify the spelling and correctness of the schema and catalog.`,
    );
  }
  session.grants.demand(privilege, `${session.model.name}.${schema}.${name}`);
  return table;
}

/** The engine's name of a table. */
export function engineName(
  session: Pick<Session, 'database'>,
  table: { schema: string; name: string },
): string {
  return [session.database, table.schema, table.name].map(quoted).join('.');
}

/** One atomic commit, or nothing. */
export async function transaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.engine.run('BEGIN TRANSACTION');
  try {
    const value = await work();
    await session.engine.run('COMMIT');
    return value;
  } catch (error) {
    // The engine may have ended the transaction by itself.
    await session.engine.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
