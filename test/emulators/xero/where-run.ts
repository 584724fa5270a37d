// Turns parsed `where` clauses into predicates, and finds the part of them that an index would serve.
import type { Field, FieldValue } from './fields.ts';
import type { Clause, Operand } from './where.ts';

export type Predicate = (record: object) => boolean;

type FieldsOf = Readonly<Record<string, Field<never>>>;

/** The clause as a test of one record. */
export function compile(clause: Clause, fields: FieldsOf): Predicate {
  switch (clause.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [compile(clause.left, fields), compile(clause.right, fields)];
      return clause.kind === 'and' ? (one) => left(one) && right(one) : (one) => left(one) || right(one);
    }
    case 'not': {
      const inner = compile(clause.of, fields);
      return (one) => !inner(one);
    }
    case 'truth': {
      const value = read(clause.of, fields);
      return (one) => value(one) === true;
    }
    case 'compare':
      return comparison(clause, fields);
  }
}

function comparison(clause: Extract<Clause, { kind: 'compare' }>, fields: FieldsOf): Predicate {
  const [left, right] = [read(clause.left, fields), read(clause.right, fields)];
  // Nothing orders against null, so a missing value fails every comparison but == and !=.
  const ordered = (
    test: (a: string | number | boolean, b: string | number | boolean) => boolean,
  ): Predicate => {
    return (one) => {
      const [a, b] = [left(one), right(one)];
      return a !== undefined && b !== undefined && test(a, b);
    };
  };
  switch (clause.operator) {
    case '==':
      return (one) => left(one) === right(one);
    case '!=':
      return (one) => left(one) !== right(one);
    case '<':
      return ordered((a, b) => a < b);
    case '<=':
      return ordered((a, b) => a <= b);
    case '>':
      return ordered((a, b) => a > b);
    case '>=':
      return ordered((a, b) => a >= b);
  }
}

function read(operand: Operand, fields: FieldsOf): (record: object) => FieldValue {
  // An empty text and a missing value are one and the same to Xero.
  const literal = operand.kind === 'literal' && operand.value !== '' ? operand.value : undefined;
  if (operand.kind === 'literal') return () => literal;
  if (operand.kind === 'field') {
    const field = fields[operand.name];
    return (record) => (field?.of(record as never) === '' ? undefined : field?.of(record as never));
  }
  const on = read(operand.on, fields);
  return (record) => call(operand.method, String(on(record) ?? ''), operand.argument);
}

function call(method: string, value: string, argument: string): FieldValue {
  if (method === 'Contains') return value.includes(argument);
  if (method === 'StartsWith') return value.startsWith(argument);
  if (method === 'EndsWith') return value.endsWith(argument);
  if (method === 'ToLower') return value.toLowerCase();
  return method === 'ToUpper' ? value.toUpperCase() : value;
}

/** Which comparisons an endpoint's index serves: equality, ranges too, or several values joined by OR. */
export interface Optimised {
  readonly equal: readonly string[];
  readonly range: readonly string[];
  readonly or: readonly string[];
}

/** The clauses joined by AND that an index serves; their conjunction bounds how many documents a read must scan. */
export function optimisedParts(clause: Clause, optimised: Optimised): readonly Clause[] {
  if (clause.kind === 'and')
    return [...optimisedParts(clause.left, optimised), ...optimisedParts(clause.right, optimised)];
  return isOptimised(clause, optimised) ? [clause] : [];
}

function isOptimised(clause: Clause, optimised: Optimised): boolean {
  if (clause.kind === 'or') return [clause.left, clause.right].every((side) => isOneOf(side, optimised));
  if (clause.kind !== 'compare' || clause.left.kind !== 'field' || clause.right.kind !== 'literal')
    return false;
  const { name } = clause.left;
  if (optimised.range.includes(name)) return clause.operator !== '!=';
  return optimised.equal.includes(name) && clause.operator === '==';
}

function isOneOf(clause: Clause, optimised: Optimised): boolean {
  if (clause.kind === 'or') return isOneOf(clause.left, optimised) && isOneOf(clause.right, optimised);
  return (
    clause.kind === 'compare' &&
    clause.operator === '==' &&
    clause.left.kind === 'field' &&
    optimised.or.includes(clause.left.name)
  );
}
