// Functions of values: logic, arithmetic and text.
import { type Cell, decimalOf, SCALE } from '../cells.ts';
import { type Env, scalar } from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction } from './evaluate.ts';
import { formatted } from './format.ts';
import type { Call } from './tree.ts';
import { arithmetic, comparison, finite, numberOf, textOf, truth } from './values.ts';

type Args = Call['args'];

const number = (args: Args, at: number, env: Env): number => numberOf(scalar(args[at], env));
const text = (args: Args, at: number, env: Env): string => textOf(scalar(args[at], env));

/** A function of one number; BLANK stays BLANK. */
const ofNumber =
  (compute: (value: number) => number): ScalarFunction =>
  ([arg], env) => {
    const cell = scalar(arg, env);
    return cell === null ? null : finite(compute(numberOf(cell)));
  };

/** Rounds to digits, money exactly. */
const rounding =
  (round: (value: number) => number): ScalarFunction =>
  ([arg, digits], env) => {
    const cell = scalar(arg, env);
    if (cell === null) return null;
    const places = digits ? numberOf(scalar(digits, env)) : 0;
    const factor = 10 ** places;
    const value = numberOf(cell);
    // The shortest text of the product is what was meant: 1.005 * 100 is 100.49999999999999.
    const result = finite(round(Number((value * factor).toPrecision(15))) / factor);
    return typeof cell === 'bigint' ? (decimalOf(result.toFixed(4)) ?? result) : result;
  };

const awayFromZero = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

const logic: Readonly<Record<string, ScalarFunction>> = {
  TRUE: () => true,
  FALSE: () => false,
  BLANK: () => null,
  IF: ([condition, yes, no], env) =>
    truth(scalar(condition, env)) ? scalar(yes, env) : no ? scalar(no, env) : null,
  SWITCH: choose,
  AND: ([left, right], env) => truth(scalar(left, env)) && truth(scalar(right, env)),
  OR: ([left, right], env) => truth(scalar(left, env)) || truth(scalar(right, env)),
  NOT: ([arg], env) => !truth(scalar(arg, env)),
  ISBLANK: ([arg], env) => scalar(arg, env) === null,
  ISNUMBER: ([arg], env) => ['number', 'bigint'].includes(typeof scalar(arg, env)),
  ISTEXT: ([arg], env) => typeof scalar(arg, env) === 'string',
  COALESCE: (args, env) => {
    for (const arg of args) {
      const found = scalar(arg, env);
      if (found !== null) return found;
    }
    return null;
  },
};

function choose([subject, ...rest]: Args, env: Env): Cell {
  const value = scalar(subject, env);
  for (let at = 0; at + 1 < rest.length; at += 2)
    if (comparison('=', value, scalar(rest[at], env))) return scalar(rest[at + 1], env);
  return rest.length % 2 === 1 ? scalar(rest[rest.length - 1], env) : null;
}

const numbers: Readonly<Record<string, ScalarFunction>> = {
  DIVIDE: ([left, right, otherwise], env) => {
    const by = scalar(right, env);
    if (numberOf(by) !== 0) return arithmetic('/', scalar(left, env), by);
    return otherwise ? scalar(otherwise, env) : null;
  },
  ABS: ([arg], env) => {
    const cell = scalar(arg, env);
    if (typeof cell === 'bigint') return cell < 0n ? -cell : cell;
    return cell === null ? null : Math.abs(numberOf(cell));
  },
  ROUND: rounding(awayFromZero),
  ROUNDUP: rounding((value) => Math.sign(value) * Math.ceil(Math.abs(value))),
  ROUNDDOWN: rounding(Math.trunc),
  TRUNC: rounding(Math.trunc),
  INT: ofNumber(Math.floor),
  SIGN: ofNumber(Math.sign),
  SQRT: ofNumber(Math.sqrt),
  EXP: ofNumber(Math.exp),
  LN: ofNumber(Math.log),
  MOD: (args, env) => {
    const [value, by] = [number(args, 0, env), number(args, 1, env)];
    return finite(value - by * Math.floor(value / by));
  },
  POWER: (args, env) => finite(number(args, 0, env) ** number(args, 1, env)),
  CURRENCY: ([arg], env) => money(scalar(arg, env)),
  VALUE: ([arg], env) => {
    const cell = scalar(arg, env);
    if (typeof cell !== 'string') return cell;
    return /^\s*-?\d+(\.\d+)?\s*$/.test(cell) ? Number(cell) : fail(`VALUE: '${cell}' is no number.`);
  },
  CONVERT: ([arg, type], env) =>
    converted(scalar(arg, env), type?.kind === 'name' ? type.name.toUpperCase() : ''),
  PI: () => Math.PI,
};

