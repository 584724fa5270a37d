// Values that came from variables: read as numbers where numbers are wanted, and never shown.
import type { Path } from './document.ts';
import { setAt, valueAt } from './trees.ts';
import { type Filled, placeOf } from './variables.ts';
import type { Validate, Violation } from './violations.ts';

export interface CoerceOptions {
  readonly filled: Filled;
  /** Where in the file a value of the tree stands. */
  readonly place: (path: Path) => Path;
}

/**
 * What is wrong with the tree, once texts from variables are the numbers and truth values that the schema wants.
 * Values of variables that are not set are passed over: they are refused as such.
 */
export function coerced(
  validate: Validate,
  tree: Record<string, unknown>,
  { filled, place }: CoerceOptions,
): readonly Violation[] {
  let changed = false;
  const violations = validate(tree);
  for (const { path, wanted } of violations) {
    const text = valueAt(tree, path);
    if (typeof text !== 'string' || filled.places.get(placeOf(place(path))) !== true) continue;
    const value = read(text, wanted);
    if (value === undefined) continue;
    setAt(tree, path, value);
    changed = true;
  }
  const missing = new Set(filled.missing.map(({ path }) => placeOf(path)));
  return (changed ? validate(tree) : violations).filter(({ path }) => !missing.has(placeOf(place(path))));
}

function read(text: string, wanted: string | undefined): unknown {
  if (wanted === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if ((wanted === 'integer' || wanted === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return undefined;
}

/** The violation as a sentence. A value that came from a variable may be a secret in the wrong place. */
export function said(path: Path, { message, found }: Violation, { places }: Pick<Filled, 'places'>): string {
  const shown = found !== undefined && !places.has(placeOf(path)) ? `, found ${found}` : '';
  return `"${path.join('.')}" ${message}${shown}`;
}
