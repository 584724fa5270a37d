// Expressions: Databricks' grammar and precedence in, engine SQL out; anything outside the grammar is a syntax error.
import { castSql } from './casts.ts';
import type { Cursor } from './cursor.ts';
import { callSql } from './functions.ts';
import { caseExpression, interval, typedLiteral, unsignedNumber } from './literals.ts';
import { atIdentifier, clauseWords, dataType, identifier } from './names.ts';
import { query } from './query.ts';
import { literal, quoted } from './types.ts';
import { windowSpecification } from './window.ts';
import { join, type Sql } from './world.ts';

/** Names of common table expressions in reach. */
export type Scope = ReadonlySet<string>;

export function expression(cursor: Cursor, scope: Scope): Sql {
  return chain(cursor, 'OR', () => chain(cursor, 'AND', () => negation(cursor, scope)));
}

function chain(cursor: Cursor, operator: string, operand: () => Sql): Sql {
  const parts = [operand()];
  while (cursor.take(operator)) parts.push(operand());
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return (world) => `(${join(parts, ` ${operator} `)(world)})`;
}

function negation(cursor: Cursor, scope: Scope): Sql {
  if (cursor.take('NOT') || cursor.takeSymbol('!')) {
    const operand = negation(cursor, scope);
    return (world) => `(NOT ${operand(world)})`;
  }
  return predicate(cursor, scope);
}

const comparisons: Readonly<Record<string, string>> = {
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '<=>': 'IS NOT DISTINCT FROM',
};

function predicate(cursor: Cursor, scope: Scope): Sql {
  let left = value(cursor, scope);
  for (;;) {
    const operator = cursor.peek().kind === 'symbol' ? comparisons[cursor.peek().value] : undefined;
    if (operator) {
      cursor.next();
      left = infix(left, operator, value(cursor, scope));
      continue;
    }
    const test = wordPredicate(cursor, scope, left);
    if (!test) return left;
    left = test;
  }
}

function infix(left: Sql, operator: string, right: Sql): Sql {
  return (world) => `(${left(world)} ${operator} ${right(world)})`;
}

/** IS, IN, BETWEEN, LIKE and their kin; undefined when none of them comes next. */
function wordPredicate(cursor: Cursor, scope: Scope, left: Sql): Sql | undefined {
  if (cursor.take('IS')) return isTest(cursor, scope, left);
  const not =
    cursor.at('NOT') && ['IN', 'BETWEEN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP'].includes(cursor.peek(1).value);
  if (not) cursor.next();
  const maybe = (test: Sql): Sql => (not ? (world) => `(NOT ${test(world)})` : test);
  if (cursor.take('IN')) return maybe(membership(cursor, scope, left));
  if (cursor.take('BETWEEN')) {
    const low = value(cursor, scope);
    cursor.expect('AND');
    const high = value(cursor, scope);
    return maybe((world) => `(${left(world)} BETWEEN ${low(world)} AND ${high(world)})`);
  }
  if (cursor.at('LIKE') || cursor.at('ILIKE')) {
    const operator = cursor.next().value;
    const pattern = value(cursor, scope);
    const escapedBy = cursor.take('ESCAPE') ? cursor.string() : '\\';
    return maybe((world) => `(${left(world)} ${operator} ${pattern(world)} ESCAPE ${literal(escapedBy)})`);
  }
  if (cursor.take('RLIKE') || cursor.take('REGEXP')) {
    const pattern = value(cursor, scope);
    return maybe((world) => `regexp_matches(${left(world)}, ${pattern(world)})`);
  }
  return undefined;
}

function isTest(cursor: Cursor, scope: Scope, left: Sql): Sql {
  const not = cursor.take('NOT') ? 'NOT ' : '';
  if (cursor.take('DISTINCT')) {
    cursor.expect('FROM');
    return infix(left, `IS ${not}DISTINCT FROM`, value(cursor, scope));
  }
  for (const word of ['NULL', 'TRUE', 'FALSE'])
    if (cursor.take(word)) return (world) => `(${left(world)} IS ${not}${word})`;
  if (cursor.take('UNKNOWN')) return (world) => `(${left(world)} IS ${not}NULL)`;
  throw cursor.error();
}

