// Which width a column of numbers needs, from the digits its values have.
import { mostDigits } from './numerals.ts';
import type { ColumnType } from './tables.ts';

/** The most digits before and after the point that values of a column have. */
export interface Digits {
  readonly whole: number;
  readonly scale: number;
}

/**
 * Places come in steps, so that two runs over other values rarely ask for other columns. The first is what Airbyte's
 * certified destinations hold (decimal(38,9)); the second takes rates as doubles print them.
 */
const scaleSteps = [9, 18, 27] as const;

/** The type that holds what `type` holds and, as far as 38 digits go, values of these digits. It never narrows. */
export function widenedType(type: ColumnType, { whole, scale }: Digits): ColumnType {
  if (type.kind === 'integer') return { kind: 'decimal', precision: mostDigits, scale: 0 };
  if (type.kind !== 'decimal') return type;
  if (whole <= type.precision - type.scale && scale <= type.scale) return type;
  const step = scaleSteps.find((places) => places >= scale) ?? scale;
  const wanted = Math.max(type.scale, step);
  const needed = Math.max(type.scale, scale);
  const left = Math.max(type.scale, mostDigits - whole);
  const fitting = wanted + whole <= mostDigits ? wanted : Math.min(needed, left);
  return { kind: 'decimal', precision: mostDigits, scale: fitting };
}
