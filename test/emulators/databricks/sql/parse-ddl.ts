// CREATE TABLE and ALTER TABLE from their tokens.
import type { Cursor } from './cursor.ts';
import { dataType, identifier, tableName } from './names.ts';
import { query } from './query.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  CreateTable,
  Statement,
  TableChange,
} from './statements.ts';

export function createTable(cursor: Cursor, mode: CreateTable['mode']): CreateTable {
  const table = tableName(cursor);
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  if (cursor.atSymbol('('))
    cursor.parenthesized(() => {
      const constraint = constraintDefinition(cursor);
      if (constraint) constraints.push(constraint);
      else columns.push(columnDefinition(cursor, constraints));
    });
  const clauses = tableClauses(cursor);
  const asQuery = cursor.take('AS') || cursor.at('SELECT') || cursor.at('WITH');
  const sql = asQuery ? query(cursor, new Set()) : undefined;
  return {
    kind: 'create table',
    table,
    mode,
    columns,
    constraints,
    ...clauses,
    ...(sql ? { query: sql } : {}),
  };
}

/** USING, CLUSTER BY, COMMENT and TBLPROPERTIES, in any order, each once. */
function tableClauses(cursor: Cursor): Pick<CreateTable, 'clusterBy' | 'comment' | 'properties'> {
  let found: Pick<CreateTable, 'clusterBy' | 'comment' | 'properties'> = { properties: {} };
  const seen = new Set<string>();
  const take = (...words: readonly string[]): boolean => {
    const [first = ''] = words;
    if (seen.has(first) || !cursor.take(...words)) return false;
    seen.add(first);
    return true;
  };
  for (;;) {
    if (take('USING')) cursor.expect('DELTA');
    else if (take('CLUSTER', 'BY')) found = { ...found, clusterBy: clusterKeys(cursor) };
    else if (take('COMMENT')) found = { ...found, comment: cursor.string() };
    else if (take('TBLPROPERTIES')) found = { ...found, properties: properties(cursor) };
    else return found;
  }
}

function clusterKeys(cursor: Cursor): 'auto' | readonly string[] {
  if (cursor.take('AUTO')) return 'auto';
  if (cursor.take('NONE')) return [];
  return cursor.parenthesized(() => identifier(cursor));
}

function properties(cursor: Cursor): Record<string, string> {
  return Object.fromEntries(
    cursor.parenthesized(() => {
      const key = cursor.peek().kind === 'string' ? cursor.string() : dottedKey(cursor);
      cursor.takeSymbol('=');
      const token = cursor.peek();
      const isValue =
        token.kind === 'string' || token.kind === 'number' || cursor.at('TRUE') || cursor.at('FALSE');
      if (!isValue) throw cursor.error();
      cursor.next();
      return [key, token.kind === 'word' ? token.value.toLowerCase() : token.value] as const;
    }),
  );
}

function dottedKey(cursor: Cursor): string {
  const parts = [identifier(cursor)];
  while (cursor.takeSymbol('.')) parts.push(identifier(cursor));
  return parts.join('.');
}

/** `name TYPE [NOT NULL] [PRIMARY KEY] [COMMENT '..']`. */
function columnDefinition(cursor: Cursor, constraints: ConstraintDefinition[]): ColumnDefinition {
  const name = identifier(cursor);
  const type = dataType(cursor);
  let nullable = true;
  let comment: string | undefined;
  for (;;) {
    if (cursor.take('NOT', 'NULL')) nullable = false;
    else if (cursor.take('COMMENT')) comment = cursor.string();
    else if (cursor.take('PRIMARY', 'KEY')) {
      constraints.push({ kind: 'primary key', columns: [name], rely: keyOptions(cursor) });
    } else break;
  }
  return { name, type, nullable, ...(comment === undefined ? {} : { comment }) };
}