function membership(cursor: Cursor, scope: Scope, left: Sql): Sql {
  cursor.expectSymbol('(');
  const inside =
    cursor.at('SELECT') || cursor.at('WITH') || cursor.at('VALUES')
      ? query(cursor, scope)
      : join(
          cursor.list(() => expression(cursor, scope)),
          ', ',
        );
  cursor.expectSymbol(')');
  return (world) => `(${left(world)} IN (${inside(world)}))`;
}

/** An operand of a comparison: additive, then multiplicative, then sign. */
export function value(cursor: Cursor, scope: Scope): Sql {
  let left = product(cursor, scope);
  for (;;) {
    const operator = ['+', '-', '||'].find((symbol) => cursor.atSymbol(symbol));
    if (!operator) return left;
    cursor.next();
    left = infix(left, operator, product(cursor, scope));
  }
}

function product(cursor: Cursor, scope: Scope): Sql {
  let left = signed(cursor, scope);
  for (;;) {
    const divisor = (macro: string): void => {
      const numerator = left;
      const right = signed(cursor, scope);
      left = (world) => `memory.main.${macro}(${numerator(world)}, ${right(world)})`;
    };
    if (cursor.takeSymbol('*')) left = infix(left, '*', signed(cursor, scope));
    else if (cursor.takeSymbol('/')) divisor('dbx_divide');
    else if (cursor.takeSymbol('%')) divisor('dbx_remainder');
    else if (cursor.take('DIV')) divisor('dbx_quotient');
    else return left;
  }
}

/** Division is ANSI: by zero it fails, where the engine answers NULL. */
export const divisionMacros = [
  ['dbx_divide', '/'],
  ['dbx_quotient', '//'],
  ['dbx_remainder', '%'],
] as const;

function signed(cursor: Cursor, scope: Scope): Sql {
  for (const sign of ['-', '+', '~'])
    if (cursor.takeSymbol(sign)) {
      const operand = signed(cursor, scope);
      return (world) => `(${sign}${operand(world)})`;
    }
  return postfix(cursor, scope);
}

function postfix(cursor: Cursor, scope: Scope): Sql {
  let operand = primary(cursor, scope);
  for (;;) {
    const before = operand;
    if (cursor.takeSymbol('::')) {
      const type = dataType(cursor);
      operand = (world) => castSql(before(world), type);
    } else if (cursor.takeSymbol('?::')) {
      const type = dataType(cursor);
      operand = (world) => castSql(before(world), type, 'try');
    } else if (cursor.takeSymbol('[')) {
      const index = expression(cursor, scope);
      cursor.expectSymbol(']');
      // Arrays count from 0, the engine's lists from 1.
      operand = (world) => `(${before(world)})[${index(world)} + 1]`;
    } else return operand;
  }
}

function primary(cursor: Cursor, scope: Scope): Sql {
  const token = cursor.peek();
  if (token.kind === 'number') return unsignedNumber(cursor);
  if (token.kind === 'string') {
    const text = literal(cursor.next().value);
    return () => text;
  }
  if (token.kind === 'parameter') {
    cursor.next();
    return (world) => world.parameter(token.value);
  }
  if (cursor.atSymbol('(')) return grouped(cursor, scope);
  if (token.kind === 'word') {
    const special = wordPrimary(cursor, scope);
    if (special) return special;
    if (cursor.atSymbol('(', 1) && callable(token.value)) return functionCall(cursor, scope);
  }
  return columnReference(cursor);
}

/** LEFT and RIGHT start joins, yet name functions too. */
function callable(word: string): boolean {
  return !clauseWords.has(word) || word === 'LEFT' || word === 'RIGHT';
}

