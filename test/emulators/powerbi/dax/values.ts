// Arithmetic and comparison as DAX has them: BLANK is nothing in sums and zero in comparisons, decimals stay exact.
import { type Cell, daysOf, decimalOf, Instant, instantOfDays, keyOf, SCALE } from '../cells.ts';
import { fail } from './errors.ts';
import type { Operator } from './tree.ts';

export const isBlank = (cell: Cell): cell is null => cell === null;

/** The number a value is in arithmetic. */
export function numberOf(cell: Cell): number {
  if (cell === null) return 0;
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell) / 1e4;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (cell instanceof Instant) return daysOf(cell);
  return fail(`Cannot convert value '${cell.slice(0, 40)}' of type Text to type Number.`);
}

export function truth(cell: Cell): boolean {
  if (typeof cell === 'string')
    return fail(`Cannot convert value '${cell.slice(0, 40)}' of type Text to type True/False.`);
  return typeof cell === 'boolean' ? cell : numberOf(cell) !== 0;
}

export function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'bigint') return String(numberOf(cell));
  return fail('A date is turned into text by FORMAT only.');
}

/** The date a value is. */
export function instantOfCell(cell: Cell, what: string): Instant {
  if (cell instanceof Instant) return cell;
  return typeof cell === 'number' ? instantOfDays(cell) : fail(`${what}: a date is expected.`);
}

/** A result that is no number is an error in the answer, not a value. */
export function finite(number: number): number {
  return Number.isFinite(number) ? number : fail('The result is not a number, or infinite.');
}

const isWhole = (cell: Cell): cell is number => typeof cell === 'number' && Number.isSafeInteger(cell);

/** A value as exact ten-thousandths, where it is one. */
function exactOf(cell: Cell): bigint | undefined {
  if (typeof cell === 'bigint') return cell;
  return isWhole(cell) ? BigInt(cell) * SCALE : undefined;
}

export function arithmetic(operator: Operator, left: Cell, right: Cell): Cell {
  switch (operator) {
    case '+':
    case '-':
      return sum(operator, left, right);
    case '*':
      return left === null || right === null ? null : product(left, right);
    case '/':
      return quotient(left, right);
    case '^':
      return left === null ? null : finite(numberOf(left) ** numberOf(right));
    default:
      return fail(`Operator ${operator} is no arithmetic.`);
  }
}

function sum(operator: '+' | '-', left: Cell, right: Cell): Cell {
  if (left === null && right === null) return null;
  if (left instanceof Instant || right instanceof Instant) {
    const days = operator === '+' ? numberOf(left) + numberOf(right) : numberOf(left) - numberOf(right);
    return instantOfDays(days);
  }
  if (typeof left === 'bigint' || typeof right === 'bigint') {
    const one = left === null ? 0n : exactOf(left);
    const other = right === null ? 0n : exactOf(right);
    if (one !== undefined && other !== undefined) return operator === '+' ? one + other : one - other;
  }
  return whole(
    left,
    right,
    operator === '+' ? numberOf(left) + numberOf(right) : numberOf(left) - numberOf(right),
  );
}

/** Integers that grow beyond what a double holds would be wrong in silence. */
function whole(left: Cell, right: Cell, result: number): number {
  if (isWhole(left) && isWhole(right) && !Number.isSafeInteger(result))
    fail('The integer is too large to be exact here.');
  return finite(result);
}

/** Money times a number is money; money times money is a number (the engine's table of types). */
function product(left: Cell, right: Cell): Cell {
  const money = typeof left === 'bigint' ? left : typeof right === 'bigint' ? right : undefined;
  const factor = typeof left === 'bigint' ? right : left;
  if (money === undefined || typeof factor === 'bigint')
    return whole(left, right, numberOf(left) * numberOf(right));
  if (isWhole(factor)) return money * BigInt(factor);
  return rounded(numberOf(money) * numberOf(factor));
}

function quotient(left: Cell, right: Cell): Cell {
  if (left === null && right !== null && numberOf(right) !== 0) return null;
  const result = finite(numberOf(left) / numberOf(right));
  return typeof left === 'bigint' && typeof right !== 'bigint' ? rounded(result) : result;
}

const rounded = (number: number): bigint =>
  decimalOf(finite(number).toFixed(10)) ?? fail('The decimal is too large.');

/** Negative, zero or positive. BLANK is 0, "", or the earliest date, as the other side asks. */
export function compare(left: Cell, right: Cell): number {
  if (typeof left === 'string' || typeof right === 'string') return compareTexts(left ?? '', right ?? '');
  if ((typeof left === 'boolean') !== (typeof right === 'boolean') && left !== null && right !== null)
    return fail('Comparison: values of type True/False cannot be compared with values of type Number.');
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return left === right ? 0 : left < right ? -1 : 1;
  return numberOf(left) - numberOf(right);
}

function compareTexts(left: Cell, right: Cell): number {
  if (typeof left !== 'string' || typeof right !== 'string')
    return fail('Comparison: values of type Text cannot be compared with values of another type.');
  const [one, other] = [String(keyOf(left)), String(keyOf(right))];
  return one === other ? 0 : one < other ? -1 : 1;
}

export function comparison(operator: Operator, left: Cell, right: Cell): boolean {
  if (operator === '==') return (left === null) === (right === null) && compare(left, right) === 0;
  const order = compare(left, right);
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    default:
      return fail(`Operator ${operator} is no comparison.`);
  }
}

/** An order over all values: BLANK first. */
export function sortOrder(left: Cell, right: Cell): number {
  if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1);
  return compare(left, right);
}
