// Conditions of Hyper updates: read strictly, then written as SQL (tableau.md 3.2).
import type { HyperColumn } from '../hyperd/index.ts';
import { literal, quoted } from '../hyperd/index.ts';
import { badRequest } from './errors.ts';
import type { Switches } from './switches.ts';

export type Condition =
  | { readonly op: 'and' | 'or' | 'not'; readonly args: readonly Condition[] }
  | { readonly op: Comparison; readonly target: string; readonly with: Operand };

type Comparison = keyof typeof comparisons;

type Operand =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'constant'; readonly type: ConstantType; readonly value: string };

const comparisons = {
  eq: '=',
  neq: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  is: 'IS NOT DISTINCT FROM',
  has: 'has',
} as const;

const constantTypes = ['string', 'integer', 'double', 'boolean', 'datetime'] as const;
type ConstantType = (typeof constantTypes)[number];

/** Reads one condition; anything unknown is refused (400000). */
export function readCondition(value: unknown): Condition {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(400000, 'A condition must be an object');
  const { op, args, ...rest } = value as Record<string, unknown>;
  if (op === 'and' || op === 'or' || op === 'not') return readNode(op, { args, rest });
  if (typeof op !== 'string' || !Object.hasOwn(comparisons, op))
    throw badRequest(400000, `Unknown operator ${JSON.stringify(op)} in a condition`);
  const { 'target-col': target, 'source-col': source, const: constant, ...unknown } = rest;
  refuseKeys(unknown);
  if (typeof target !== 'string') throw badRequest(400000, 'A comparison needs a target-col');
  if ((source === undefined) === (constant === undefined) || args !== undefined)
    throw badRequest(400000, 'A comparison needs either a source-col or a const');
  if (source !== undefined && typeof source !== 'string')
    throw badRequest(400000, 'source-col must be the name of a column');
  const operand = source === undefined ? readConstant(constant) : { kind: 'column' as const, name: source };
  return { op: op as Comparison, target, with: operand };
}

function readNode(
  op: 'and' | 'or' | 'not',
  { args, rest }: { args: unknown; rest: Record<string, unknown> },
): Condition {
  refuseKeys(rest);
  if (!Array.isArray(args) || args.length === 0 || (op === 'not' && args.length !== 1))
    throw badRequest(400000, `The operator ${op} needs ${op === 'not' ? 'one argument' : 'arguments'}`);
  return { op, args: args.map(readCondition) };
}

function readConstant(value: unknown): Operand {
  const { type, v, ...rest } = (value ?? {}) as Record<string, unknown>;
  refuseKeys(rest);
  const known = constantTypes.find((one) => one === type);
  if (!known) throw badRequest(400000, `A constant has no type ${JSON.stringify(type)}`);
  if (typeof v !== 'string' && typeof v !== 'number' && typeof v !== 'boolean')
    throw badRequest(400000, 'The value of a constant must be a scalar');
  return { kind: 'constant', type: known, value: String(v) };
}

function refuseKeys(rest: Record<string, unknown>): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badRequest(400000, `Unknown key "${unknown}" in a condition`);
}

/** Every leaf, for counting and for the columns that are used. */
export function leavesOf(condition: Condition): Extract<Condition, { target: string }>[] {
  return 'args' in condition ? condition.args.flatMap(leavesOf) : [condition];
}

/** Upserts and deletes with a source compare keys with `eq`; whether they take more is not documented. */
export function refuseOtherOperators(condition: Condition, { otherOperators }: Switches): void {
  if (!otherOperators && leavesOf(condition).some(({ op }) => op !== 'eq'))
    throw badRequest(400000, 'This action takes conditions of eq only');
}

/** The condition over `t` (target) and `s` (source). Columns must have been checked before. */
export function conditionSql(condition: Condition, target: readonly HyperColumn[]): string {
  if ('args' in condition) {
    const parts = condition.args.map((arg) => conditionSql(arg, target));
    if (condition.op === 'not') return `(NOT ${parts.join('')})`;
    return `(${parts.join(condition.op === 'and' ? ' AND ' : ' OR ')})`;
  }
  const left = `t.${quoted(condition.target)}`;
  const type = target.find(({ name }) => name === condition.target)?.type ?? 'text';
  const right =
    condition.with.kind === 'column' ? `s.${quoted(condition.with.name)}` : constantSql(condition.with, type);
  if (condition.op === 'has') return `(strpos(${left}, ${right}) > 0)`;
  return `(${left} ${comparisons[condition.op]} ${right})`;
}

function constantSql({ type, value }: Extract<Operand, { kind: 'constant' }>, column: string): string {
  if (type === 'string') return literal(value);
  if (type === 'boolean') return value.toLowerCase() === 'true' ? 'TRUE' : 'FALSE';
  if (type === 'integer') return `CAST(${literal(value)} AS bigint)`;
  if (type === 'double') return `CAST(${literal(value)} AS double precision)`;
  // An instant; a column without a zone is read as UTC.
  return `CAST(CAST(${literal(value)} AS timestamp with time zone) AS ${column})`;
}
