// Queries: WITH, SELECT, VALUES, set operations, ordering and limits.
import type { Cursor } from './cursor.ts';
import { expression, type Scope } from './expression.ts';
import { fromClause } from './from.ts';
import { atIdentifier, identifier } from './names.ts';
import { quoted } from './types.ts';
import { ordering } from './window.ts';
import { join, type Sql } from './world.ts';

export function atQuery(cursor: Cursor): boolean {
  return (
    cursor.at('SELECT') ||
    cursor.at('WITH') ||
    cursor.at('VALUES') ||
    cursor.atSymbol('(') ||
    cursor.at('TABLE')
  );
}

/** A whole query, with its common table expressions. */
export function query(cursor: Cursor, outer: Scope): Sql {
  const scope = new Set(outer);
  const ctes: Sql[] = [];
  if (cursor.take('WITH')) cursor.list(() => ctes.push(commonTable(cursor, scope)));
  const body = setOperation(cursor, scope);
  const order = ordering(cursor, scope);
  const limit = limits(cursor, scope);
  return (world) => {
    const withs = ctes.length > 0 ? `WITH ${join(ctes, ', ')(world)} ` : '';
    return `${withs}${body(world)}${order(world)}${limit(world)}`;
  };
}

function commonTable(cursor: Cursor, scope: Set<string>): Sql {
  const name = identifier(cursor);
  const columns = cursor.atSymbol('(') ? cursor.parenthesized(() => identifier(cursor)) : [];
  cursor.take('AS');
  cursor.expectSymbol('(');
  const inner = query(cursor, scope);
  cursor.expectSymbol(')');
  scope.add(name.toLowerCase());
  const list = columns.length > 0 ? `(${columns.map(quoted).join(', ')})` : '';
  return (world) => `${quoted(name)}${list} AS (${inner(world)})`;
}

function limits(cursor: Cursor, scope: Scope): Sql {
  const parts: Sql[] = [];
  for (const word of ['LIMIT', 'OFFSET']) {
    if (!cursor.take(word)) continue;
    if (word === 'LIMIT' && cursor.take('ALL')) continue;
    const count = expression(cursor, scope);
    parts.push((world) => ` ${word} ${count(world)}`);
  }
  return join(parts, '');
}

const operations = ['UNION', 'EXCEPT', 'MINUS', 'INTERSECT'];

function setOperation(cursor: Cursor, scope: Scope): Sql {
  let left = queryTerm(cursor, scope);
  for (;;) {
    const word = operations.find((operation) => cursor.at(operation));
    if (!word) return left;
    cursor.next();
    const all = cursor.take('ALL') ? ' ALL' : '';
    if (!all) cursor.take('DISTINCT');
    const before = left;
    const right = queryTerm(cursor, scope);
    const operator = `${word === 'MINUS' ? 'EXCEPT' : word}${all}`;
    left = (world) => `${before(world)} ${operator} ${right(world)}`;
  }
}

function queryTerm(cursor: Cursor, scope: Scope): Sql {
  if (cursor.takeSymbol('(')) {
    const inner = query(cursor, scope);
    cursor.expectSymbol(')');
    return (world) => `(${inner(world)})`;
  }
  if (cursor.at('VALUES')) {
    const rows = values(cursor, scope);
    return (world) => `SELECT * FROM ${rows(world).sql}`;
  }
  return select(cursor, scope);
}

/** `VALUES (..), (..) [AS v(a, b)]`: a table in parentheses, its columns named col1, col2 unless said otherwise. */
export function values(cursor: Cursor, scope: Scope): (world: Parameters<Sql>[0]) => { sql: string } {
  cursor.expect('VALUES');
  const rows = cursor.list(() => {
    if (!cursor.atSymbol('(')) return [expression(cursor, scope)];
    return cursor.parenthesized(() => expression(cursor, scope));
  });
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw cursor.error();
  const { alias, columns } = tableAlias(cursor);
  const names = columns.length > 0 ? columns : Array.from({ length: width }, (_, index) => `col${index + 1}`);
  if (names.length !== width) throw cursor.error();
  return (world) => {
    const lines = rows.map((row) => `(${join(row, ', ')(world)})`).join(', ');
    return { sql: `(VALUES ${lines}) AS ${quoted(alias ?? '__values')}(${names.map(quoted).join(', ')})` };
  };
}

