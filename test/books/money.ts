// Exact money arithmetic on whole numbers: line amounts, tax, and currency conversion, all rounded half away from zero.
import type { AmountsAre, Line } from './model.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** `value * multiply / divide`, rounded half away from zero, exact for any size. */
export function scale(value: number, multiply: number, divide: number): number {
  const product = value * multiply;
  if (Math.abs(product) * 2 + divide <= SAFE) {
    const size = Math.floor((Math.abs(product) * 2 + divide) / (divide * 2));
    return product < 0 ? -size : size;
  }
  const exact = BigInt(value) * BigInt(multiply);
  const bigDivide = BigInt(divide);
  const size = ((exact < 0n ? -exact : exact) * 2n + bigDivide) / (bigDivide * 2n);
  return Number(exact < 0n ? -size : size);
}

/** Cents of `quantity` (1/10000) at `unitPrice` (1/10000) less `discount` percent. */
export function lineAmount(quantity: number, unitPrice: number, discount: number): number {
  if (discount === 0) return scale(quantity, unitPrice, 1_000_000);
  const product = BigInt(quantity) * BigInt(unitPrice) * BigInt(100 - discount);
  return Number((product * 2n + 100_000_000n) / 200_000_000n);
}

/** Tax in cents on a line amount; `rate` in hundredths of a percent. */
export function taxOn(amount: number, rate: number, amounts: AmountsAre): number {
  if (amounts === 'untaxed' || rate === 0) return 0;
  return amounts === 'inclusive' ? scale(amount, rate, 10_000 + rate) : scale(amount, rate, 10_000);
}

/** Foreign cents in base cents; `rate` in millionths of a foreign unit per base unit. */
export function toBase(cents: number, rate: number): number {
  return rate === 1_000_000 ? cents : scale(cents, 1_000_000, rate);
}

export interface Totals {
  net: number;
  tax: number;
  total: number;
}

/** Totals of a document's lines. */
export function sumLines(lines: readonly Pick<Line, 'amount' | 'tax'>[], amounts: AmountsAre): Totals {
  let shown = 0;
  let tax = 0;
  for (const line of lines) {
    shown += line.amount;
    tax += line.tax;
  }
  const net = amounts === 'inclusive' ? shown - tax : shown;
  return { net, tax, total: net + tax };
}

/** A line's amount without tax. */
export function netOf(line: Pick<Line, 'amount' | 'tax'>, amounts: AmountsAre): number {
  return amounts === 'inclusive' ? line.amount - line.tax : line.amount;
}
