// The smaller primaries of an expression: numbers with suffixes, typed literals, intervals, CASE.
import type { Cursor } from './cursor.ts';
import { literal } from './types.ts';
import type { Sql } from './world.ts';

const suffixes: Readonly<Record<string, string>> = {
  L: 'BIGINT',
  S: 'SMALLINT',
  Y: 'TINYINT',
  D: 'DOUBLE',
  F: 'FLOAT',
};

/** `12`, `12.5`, `1e3`, `12L`, `1.5BD`. */
export function unsignedNumber(cursor: Cursor): Sql {
  const text = cursor.next().value;
  if (text.endsWith('BD')) return () => text.slice(0, -2);
  const type = suffixes[text.at(-1) ?? ''];
  return type ? () => `CAST(${text.slice(0, -1)} AS ${type})` : () => text;
}

const typed: Readonly<Record<string, string>> = {
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  X: 'BLOB',
};

/** `DATE '2024-01-31'`, `TIMESTAMP '...'`, `X'00FF'`. */
export function typedLiteral(cursor: Cursor): Sql | undefined {
  const type = typed[cursor.peek().value];
  if (!type || cursor.peek().kind !== 'word' || cursor.peek(1).kind !== 'string') return undefined;
  cursor.next();
  const text = cursor.next().value;
  return type === 'BLOB' ? () => `unhex(${literal(text)})` : () => `CAST(${literal(text)} AS ${type})`;
}

const units = /^(YEAR|QUARTER|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND|MILLISECOND|MICROSECOND)S?$/;

/** `INTERVAL 3 DAYS`, `INTERVAL '1' HOUR`, `INTERVAL '1 day 2 hours'`. */
export function interval(cursor: Cursor, operand: () => Sql): Sql | undefined {
  if (!cursor.at('INTERVAL')) return undefined;
  const after = cursor.peek(1);
  if (after.kind !== 'string' && after.kind !== 'number' && after.value !== '-') return undefined;
  cursor.next();
  const quantity = operand();
  const unit = units.exec(cursor.peek().value)?.[1];
  if (!unit) return (world) => `CAST(${quantity(world)} AS INTERVAL)`;
  cursor.next();
  return (world) => `(CAST(${quantity(world)} AS INTEGER) * INTERVAL 1 ${unit})`;
}

export function caseExpression(cursor: Cursor, operand: () => Sql): Sql {
  cursor.expect('CASE');
  const subject = cursor.at('WHEN') ? undefined : operand();
  const branches: [Sql, Sql][] = [];
  while (cursor.take('WHEN')) {
    const test = operand();
    cursor.expect('THEN');
    branches.push([test, operand()]);
  }
  const otherwise = cursor.take('ELSE') ? operand() : undefined;
  cursor.expect('END');
  if (branches.length === 0) throw cursor.error();
  return (world) => {
    const cases = branches.map(([test, result]) => `WHEN ${test(world)} THEN ${result(world)}`).join(' ');
    const last = otherwise ? ` ELSE ${otherwise(world)}` : '';
    return `CASE ${subject ? `${subject(world)} ` : ''}${cases}${last} END`;
  };
}
