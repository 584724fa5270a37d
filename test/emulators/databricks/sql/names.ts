// Identifiers, table names and data types as statements write them, read from a cursor.
import type { Cursor } from './cursor.ts';
import { failure } from './errors.ts';
import { type DataType, spellings } from './types.ts';
import type { World } from './world.ts';

/** Words that never name a table, column or alias without backticks, because a clause starts with them. */
export const clauseWords: ReadonlySet<string> = new Set(
  `ALL AND ANTI AS BETWEEN BY CASE CROSS DISTINCT ELSE END EXCEPT EXISTS FROM FULL GROUP HAVING IN INNER INTERSECT INTO IS
  JOIN LEFT LIMIT MINUS NATURAL NOT NULL OFFSET ON OR ORDER OVER QUALIFY RIGHT SELECT SEMI SET THEN UNION USING VALUES WHEN
  WHERE WINDOW WITH`.split(/\s+/),
);

/** A table name: its parts, or an `IDENTIFIER(...)` clause that yields them once parameters are known. */
export type TableName = (world: Pick<World, 'parameterText'>) => readonly string[];

/** One identifier, quoted or not. Unquoted ones may not be clause words. */
export function identifier(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind === 'name' && token.value !== '') return cursor.next().value;
  if (token.kind === 'word' && !clauseWords.has(token.value)) return cursor.next().text;
  throw cursor.error();
}

export function atIdentifier(cursor: Cursor, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  return token.kind === 'name' || (token.kind === 'word' && !clauseWords.has(token.value));
}

/** `a`, `a.b`, `a.b.c`, or `IDENTIFIER('a.b.c')`. */
export function tableName(cursor: Cursor): TableName {
  if (cursor.at('IDENTIFIER') && cursor.atSymbol('(', 1)) return identifierClause(cursor);
  const parts = [identifier(cursor)];
  while (parts.length < 3 && cursor.takeSymbol('.')) parts.push(identifier(cursor));
  return () => parts;
}

function identifierClause(cursor: Cursor): TableName {
  cursor.expect('IDENTIFIER');
  cursor.expectSymbol('(');
  const pieces: TableName[] = [];
  do {
    if (cursor.peek().kind === 'parameter') {
      const { value } = cursor.next();
      pieces.push((world) => [world.parameterText(value)]);
    } else {
      const text = cursor.string();
      pieces.push(() => [text]);
    }
  } while (cursor.takeSymbol('||'));
  cursor.expectSymbol(')');
  return (world) => splitName(pieces.flatMap((piece) => piece(world)).join(''));
}

/** `a.b` or `` `a`.`b.c` `` into its parts. */
export function splitName(text: string): string[] {
  const parts = text.match(/`(?:[^`]|``)+`|[^.`]+/g);
  if (!parts || parts.length > 3) throw failure('INVALID_NAME', `The identifier ${text} is invalid.`);
  return parts.map((part) => (part.startsWith('`') ? part.slice(1, -1).replaceAll('``', '`') : part.trim()));
}

export function dataType(cursor: Cursor): DataType {
  const token = cursor.peek();
  if (token.kind !== 'word') throw cursor.error();
  cursor.next();
  switch (token.value) {
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
      return decimal(cursor);
    case 'VARCHAR':
    case 'CHAR':
    case 'CHARACTER': {
      const [length] = cursor.parenthesized(() => integer(cursor));
      return { name: token.value === 'VARCHAR' ? 'VARCHAR' : 'CHAR', length: length ?? 1 };
    }
    case 'ARRAY':
      return { name: 'ARRAY', element: angled(cursor, () => dataType(cursor)) };
    case 'MAP':
      return angled(cursor, () => {
        const key = dataType(cursor);
        cursor.expectSymbol(',');
        return { name: 'MAP', key, value: dataType(cursor) };
      });
    case 'STRUCT':
      return { name: 'STRUCT', fields: angled(cursor, () => cursor.list(() => field(cursor))) };
    default:
      return simpleType(cursor, token);
  }
}

function simpleType(cursor: Cursor, token: ReturnType<Cursor['peek']>): DataType {
  const name = spellings[token.value];
  if (name) return { name };
  if (cursor.atSymbol('(')) throw cursor.error();
  throw failure('UNSUPPORTED_DATATYPE', `Unsupported data type "${token.text.toUpperCase()}".`);
}

function field(cursor: Cursor): { name: string; type: DataType } {
  const name = identifier(cursor);
  cursor.takeSymbol(':');
  const type = dataType(cursor);
  if (cursor.take('NOT')) cursor.expect('NULL');
  if (cursor.take('COMMENT')) cursor.string();
  return { name, type };
}

function decimal(cursor: Cursor): DataType {
  if (!cursor.atSymbol('(')) return { name: 'DECIMAL', precision: 10, scale: 0 };
  const [precision = 10, scale = 0] = cursor.parenthesized(() => integer(cursor));
  if (precision > 38 || scale > precision)
    throw failure(
      'INVALID_PARAMETER_VALUE',
      `DECIMAL(${precision},${scale}) is invalid: the maximum precision is 38.`,
    );
  return { name: 'DECIMAL', precision, scale };
}

function angled<T>(cursor: Cursor, inside: () => T): T {
  cursor.expectSymbol('<');
  const value = inside();
  cursor.expectSymbol('>');
  return value;
}

/** An unsigned integer literal. */
export function integer(cursor: Cursor): number {
  const token = cursor.peek();
  if (token.kind !== 'number' || !/^\d+$/.test(token.value)) throw cursor.error();
  return Number(cursor.next().value);
}
