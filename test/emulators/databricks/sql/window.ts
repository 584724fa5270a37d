// Windows and orderings; Databricks puts NULL first when ascending and last when descending, the engine always last.
import type { Cursor } from './cursor.ts';
import { expression, type Scope } from './expression.ts';
import { integer } from './names.ts';
import { join, type Sql } from './world.ts';

/** `expr [ASC|DESC] [NULLS FIRST|LAST]`. */
export function orderItem(cursor: Cursor, scope: Scope): Sql {
  const item = expression(cursor, scope);
  const descending = cursor.take('DESC');
  if (!descending) cursor.take('ASC');
  let nulls = descending ? 'LAST' : 'FIRST';
  if (cursor.take('NULLS')) {
    nulls = cursor.at('FIRST') ? 'FIRST' : 'LAST';
    cursor.expect(nulls);
  }
  return (world) => `${item(world)} ${descending ? 'DESC' : 'ASC'} NULLS ${nulls}`;
}

/** `ORDER BY item, ...`, or nothing. */
export function ordering(cursor: Cursor, scope: Scope): Sql {
  if (!cursor.take('ORDER', 'BY')) return () => '';
  const items = cursor.list(() => orderItem(cursor, scope));
  return (world) => ` ORDER BY ${join(items, ', ')(world)}`;
}

/** `([PARTITION BY ...] [ORDER BY ...] [ROWS|RANGE frame])`. */
export function windowSpecification(cursor: Cursor, scope: Scope): Sql {
  cursor.expectSymbol('(');
  const parts: Sql[] = [];
  if (cursor.take('PARTITION', 'BY')) {
    const keys = cursor.list(() => expression(cursor, scope));
    parts.push((world) => `PARTITION BY ${join(keys, ', ')(world)}`);
  }
  parts.push(ordering(cursor, scope));
  const unit = cursor.at('ROWS') ? 'ROWS' : 'RANGE';
  if (cursor.take(unit)) {
    const frame = frameText(cursor);
    parts.push(() => ` ${unit} ${frame}`);
  }
  cursor.expectSymbol(')');
  return (world) => `(${join(parts, '')(world)})`;
}

function frameText(cursor: Cursor): string {
  if (!cursor.take('BETWEEN')) return frameBound(cursor);
  const start = frameBound(cursor);
  cursor.expect('AND');
  return `BETWEEN ${start} AND ${frameBound(cursor)}`;
}

function frameBound(cursor: Cursor): string {
  if (cursor.take('CURRENT', 'ROW')) return 'CURRENT ROW';
  const distance = cursor.take('UNBOUNDED') ? 'UNBOUNDED' : String(integer(cursor));
  const side = cursor.at('PRECEDING') ? 'PRECEDING' : 'FOLLOWING';
  cursor.expect(side);
  return `${distance} ${side}`;
}
