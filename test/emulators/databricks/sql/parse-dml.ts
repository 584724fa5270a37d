// MERGE, INSERT, COPY INTO, UPDATE and DELETE from their tokens.
import type { Switches } from '../switches.ts';
import type { Cursor } from './cursor.ts';
import { failure } from './errors.ts';
import { expression, type Scope } from './expression.ts';
import { fromClause } from './from.ts';
import { atIdentifier, identifier, tableName } from './names.ts';
import { query, tableAlias } from './query.ts';
import { copySource, optionValue } from './read-files.ts';
import type {
  Assignment,
  CopyInto,
  Insert,
  Merge,
  MergeAction,
  MergeClause,
  Statement,
} from './statements.ts';
import { quoted } from './types.ts';
import type { Sql } from './world.ts';

const none: Scope = new Set();

export function merge(cursor: Cursor): Merge {
  const { scope, withs } = leadingWith(cursor);
  cursor.expect('MERGE');
  const evolves = cursor.take('WITH', 'SCHEMA', 'EVOLUTION');
  cursor.expect('INTO');
  const table = tableName(cursor);
  const { alias } = tableAlias(cursor);
  cursor.expect('USING');
  const { source, sourceAlias } = mergeSource(cursor, scope);
  cursor.expect('ON');
  const condition = expression(cursor, scope);
  const clauses: MergeClause[] = [];
  while (cursor.take('WHEN')) clauses.push(mergeClause(cursor, scope));
  if (clauses.length === 0) throw cursor.error();
  checkConditions(clauses);
  const whole: Sql = (world) => `${withs(world)}${source(world)}`;
  return {
    kind: 'merge',
    table,
    ...(alias ? { alias } : {}),
    source: whole,
    sourceAlias,
    condition,
    clauses,
    evolves,
  };
}

/** `WITH x AS (...), ...` before MERGE belongs to the source query. */
function leadingWith(cursor: Cursor): { scope: Scope; withs: Sql } {
  if (!cursor.take('WITH')) return { scope: none, withs: () => '' };
  const scope = new Set<string>();
  const parts = cursor.list((): Sql => {
    const name = identifier(cursor);
    cursor.take('AS');
    cursor.expectSymbol('(');
    const inner = query(cursor, scope);
    cursor.expectSymbol(')');
    scope.add(name.toLowerCase());
    return (world) => `${quoted(name)} AS (${inner(world)})`;
  });
  return { scope, withs: (world) => `WITH ${parts.map((part) => part(world)).join(', ')} ` };
}

function mergeSource(cursor: Cursor, scope: Scope): { source: Sql; sourceAlias: string } {
  if (cursor.takeSymbol('(')) {
    const source = query(cursor, scope);
    cursor.expectSymbol(')');
    const { alias } = tableAlias(cursor);
    return { source, sourceAlias: alias ?? '__source' };
  }
  const mark = cursor.mark();
  const from = fromClause(cursor, scope);
  // The alias is the last name written: `USING c.s.t AS s`, `USING t`.
  const text = cursor.textSince(mark);
  const last = /(?:`((?:[^`]|``)+)`|(\w+))\s*$/.exec(text);
  const alias = (last?.[1] ?? last?.[2] ?? '__source').replaceAll('``', '`');
  return { source: (world) => `SELECT * FROM ${from.sql(world)}`, sourceAlias: alias };
}

function mergeClause(cursor: Cursor, scope: Scope): MergeClause {
  const when = cursor.take('NOT', 'MATCHED', 'BY', 'SOURCE')
    ? 'not matched by source'
    : cursor.take('NOT', 'MATCHED', 'BY', 'TARGET') || cursor.take('NOT', 'MATCHED')
      ? 'not matched'
      : 'matched';
  if (when === 'matched') cursor.expect('MATCHED');
  const condition = cursor.take('AND') ? expression(cursor, scope) : undefined;
  cursor.expect('THEN');
  const action = when === 'not matched' ? insertAction(cursor, scope) : updateAction(cursor, scope, when);
  return { when, ...(condition ? { condition } : {}), action };
}

function exceptList(cursor: Cursor): string[] {
  return cursor.take('EXCEPT') ? cursor.parenthesized(() => identifier(cursor)) : [];
}

function updateAction(cursor: Cursor, scope: Scope, when: MergeClause['when']): MergeAction {
  if (cursor.take('DELETE')) return { does: 'delete' };
  cursor.expect('UPDATE', 'SET');
  if (when === 'matched' && cursor.takeSymbol('*')) return { does: 'update all', except: exceptList(cursor) };
  return { does: 'update', assignments: cursor.list(() => assignment(cursor, scope)) };
}

function insertAction(cursor: Cursor, scope: Scope): MergeAction {
  cursor.expect('INSERT');
  if (cursor.takeSymbol('*')) return { does: 'insert all', except: exceptList(cursor) };
  const columns = cursor.parenthesized(() => qualifiedColumn(cursor).column);
  cursor.expect('VALUES');
  const values = cursor.parenthesized(() => expression(cursor, scope));
  if (values.length !== columns.length) throw cursor.error();
  return { does: 'insert', columns, values };
}

function qualifiedColumn(cursor: Cursor): { qualifier?: string; column: string } {
  const first = identifier(cursor);
  return cursor.takeSymbol('.') ? { qualifier: first, column: identifier(cursor) } : { column: first };
}

function assignment(cursor: Cursor, scope: Scope): Assignment {
  const target = qualifiedColumn(cursor);
  cursor.expectSymbol('=');
  return { ...target, value: expression(cursor, scope) };
}

