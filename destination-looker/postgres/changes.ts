// The statements that bring staged rows into a table: at most two for each, which touch different rows.
//
// All see the state before any of them, and no row is touched twice: so they may run one after the other in a
// transaction, or all together as parts of one statement.
import type { Landing, Layout } from './layout.ts';
import { metaName, type Stage, stagedRows } from './staged.ts';
import { column, differs, qualified, quoted, quotedList, sameKey } from './text.ts';

export interface Change {
  /** `merge` inserts rows and updates rows; `remove` deletes rows, or marks them deleted. */
  readonly does: 'merge' | 'remove';
  readonly sql: string;
}

export interface ChangeOptions {
  readonly schema: string;
  readonly deletion: 'soft' | 'hard';
  /** Unchanged rows take the new generation too, because older ones are about to be deleted. */
  readonly restamps: boolean;
  /** Says which of two versions is newer: an older one changes nothing. */
  readonly cursor?: Landing | undefined;
}

/** The newest version per key: equal rows are left alone; tombstones mark or delete. */
export function upsert(layout: Layout, stage: Stage, options: ChangeOptions): readonly Change[] {
  const deleted = metaName(layout, '_deleted_at');
  const buried = deleted ? [`${column('s', deleted)} IS NOT NULL`] : [];
  const alive = deleted ? [`${column('s', deleted)} IS NULL`] : [];
  const removal = deleted
    ? [
        remove(layout, {
          ...options,
          from: `${stagedRows(layout, stage)} AS s`,
          when: [sameKey('o', 's', layout.keys), ...buried],
          told: (name) => column('s', name),
        }),
      ]
    : [];
  return [...removal, merge(layout, stage, { ...options, only: alive })];
}

/** All rows of a keyed table: what did not come again goes, what changed is updated. */
export function replaceKeyed(layout: Layout, stage: Stage, { schema }: ChangeOptions): readonly Change[] {
  const target = qualified(schema, layout.table);
  const there = `SELECT 1 FROM ${stagedRows(layout, stage)} AS s WHERE ${sameKey('o', 's', layout.keys)}`;
  return [
    { does: 'remove', sql: `DELETE FROM ${target} AS o WHERE NOT EXISTS (${there})` },
    merge(layout, stage, { schema, deletion: 'hard', restamps: true, only: [] }),
  ];
}

/** All rows of a table without keys. */
export const replaceAll = (layout: Layout, stage: Stage, { schema }: ChangeOptions): readonly Change[] => [
  emptied(layout, schema),
  append(layout, stage, schema),
];

export const emptied = ({ table }: Layout, schema: string): Change => ({
  does: 'remove',
  sql: `DELETE FROM ${qualified(schema, table)}`,
});

export function append(layout: Layout, stage: Stage, schema: string): Change {
  const names = layout.columns.map(({ name }) => name);
  const values = names.map((name) => column('s', name)).join(', ');
  const target = qualified(schema, layout.table);
  return {
    does: 'merge',
    sql: `INSERT INTO ${target} (${quotedList(names)}) SELECT ${values} FROM ${stagedRows(layout, stage)} AS s`,
  };
}

/** Inserts the staged rows (`s`) that are new and updates those that changed; `only` narrows what is looked at. */
export function merge(
  layout: Layout,
  stage: Stage,
  { schema, restamps, cursor, only }: ChangeOptions & { readonly only: readonly string[] },
): Change {
  const target = qualified(schema, layout.table);
  const names = layout.columns.map(({ name }) => name);
  const [first = ''] = layout.keys;
  const due = [changed(layout, restamps), ...(cursor ? [notOlder(layout, cursor)] : [])].join(' AND ');
  const where = [...only, `(${column('o', first)} IS NULL OR (${due}))`].join(' AND ');
  const updates = names
    .filter((name) => !layout.keys.includes(name))
    .map((name) => `${quoted(name)} = excluded.${quoted(name)}`);
  return {
    does: 'merge',
    sql: [
      `INSERT INTO ${target} (${quotedList(names)})`,
      `SELECT ${names.map((name) => column('s', name)).join(', ')} FROM ${stagedRows(layout, stage)} AS s`,
      `LEFT JOIN ${target} AS o ON ${sameKey('o', 's', layout.keys)}`,
      `WHERE ${where}`,
      `ON CONFLICT (${quotedList(layout.keys)}) DO UPDATE SET ${updates.join(', ')}`,
    ].join('\n'),
  };
}