function money(cell: Cell): Cell {
  if (cell === null || typeof cell === 'bigint') return cell;
  const value = numberOf(cell);
  return Number.isSafeInteger(value)
    ? BigInt(value) * SCALE
    : (decimalOf(value.toFixed(10)) ?? fail('CURRENCY: too large.'));
}

function converted(cell: Cell, type: string): Cell {
  if (cell === null) return null;
  if (type === 'CURRENCY') return money(cell);
  if (type === 'DOUBLE') return numberOf(cell);
  if (type === 'INTEGER') return awayFromZero(numberOf(cell));
  if (type === 'STRING') return textOf(cell);
  return fail(`CONVERT: type ${type} is not supported.`);
}

const cut = (value: string, start: number, length: number): string => value.slice(start, start + length);

const texts: Readonly<Record<string, ScalarFunction>> = {
  FORMAT: ([value, format], env) => {
    const pattern = scalar(format, env);
    return typeof pattern === 'string'
      ? formatted(scalar(value, env), pattern)
      : fail('FORMAT: a format in quotes is expected.');
  },
  LEN: (args, env) => text(args, 0, env).length,
  LEFT: (args, env) => text(args, 0, env).slice(0, args[1] ? number(args, 1, env) : 1),
  RIGHT: (args, env) => {
    const count = args[1] ? number(args, 1, env) : 1;
    return count === 0 ? '' : text(args, 0, env).slice(-count);
  },
  MID: (args, env) => cut(text(args, 0, env), number(args, 1, env) - 1, number(args, 2, env)),
  UPPER: (args, env) => text(args, 0, env).toUpperCase(),
  LOWER: (args, env) => text(args, 0, env).toLowerCase(),
  TRIM: (args, env) => text(args, 0, env).trim().replace(/ +/g, ' '),
  CONCATENATE: (args, env) => text(args, 0, env) + text(args, 1, env),
  SUBSTITUTE: (args, env) => {
    if (args.length > 3) return fail('SUBSTITUTE: all occurrences are replaced here.');
    return text(args, 0, env).replaceAll(text(args, 1, env), text(args, 2, env));
  },
  CONTAINSSTRING: (args, env) =>
    text(args, 0, env)
      .toLowerCase()
      .includes(text(args, 1, env).toLowerCase()),
  SEARCH: (args, env) => found(args, env, (one) => one.toLowerCase()),
  FIND: (args, env) => found(args, env, (one) => one),
  EXACT: (args, env) => text(args, 0, env) === text(args, 1, env),
};

/** The place of a text in another, from 1; the fourth argument where it is not in it. */
function found(args: Args, env: Env, fold: (text: string) => string): Cell {
  const start = args[2] ? number(args, 2, env) - 1 : 0;
  const at = fold(text(args, 1, env)).indexOf(fold(text(args, 0, env)), start);
  if (at >= 0) return at + 1;
  return args[3] ? scalar(args[3], env) : fail('The text was not found.');
}

export const scalars: Readonly<Record<string, ScalarFunction>> = { ...logic, ...numbers, ...texts };