const lastMayOmit = {
  matched: 'NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION',
  'not matched': 'NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION',
  'not matched by source': 'NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION',
} as const;

/** All clauses of a kind but the last need a condition. */
function checkConditions(clauses: readonly MergeClause[]): void {
  for (const when of ['matched', 'not matched', 'not matched by source'] as const) {
    const own = clauses.filter((clause) => clause.when === when);
    if (own.slice(0, -1).some((clause) => clause.condition === undefined))
      throw failure(
        lastMayOmit[when],
        `Only the last ${when.toUpperCase()} clause in a MERGE statement can omit the condition.`,
      );
  }
}

export function insert(cursor: Cursor, switches: Switches): Insert {
  cursor.expect('INSERT');
  const evolves = cursor.take('WITH', 'SCHEMA', 'EVOLUTION');
  const overwrite = cursor.take('OVERWRITE');
  if (!overwrite) cursor.expect('INTO');
  cursor.take('TABLE');
  const table = tableName(cursor);
  const columns =
    cursor.atSymbol('(') && !queryFollows(cursor)
      ? cursor.parenthesized(() => identifier(cursor))
      : undefined;
  const byName = !columns && cursor.take('BY', 'NAME');
  const mode = overwrite ? ({ does: 'overwrite' } as const) : replacement(cursor, byName, switches);
  const source = query(cursor, none);
  return { kind: 'insert', table, mode, byName, evolves, query: source, ...(columns ? { columns } : {}) };
}

function queryFollows(cursor: Cursor): boolean {
  const { kind, value } = cursor.peek(1);
  return (kind === 'word' && ['SELECT', 'WITH', 'VALUES'].includes(value)) || cursor.atSymbol('(', 1);
}

function replacement(cursor: Cursor, byName: boolean, switches: Switches): Insert['mode'] {
  if (!cursor.at('REPLACE')) return { does: 'append' };
  if (byName && cursor.at('REPLACE', 'WHERE') && !switches.byNameReplaceWhere) throw cursor.error();
  cursor.next();
  if (cursor.take('USING'))
    return { does: 'replace using', columns: cursor.parenthesized(() => identifier(cursor)) };
  cursor.expect('WHERE');
  return { does: 'replace where', condition: expression(cursor, none) };
}

export function deleteFrom(cursor: Cursor): Statement {
  const table = tableName(cursor);
  const { alias } = tableAlias(cursor);
  const condition = cursor.take('WHERE') ? expression(cursor, none) : undefined;
  return { kind: 'delete', table, ...(alias ? { alias } : {}), ...(condition ? { condition } : {}) };
}

export function update(cursor: Cursor): Statement {
  const table = tableName(cursor);
  const alias =
    !cursor.at('SET') && (cursor.at('AS') || atIdentifier(cursor)) ? tableAlias(cursor).alias : undefined;
  cursor.expect('SET');
  const assignments = cursor.list(() => assignment(cursor, none));
  const condition = cursor.take('WHERE') ? expression(cursor, none) : undefined;
  return {
    kind: 'update',
    table,
    assignments,
    ...(alias ? { alias } : {}),
    ...(condition ? { condition } : {}),
  };
}

const formats = { JSON: 'json', PARQUET: 'parquet', CSV: 'csv' } as const;

export function copyInto(cursor: Cursor): CopyInto {
  const table = tableName(cursor);
  const columns = cursor.atSymbol('(') ? cursor.parenthesized(() => identifier(cursor)) : undefined;
  cursor.expect('FROM');
  const { path, sql } = copyFrom(cursor);
  cursor.expect('FILEFORMAT');
  cursor.expectSymbol('=');
  const format = formats[cursor.peek().value as keyof typeof formats];
  if (!format) throw cursor.error();
  cursor.next();
  const files = clause(cursor, 'FILES') ? cursor.parenthesized(() => cursor.string()) : undefined;
  const pattern = !files && clause(cursor, 'PATTERN') ? cursor.string() : undefined;
  const formatOptions = cursor.take('FORMAT_OPTIONS') ? options(cursor) : new Map<string, string>();
  const copyOptions = cursor.take('COPY_OPTIONS') ? options(cursor) : new Map<string, string>();
  return {
    kind: 'copy into',
    table,
    path,
    format,
    formatOptions,
    copyOptions,
    ...(columns ? { columns } : {}),
    ...(sql ? { query: sql } : {}),
    ...(files ? { files } : {}),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function clause(cursor: Cursor, word: string): boolean {
  if (!cursor.take(word)) return false;
  cursor.expectSymbol('=');
  return true;
}

/** A path, or a query over one; the path is needed before the query can run, so it is read off its tokens. */
function copyFrom(cursor: Cursor): { path: string; sql?: Sql } {
  if (!cursor.takeSymbol('(')) return { path: cursor.string() };
  const mark = cursor.mark();
  const sql = query(cursor, new Set([copySource]));
  const after = cursor.mark();
  cursor.reset(mark);
  let path: string | undefined;
  while (cursor.mark() < after && path === undefined) {
    if (cursor.take('FROM') && cursor.peek().kind === 'string') path = cursor.string();
    else cursor.next();
  }
  cursor.reset(after);
  cursor.expectSymbol(')');
  if (path === undefined) throw cursor.error();
  return { path, sql };
}

function options(cursor: Cursor): Map<string, string> {
  return new Map(
    cursor.parenthesized(() => {
      const key = cursor.string().toLowerCase();
      cursor.expectSymbol('=');
      return [key, optionValue(cursor)] as const;
    }),
  );
}