/** `[AS] alias [(column, ...)]`. */
export function tableAlias(cursor: Cursor): { alias?: string; columns: string[] } {
  const marked = cursor.take('AS');
  if (!marked && !atIdentifier(cursor)) return { columns: [] };
  const alias = identifier(cursor);
  return { alias, columns: cursor.atSymbol('(') ? cursor.parenthesized(() => identifier(cursor)) : [] };
}

function select(cursor: Cursor, scope: Scope): Sql {
  cursor.expect('SELECT');
  const distinct = cursor.take('DISTINCT') ? 'DISTINCT ' : '';
  if (!distinct) cursor.take('ALL');
  const items = cursor.list(() => selectItem(cursor, scope));
  const from = cursor.take('FROM') ? fromClause(cursor, scope) : undefined;
  const tail: Sql[] = [];
  const clause = (keyword: string, list: () => Sql): void => {
    const inside = list();
    tail.push((world) => ` ${keyword} ${inside(world)}`);
  };
  if (cursor.take('WHERE')) clause('WHERE', () => expression(cursor, scope));
  if (cursor.take('GROUP', 'BY'))
    clause('GROUP BY', () =>
      cursor.take('ALL')
        ? () => 'ALL'
        : join(
            cursor.list(() => expression(cursor, scope)),
            ', ',
          ),
    );
  if (cursor.take('HAVING')) clause('HAVING', () => expression(cursor, scope));
  if (cursor.take('QUALIFY')) clause('QUALIFY', () => expression(cursor, scope));
  return (world) => {
    const hidden = from?.hidden ?? [];
    const list = items.map((item) => item(world, hidden)).join(', ');
    return `SELECT ${distinct}${list}${from ? ` FROM ${from.sql(world)}` : ''}${join(tail, '')(world)}`;
  };
}

/** A select item as engine SQL; stars leave out the `hidden` columns. */
type SelectItem = (world: Parameters<Sql>[0], hidden: readonly string[]) => string;

function selectItem(cursor: Cursor, scope: Scope): SelectItem {
  const star = starItem(cursor);
  if (star) return star;
  const mark = cursor.mark();
  const item = expression(cursor, scope);
  const text = cursor.textSince(mark);
  if (cursor.take('AS') || atIdentifier(cursor)) {
    const alias = identifier(cursor);
    return (world) => `${item(world)} AS ${quoted(alias)}`;
  }
  if (/^(`[^`]*`|\w+|\.)+$/.test(text) && !/^[\d.]/.test(text)) return item;
  return (world) => `${item(world)} AS ${quoted(columnTitle(text))}`;
}

/** How Databricks names a column without alias: its expression, and `count(1)` for `count(*)`. */
function columnTitle(text: string): string {
  if (/^'[^'\\]*'$/.test(text)) return text.slice(1, -1);
  return text.replace(/^count\s*\(\s*\*\s*\)$/i, 'count(1)');
}

/** `*`, `t.*`, `* EXCEPT (a, b)`. */
function starItem(cursor: Cursor): SelectItem | undefined {
  const mark = cursor.mark();
  const qualifier: string[] = [];
  while (atIdentifier(cursor) && cursor.atSymbol('.', 1)) {
    qualifier.push(quoted(identifier(cursor)));
    cursor.next();
  }
  if (!cursor.takeSymbol('*')) {
    cursor.reset(mark);
    return undefined;
  }
  const left = cursor.take('EXCEPT') ? cursor.parenthesized(() => identifier(cursor)) : [];
  return (_, hidden) => {
    const excluded = [...left, ...hidden].map(quoted);
    return `${[...qualifier, '*'].join('.')}${excluded.length > 0 ? ` EXCLUDE (${excluded.join(', ')})` : ''}`;
  };
}