function grouped(cursor: Cursor, scope: Scope): Sql {
  cursor.expectSymbol('(');
  if (cursor.at('SELECT') || cursor.at('WITH')) {
    const inner = query(cursor, scope);
    cursor.expectSymbol(')');
    return (world) => `(${inner(world)})`;
  }
  const items = cursor.list(() => expression(cursor, scope));
  cursor.expectSymbol(')');
  return (world) => `(${join(items, ', ')(world)})`;
}

function wordPrimary(cursor: Cursor, scope: Scope): Sql | undefined {
  for (const word of ['NULL', 'TRUE', 'FALSE']) if (cursor.take(word)) return () => word;
  for (const name of ['CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_USER'])
    if (cursor.at(name) && !cursor.atSymbol('(', 1)) {
      cursor.next();
      return (world) => callSql(name, [], world);
    }
  if (cursor.at('CASE')) return caseExpression(cursor, () => expression(cursor, scope));
  if (cursor.at('EXISTS') && cursor.atSymbol('(', 1)) {
    cursor.next();
    const inner = grouped(cursor, scope);
    return (world) => `EXISTS ${inner(world)}`;
  }
  if ((cursor.at('CAST') || cursor.at('TRY_CAST')) && cursor.atSymbol('(', 1)) return cast(cursor, scope);
  return typedLiteral(cursor) ?? interval(cursor, () => value(cursor, scope));
}

function cast(cursor: Cursor, scope: Scope): Sql {
  const mode = cursor.next().value === 'CAST' ? 'cast' : 'try';
  cursor.expectSymbol('(');
  const operand = expression(cursor, scope);
  cursor.expect('AS');
  const type = dataType(cursor);
  cursor.expectSymbol(')');
  return (world) => castSql(operand(world), type, mode);
}

/** `name([DISTINCT] args) [FILTER (WHERE ...)] [OVER (...)]`, with the star of count(*). */
function functionCall(cursor: Cursor, scope: Scope): Sql {
  const name = cursor.next().text;
  cursor.expectSymbol('(');
  const distinct = cursor.take('DISTINCT') ? 'DISTINCT ' : '';
  const counts = name.toLowerCase() === 'count';
  const star = counts && cursor.takeSymbol('*');
  const args = star || cursor.atSymbol(')') ? [] : cursor.list(() => expression(cursor, scope));
  cursor.expectSymbol(')');
  if (counts && !star && args.length === 0) throw cursor.error();
  const tail = callTail(cursor, scope);
  return (world) => {
    const inputs = args.map((arg) => arg(world));
    const [first = '*'] = inputs;
    let called: string;
    if (counts) called = `count(${distinct}${inputs.length > 1 ? `(${inputs.join(', ')})` : first})`;
    else called = callSql(name, inputs, world);
    if (distinct && !counts) called = called.replace('(', '(DISTINCT ');
    return `${called}${tail(world)}`;
  };
}

function callTail(cursor: Cursor, scope: Scope): Sql {
  const parts: Sql[] = [];
  if (cursor.at('FILTER') && cursor.atSymbol('(', 1)) {
    cursor.next();
    cursor.expectSymbol('(');
    cursor.expect('WHERE');
    const condition = expression(cursor, scope);
    cursor.expectSymbol(')');
    parts.push((world) => ` FILTER (WHERE ${condition(world)})`);
  }
  if (cursor.take('OVER')) {
    const window = windowSpecification(cursor, scope);
    parts.push((world) => ` OVER ${window(world)}`);
  }
  return join(parts, '');
}

/** `a`, `t.a`, `t.a.field`. */
function columnReference(cursor: Cursor): Sql {
  const parts = [identifier(cursor)];
  while (cursor.atSymbol('.') && atIdentifier(cursor, 1)) {
    cursor.next();
    parts.push(identifier(cursor));
  }
  const text = parts.map(quoted).join('.');
  return () => text;
}