/** What a soft deletion writes: when, and which delivery said so. */
const removalColumns = ['_deleted_at', '_job_id', '_batch_id'] as const;

export interface Removal extends ChangeOptions {
  /** FROM item that rows are matched with. */
  readonly from: string;
  readonly when: readonly string[];
  /** The value of a removal column. */
  readonly told: (name: string, staged: (typeof removalColumns)[number]) => string;
}

/** Deletes the rows `o` that match, or marks them deleted unless they are: a second mark would move its time. */
export function remove(layout: Layout, { schema, deletion, from, when, told }: Removal): Change {
  const target = qualified(schema, layout.table);
  const deleted = metaName(layout, '_deleted_at');
  if (deletion === 'hard' || !deleted)
    return { does: 'remove', sql: `DELETE FROM ${target} AS o USING ${from} WHERE ${when.join(' AND ')}` };
  const sets = removalColumns.flatMap((staged) => {
    const name = metaName(layout, staged);
    return name ? [`${quoted(name)} = ${told(name, staged)}`] : [];
  });
  const unmarked = `${column('o', deleted)} IS NULL`;
  return {
    does: 'remove',
    sql: `UPDATE ${target} AS o SET ${sets.join(', ')} FROM ${from} WHERE ${[...when, unmarked].join(' AND ')}`,
  };
}

/** The row there has other content, or was deleted, or (when asked) belongs to an older generation. */
function changed(layout: Layout, restamps: boolean): string {
  const hash = metaName(layout, '_row_hash');
  const deleted = metaName(layout, '_deleted_at');
  const tests = [
    ...(hash ? [differs(column('o', hash), column('s', hash))] : []),
    ...(deleted ? [`${column('o', deleted)} IS NOT NULL`] : []),
    ...(restamps ? olderGeneration(layout) : []),
  ];
  return `(${tests.join(' OR ') || 'true'})`;
}

/** The staged version is not older than the row there; a newer generation is newer, whatever its cursor says. */
function notOlder(layout: Layout, cursor: Landing): string {
  const there = column('o', cursor.name);
  const here = column('s', cursor.name);
  const tests = [`${there} IS NULL`, `${here} IS NULL`, `${there} <= ${here}`, ...olderGeneration(layout)];
  return `(${tests.join(' OR ')})`;
}

function olderGeneration(layout: Layout): readonly string[] {
  const generation = metaName(layout, '_airbyte_generation_id');
  if (!generation) return [];
  // NULL: the column was added later, so the row is older than any generation.
  return [`coalesce(${column('o', generation)}, -1) < ${column('s', generation)}`];
}

/** Rows of generations before `generation`: a refresh is complete. */
export const retireGenerations = (schema: string, table: string, generation: number): string =>
  `DELETE FROM ${qualified(schema, table)} WHERE ${quoted('_airbyte_generation_id')} < ${generation}`;

/** Staged rows (living ones) whose key the table does not have after the load: none, or the load went wrong. */
export function missingRows(layout: Layout, stage: Stage, schema: string): string {
  const deleted = metaName(layout, '_deleted_at');
  const alive = deleted ? `${column('s', deleted)} IS NULL AND ` : '';
  const there = `SELECT 1 FROM ${qualified(schema, layout.table)} AS o WHERE ${sameKey('o', 's', layout.keys)}`;
  return `SELECT count(*) AS missing FROM ${stagedRows(layout, stage)} AS s WHERE ${alive}NOT EXISTS (${there})`;
}