/** `[CONSTRAINT n] PRIMARY KEY (..)` or `... FOREIGN KEY (..) REFERENCES x [(..)]`. */
function constraintDefinition(cursor: Cursor): ConstraintDefinition | undefined {
  const named = cursor.take('CONSTRAINT') ? { name: identifier(cursor) } : {};
  if (cursor.take('PRIMARY', 'KEY')) {
    const columns = cursor.parenthesized(() => identifier(cursor));
    return { kind: 'primary key', ...named, columns, rely: keyOptions(cursor) };
  }
  if (cursor.take('FOREIGN', 'KEY')) {
    const columns = cursor.parenthesized(() => identifier(cursor));
    cursor.expect('REFERENCES');
    const parent = tableName(cursor);
    const parentColumns = cursor.atSymbol('(') ? cursor.parenthesized(() => identifier(cursor)) : [];
    keyOptions(cursor);
    return { kind: 'foreign key', ...named, columns, parent, parentColumns };
  }
  if ('name' in named) throw cursor.error();
  return undefined;
}

/** Keys are never enforced; RELY is all there is to say. */
function keyOptions(cursor: Cursor): boolean {
  let rely = false;
  for (;;) {
    if (cursor.take('RELY')) rely = true;
    else if (
      !cursor.take('NOT', 'ENFORCED') &&
      !cursor.take('NORELY') &&
      !cursor.take('DEFERRABLE') &&
      !cursor.take('NOT', 'DEFERRABLE') &&
      !cursor.take('INITIALLY', 'DEFERRED') &&
      !cursor.take('ON', 'UPDATE', 'NO', 'ACTION') &&
      !cursor.take('ON', 'DELETE', 'NO', 'ACTION')
    )
      return rely;
  }
}

export function alterTable(cursor: Cursor): Statement {
  const table = tableName(cursor);
  return { kind: 'alter table', table, change: tableChange(cursor) };
}

function tableChange(cursor: Cursor): TableChange {
  if (cursor.take('ADD', 'COLUMNS') || cursor.take('ADD', 'COLUMN')) return addColumns(cursor);
  if (cursor.take('ADD')) {
    const constraint = constraintDefinition(cursor);
    if (!constraint) throw cursor.error();
    return { does: 'add constraint', constraint };
  }
  if (cursor.take('ALTER', 'COLUMN') || cursor.take('CHANGE', 'COLUMN')) return columnChange(cursor);
  if (cursor.take('SET', 'TBLPROPERTIES')) return { does: 'set properties', properties: properties(cursor) };
  if (cursor.take('CLUSTER', 'BY')) return { does: 'cluster by', by: clusterKeys(cursor) };
  if (cursor.take('DROP', 'COLUMNS') || cursor.take('DROP', 'COLUMN')) {
    const columns = cursor.atSymbol('(')
      ? cursor.parenthesized(() => identifier(cursor))
      : [identifier(cursor)];
    return { does: 'drop columns', columns };
  }
  if (cursor.take('RENAME', 'COLUMN')) {
    const column = identifier(cursor);
    cursor.expect('TO');
    return { does: 'rename column', column, to: identifier(cursor) };
  }
  throw cursor.error();
}

function addColumns(cursor: Cursor): TableChange {
  const item = (): ColumnDefinition => {
    const constraints: ConstraintDefinition[] = [];
    const column = columnDefinition(cursor, constraints);
    if (constraints.length > 0) throw cursor.error();
    return column;
  };
  return {
    does: 'add columns',
    columns: cursor.atSymbol('(') ? cursor.parenthesized(item) : cursor.list(item),
  };
}

function columnChange(cursor: Cursor): TableChange {
  const column = identifier(cursor);
  if (cursor.take('TYPE')) return { does: 'change type', column, type: dataType(cursor) };
  if (cursor.take('DROP', 'NOT', 'NULL')) return { does: 'drop not null', column };
  if (cursor.take('SET', 'NOT', 'NULL')) return { does: 'set not null', column };
  if (cursor.take('COMMENT')) return { does: 'comment column', column, comment: cursor.string() };
  throw cursor.error();
}
