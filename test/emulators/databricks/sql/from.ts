// FROM clauses: tables, staged files, subqueries, VALUES and joins.
import type { Cursor } from './cursor.ts';
import { expression, type Scope } from './expression.ts';
import { atIdentifier, identifier, tableName } from './names.ts';
import { atQuery, query, tableAlias, values } from './query.ts';
import { type FileReading, fileReading } from './read-files.ts';
import { quoted } from './types.ts';
import type { Sql } from './world.ts';

export interface FromClause {
  readonly sql: Sql;
  /** Columns that exist but no star shows: `_metadata` of staged files. */
  readonly hidden: readonly string[];
}

/** `relation [, relation | JOIN relation ...]*`. */
export function fromClause(cursor: Cursor, scope: Scope): FromClause {
  const first = relation(cursor, scope);
  const hidden = [...first.hidden];
  let sql = first.sql;
  for (;;) {
    const before = sql;
    const operator = joinOperator(cursor);
    if (!operator) return { sql, hidden };
    const right = relation(cursor, scope);
    hidden.push(...right.hidden);
    const condition = operator === ',' || operator === 'CROSS JOIN' ? () => '' : joinCondition(cursor, scope);
    const glue = operator === ',' ? ', ' : ` ${operator} `;
    sql = (world) => `${before(world)}${glue}${right.sql(world)}${condition(world)}`;
  }
}

const joins: readonly (readonly [words: readonly string[], engine: string])[] = [
  [['JOIN'], 'JOIN'],
  [['INNER', 'JOIN'], 'JOIN'],
  [['CROSS', 'JOIN'], 'CROSS JOIN'],
  [['LEFT', 'OUTER', 'JOIN'], 'LEFT JOIN'],
  [['LEFT', 'SEMI', 'JOIN'], 'SEMI JOIN'],
  [['LEFT', 'ANTI', 'JOIN'], 'ANTI JOIN'],
  [['LEFT', 'JOIN'], 'LEFT JOIN'],
  [['SEMI', 'JOIN'], 'SEMI JOIN'],
  [['ANTI', 'JOIN'], 'ANTI JOIN'],
  [['RIGHT', 'OUTER', 'JOIN'], 'RIGHT JOIN'],
  [['RIGHT', 'JOIN'], 'RIGHT JOIN'],
  [['FULL', 'OUTER', 'JOIN'], 'FULL JOIN'],
  [['FULL', 'JOIN'], 'FULL JOIN'],
];

function joinOperator(cursor: Cursor): string | undefined {
  if (cursor.takeSymbol(',')) return ',';
  return joins.find(([words]) => cursor.take(...words))?.[1];
}

function joinCondition(cursor: Cursor, scope: Scope): Sql {
  if (cursor.take('USING')) {
    const columns = cursor.parenthesized(() => identifier(cursor)).map(quoted);
    return () => ` USING (${columns.join(', ')})`;
  }
  cursor.expect('ON');
  const condition = expression(cursor, scope);
  return (world) => ` ON ${condition(world)}`;
}

function relation(cursor: Cursor, scope: Scope): FromClause {
  if (cursor.at('VALUES')) {
    const rows = values(cursor, scope);
    return { sql: (world) => rows(world).sql, hidden: [] };
  }
  if (cursor.takeSymbol('(')) return parenthesized(cursor, scope);
  const files = fileReading(cursor, scope);
  if (files) return aliased(cursor, filesSql(files), files.metadata ? ['_metadata'] : []);
  if (!atIdentifier(cursor)) throw cursor.error();
  const name = tableName(cursor);
  const sql: Sql = (world) => {
    const parts = name(world);
    const [only = ''] = parts;
    return parts.length === 1 && scope.has(only.toLowerCase()) ? quoted(only) : world.table(parts);
  };
  // Without an alias a table answers to its own last name, as it does in Databricks.
  const marked = cursor.at('AS') || atIdentifier(cursor);
  if (marked) return aliased(cursor, sql, []);
  return { sql: (world) => `${sql(world)} AS ${quoted(name(world).at(-1) ?? '')}`, hidden: [] };
}

function filesSql(reading: FileReading): Sql {
  return (world) => world.files(reading);
}

function parenthesized(cursor: Cursor, scope: Scope): FromClause {
  const mark = cursor.mark();
  if (atQuery(cursor)) {
    try {
      const inner = query(cursor, scope);
      cursor.expectSymbol(')');
      return aliased(cursor, (world) => `(${inner(world)})`, []);
    } catch (error) {
      // `((a JOIN b ON ..))` starts like a query and is none.
      if (!nestedRelation(cursor, mark)) throw error;
    }
  }
  const inner = fromClause(cursor, scope);
  cursor.expectSymbol(')');
  return { sql: (world) => `(${inner.sql(world)})`, hidden: inner.hidden };
}

function nestedRelation(cursor: Cursor, mark: number): boolean {
  cursor.reset(mark);
  return cursor.atSymbol('(');
}

function aliased(cursor: Cursor, sql: Sql, hidden: readonly string[]): FromClause {
  const { alias, columns } = tableAlias(cursor);
  if (!alias) return { sql, hidden };
  const list = columns.length > 0 ? `(${columns.map(quoted).join(', ')})` : '';
  return { sql: (world) => `${sql(world)} AS ${quoted(alias)}${list}`, hidden };
}
