// Tests that query parameters put on records, and how they combine.
import type { Document } from '../../books/index.ts';
import type { Filter } from './endpoint.ts';
import type { Query } from './query.ts';

/** Every test given must hold; undefined when none is. */
export function all<R>(...tests: readonly (((record: R) => boolean) | undefined)[]): Filter<R> | undefined {
  const given = tests.filter((test) => test !== undefined);
  return given.length === 0 ? undefined : { test: (record) => given.every((test) => test(record)) };
}

/** A test that a value is in a set, where there is a set. */
export function isIn<R>(
  wanted: ReadonlySet<string> | undefined,
  of: (record: R) => string,
): ((record: R) => boolean) | undefined {
  return wanted && ((record) => wanted.has(of(record)));
}

export function between<R>(query: Query, [from, to]: readonly [string, string], of: (record: R) => number) {
  const [first, last] = [query.day(from), query.day(to)];
  if (first === undefined && last === undefined) return undefined;
  return (record: R): boolean =>
    of(record) >= (first ?? Number.NEGATIVE_INFINITY) && of(record) <= (last ?? Number.POSITIVE_INFINITY);
}

export function searching(
  query: Query,
  of: (record: Document) => readonly string[],
): ((record: Document) => boolean) | undefined {
  const term = query.get('searchTerm')?.toLowerCase();
  return term === undefined
    ? undefined
    : (record) => of(record).some((text) => text.toLowerCase().includes(term));
}
