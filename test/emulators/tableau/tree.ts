// Bodies as one kind of tree, whichever of XML and JSON they travel in.

/** Text of an element; with further keys beside it, those are its attributes. */
export const text = Symbol('text');

export type Scalar = string | number | boolean;

/** Scalars are attributes, trees are child elements, arrays are repeated ones; what is undefined is left out. */
export interface Tree {
  readonly [text]?: string;
  readonly [key: string]: Scalar | Tree | readonly Tree[] | undefined;
}

/** A child element that holds nothing but text. */
export const words = (content: string): Tree => ({ [text]: content });

/** What came in: strings from XML, any scalar from JSON. */
export interface Input {
  readonly [key: string]: unknown;
}

const isInput = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function childOf(input: Input | undefined, name: string): Input | undefined {
  const found = input?.[name];
  const one = Array.isArray(found) ? found[0] : found;
  return isInput(one) ? one : undefined;
}

/** Children of a list element, e.g. `tag` of `tags`. */
export function childrenOf(input: Input | undefined, name: string): Input[] {
  const found = input?.[name];
  return (Array.isArray(found) ? found : [found]).filter(isInput);
}

export function textOf(input: Input | undefined, name: string): string | undefined {
  const found = input?.[name];
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
    ? String(found)
    : undefined;
}

export function flagOf(input: Input | undefined, name: string): boolean | undefined {
  const found = textOf(input, name);
  return found === undefined ? undefined : found.toLowerCase() === 'true';
}
