// The smaller definitions: DROP TABLE, COMMENT ON, CREATE SCHEMA and VOLUME, DESCRIBE, SHOW TABLES.
import { checkObjectName } from '../model.ts';
import { failure } from './errors.ts';
import {
  done,
  engineName,
  existingSchema,
  existingTable,
  nothing,
  type Outcome,
  resolve,
  type Session,
} from './session.ts';
import type { Statement } from './statements.ts';
import { quoted, string, typeText } from './types.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

export async function dropTable(session: Session, statement: Of<'drop table'>): Promise<Outcome> {
  const parts = statement.table(session.world);
  const place = resolve(session, parts);
  if (statement.ifExists && !session.model.table(place.schema, place.name)) return done;
  const table = existingTable(session, parts, 'MANAGE');
  await session.exclusively([engineName(session, table)], async () => {
    await session.engine.run(`DROP TABLE ${engineName(session, table)}`);
    session.model.dropTable(table.schema, table.name);
  });
  return done;
}

export async function commentOnTable(session: Session, statement: Of<'comment'>): Promise<Outcome> {
  const parts = statement.table(session.world);
  const target = engineName(session, existingTable(session, parts, 'MANAGE'));
  await session.exclusively([target], async () => {
    const table = existingTable(session, parts, 'MANAGE');
    session.model.putTable({ ...table, comment: statement.comment, updatedAt: session.world.now });
  });
  return done;
}

export async function createSchema(session: Session, statement: Of<'create schema'>): Promise<Outcome> {
  const [name = '', catalog = session.catalog] = [...statement.schema(session.world)].reverse();
  resolve(session, [catalog, 'x', 'x']);
  checkObjectName(name);
  if (session.model.schema(name)) {
    if (statement.ifNotExists) return done;
    throw failure('SCHEMA_ALREADY_EXISTS', `Cannot create schema \`${name}\` because it already exists.`);
  }
  session.grants.demand('CREATE SCHEMA', session.model.name);
  await session.engine.run(
    `CREATE SCHEMA IF NOT EXISTS ${quoted(session.database)}.${quoted(name.toLowerCase())}`,
  );
  session.model.putSchema(name, session.world.now, statement.comment);
  return done;
}

export function createVolume(session: Session, statement: Of<'create volume'>): Outcome {
  const { schema, name } = resolve(session, statement.volume(session.world));
  checkObjectName(name);
  existingSchema(session, schema);
  if (session.model.volume(schema, name)) {
    if (statement.ifNotExists) return done;
    throw failure(
      'VOLUME_ALREADY_EXISTS',
      `Cannot create volume \`${schema}\`.\`${name}\` because it already exists.`,
    );
  }
  session.grants.demand('CREATE VOLUME', `${session.model.name}.${schema}`);
  session.model.putVolume(schema, name, { createdAt: session.world.now, comment: statement.comment });
  session.volumes.create(schema, name);
  return done;
}

export function describeTable(session: Session, parts: readonly string[]): Outcome {
  const table = existingTable(session, parts, 'SELECT');
  return {
    columns: ['col_name', 'data_type', 'comment'].map((name) => ({ name, type: string })),
    rows: table.columns.map(({ name, type, comment }) => [
      name,
      typeText(type).toLowerCase(),
      comment ?? null,
    ]),
    affected: nothing,
  };
}

export function showTables(session: Session, statement: Of<'show tables'>): Outcome {
  const [name = session.schema, catalog = session.catalog] = [
    ...(statement.schema?.(session.world) ?? []),
  ].reverse();
  resolve(session, [catalog, name, 'x']);
  const schema = existingSchema(session, name);
  return {
    columns: [
      { name: 'database', type: string },
      { name: 'tableName', type: string },
      { name: 'isTemporary', type: { name: 'BOOLEAN' } },
    ],
    rows: session.model.tables(schema.name).map((table) => [schema.name, table.name, 'false']),
    affected: nothing,
  };
}
