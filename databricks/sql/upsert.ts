// MERGE for keyed rows: the newest version per key, tombstones soft or hard; sent again it changes nothing.
import { landingOf } from '@ledgerpipe/staging';
import type { Landing, Layout } from './layout.ts';
import { selectStaged, stagedFiles } from './staged.ts';
import { column, differs, quoted, quotedList, same } from './text.ts';

export type Deletion = 'soft' | 'hard';

export interface UpsertOptions {
  readonly deletion: Deletion;
  /** Unchanged rows take the new generation too, because older ones are about to be deleted. */
  readonly restamps: boolean;
  /** Says which of two versions is newer: an older one changes nothing. */
  readonly cursor?: Landing | undefined;
}

/** Merges the staged rows at `path` into `target` (qualified and quoted). */
export function upsert(
  target: string,
  layout: Layout,
  { path, deletion, restamps, cursor }: UpsertOptions & { readonly path: string },
): string {
  const deleted = landingOf(layout, '_deleted_at');
  const marked = deleted && column('s', deleted.name);
  const alive = marked ? [`${marked} IS NULL`] : [];
  const newer = cursor ? [notOlder(layout, cursor)] : [];
  return merge(target, layout.keys, {
    source: `${selectStaged(layout)} FROM ${stagedFiles(path)}`,
    clauses: [
      ...(marked ? [removal(layout, { deletion, when: `${marked} IS NOT NULL` })] : []),
      `WHEN MATCHED AND ${[...alive, changed(layout, restamps), ...newer].join(' AND ')} THEN ${update(layout)}`,
      `WHEN NOT MATCHED${alive.map((test) => ` AND ${test}`).join('')} THEN ${insert(layout)}`,
    ],
  });
}

/** `MERGE INTO target AS t USING (source) AS s ON keys` with its clauses. */
export function merge(
  target: string,
  keys: readonly string[],
  { source, clauses }: { readonly source: string; readonly clauses: readonly string[] },
): string {
  const on = keys.map((key) => same(column('t', key), column('s', key))).join(' AND ');
  return [`MERGE INTO ${target} AS t`, `USING (${source}) AS s`, `ON ${on}`, ...clauses].join('\n');
}

/** Deletes a matched row, or marks it deleted unless it is already: a second mark would move its time. */
export function removal(
  layout: Layout,
  { deletion, when }: { readonly deletion: Deletion; readonly when: string },
): string {
  const deleted = landingOf(layout, '_deleted_at');
  if (deletion === 'hard' || !deleted) return `WHEN MATCHED AND ${when} THEN DELETE`;
  const told = removalColumns.flatMap((name) => landingOf(layout, name) ?? []);
  return `WHEN MATCHED AND ${when} AND ${column('t', deleted.name)} IS NULL THEN UPDATE SET ${assignments(told)}`;
}

/** What a soft deletion writes: when, and which delivery said so. */
const removalColumns = ['_deleted_at', '_job_id', '_batch_id'] as const;

/** The row there has other content, or was deleted, or (when asked) belongs to an older generation. */
export function changed(layout: Layout, restamps: boolean): string {
  const hash = landingOf(layout, '_row_hash');
  const deleted = landingOf(layout, '_deleted_at');
  const tests = [
    ...(hash ? [differs(column('t', hash.name), column('s', hash.name))] : []),
    ...(deleted ? [`${column('t', deleted.name)} IS NOT NULL`] : []),
    ...(restamps ? olderGeneration(layout) : []),
  ];
  return `(${tests.join(' OR ') || 'true'})`;
}

/** Cursors that order by value; text does not ("9" comes after "10"). */
const ordered: ReadonlySet<string> = new Set(['instant', 'datetime', 'date', 'integer', 'decimal', 'double']);

/** The column of a top-level cursor, if its values can be compared. */
export function cursorOf({ columns }: Layout, cursor: readonly string[]): Landing | undefined {
  const [name, ...deeper] = cursor;
  if (name === undefined || deeper.length > 0) return undefined;
  return columns.find(
    ({ column: { path, type, meta } }) =>
      !meta && path.length === 1 && path[0] === name && ordered.has(type.kind),
  );
}

/** The staged version is not older than the row there; a newer generation is newer, whatever its cursor says. */
function notOlder(layout: Layout, cursor: Landing): string {
  const there = column('t', cursor.name);
  const here = column('s', cursor.name);
  const tests = [`${there} IS NULL`, `${here} IS NULL`, `${there} <= ${here}`, ...olderGeneration(layout)];
  return `(${tests.join(' OR ')})`;
}

function olderGeneration(layout: Layout): readonly string[] {
  const generation = landingOf(layout, '_airbyte_generation_id');
  return generation ? [`${column('t', generation.name)} < ${column('s', generation.name)}`] : [];
}

export const update = ({ columns, keys }: Layout): string =>
  `UPDATE SET ${assignments(columns.filter(({ name }) => !keys.includes(name)))}`;

export function insert({ columns }: Layout): string {
  const names = columns.map(({ name }) => name);
  return `INSERT (${quotedList(names)}) VALUES (${names.map((name) => column('s', name)).join(', ')})`;
}

const assignments = (columns: readonly Landing[]): string =>
  columns.map(({ name }) => `${quoted(name)} = ${column('s', name)}`).join(', ');
