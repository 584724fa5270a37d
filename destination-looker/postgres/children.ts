// Statements for child tables: afterwards a parent that was touched has exactly the child rows that came with it.
import { landingOf } from '@ledgerpipe/staging';
import { type Change, type ChangeOptions, merge, remove } from './changes.ts';
import type { Landing, Layout } from './layout.ts';
import { metaName, type Stage, stagedRows } from './staged.ts';
import { column, qualified, sameKey } from './text.ts';

/** The staged rows of the parent stream, tombstones included: they name the touched parents. */
export interface StagedParent {
  readonly layout: Layout;
  readonly stage: Stage;
  /** The child's columns that hold the parent's key, in the order of the parent's keys. */
  readonly childColumns: readonly string[];
  /** Says which of two versions of a parent is newer; lines of an older one are left alone, as the parent is. */
  readonly cursor?: Landing | undefined;
}

export interface ChildOptions extends Omit<ChangeOptions, 'cursor'> {
  readonly parent: StagedParent;
  /** Absent: none of the touched parents has rows here any more. */
  readonly stage?: Stage | undefined;
}

/** Removes the rows of touched parents that did not come again, and merges those that came. */
export function upsertChildren(
  layout: Layout,
  { parent, stage, ...options }: ChildOptions,
): readonly Change[] {
  const linked = (alias: string): string =>
    parent.childColumns
      .map((name, index) => `${column(alias, name)} = ${column('p', parent.layout.keys[index] ?? '')}`)
      .join(' AND ');
  const touched = touchedParents(parent, options.schema);
  const came = stage
    ? [`NOT EXISTS (SELECT 1 FROM ${stagedRows(layout, stage)} AS c WHERE ${sameKey('c', 'o', layout.keys)})`]
    : [];
  const removal = remove(layout, {
    ...options,
    from: `(${touched}) AS p`,
    when: [linked('o'), ...came],
    told: (_, staged) => toldBy(parent.layout, staged),
  });
  if (!stage) return [removal];
  const current = parent.cursor ? [`EXISTS (SELECT 1 FROM (${touched}) AS p WHERE ${linked('s')})`] : [];
  return [removal, merge(layout, stage, { ...options, cursor: undefined, only: current })];
}

/** What a removed child row takes over from its parent: when it was last seen, and which delivery said so. */
function toldBy(parent: Layout, staged: string): string {
  const own = metaName(parent, staged);
  if (staged !== '_deleted_at') return own ? column('p', own) : 'NULL';
  const extracted = metaName(parent, '_airbyte_extracted_at');
  const known = [own, extracted].flatMap((name) => (name ? [column('p', name)] : []));
  return `coalesce(${[...known, 'now()'].join(', ')})`;
}

/** The staged parents, without those that are newer in their own table. */
function touchedParents({ layout, stage, cursor }: StagedParent, schema: string): string {
  const rows = `SELECT f.* FROM ${stagedRows(layout, stage)} AS f`;
  if (!cursor) return rows;
  const generation = landingOf(layout, '_airbyte_generation_id')?.name;
  const newer = [
    sameKey('n', 'f', layout.keys),
    `${column('n', cursor.name)} > ${column('f', cursor.name)}`,
    ...(generation ? [`${column('n', generation)} >= ${column('f', generation)}`] : []),
  ];
  return `${rows} WHERE NOT EXISTS (SELECT 1 FROM ${qualified(schema, layout.table)} AS n WHERE ${newer.join(' AND ')})`;
}
