// Reading Tableau's JSON: numbers and booleans may come as text, lists are nested twice and vanish when empty.
import { isObject } from '@airbyte/cdk-typescript-shim';

export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown): Fields => (isObject(value) ? (value as Fields) : {});

/** The value at a path of names, or undefined. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((found, name) => fields(found)[name], value);

/** `{"datasources":{"datasource":[...]}}`: an empty list is `{}`, and a list of one may come as its one member. */
export function listOf(value: unknown, outer: string, inner: string): readonly Fields[] {
  const found = at(value, outer, inner);
  if (found === undefined || found === null) return [];
  return (Array.isArray(found) ? found : [found]).map(fields);
}

export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** A number, also one that came as text; undefined when there is none. */
export function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** True or false, also as text; undefined when it is neither. */
export const booleanOf = (value: unknown): boolean | undefined =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
