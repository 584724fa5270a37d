// MERGE for child tables: after it, a parent that was touched has exactly the child rows that came with it.
import { landingOf } from '@ledgerpipe/staging';
import type { Landing, Layout } from './layout.ts';
import { selectStaged, stagedFiles, stagedValue } from './staged.ts';
import { column, freeName, literal, quoted, same } from './text.ts';
import { converted } from './types.ts';
import { changed, insert, merge, removal, type UpsertOptions, update } from './upsert.ts';

/** The staged rows of the parent stream, tombstones included: they name the touched parents. */
export interface StagedParent {
  /** Qualified and quoted. */
  readonly target: string;
  readonly layout: Layout;
  readonly path: string;
  /** The child's staged columns that hold the parent's key, in the order of `keys`. */
  readonly childColumns: readonly string[];
  /** The parent's own staged key columns. */
  readonly keys: readonly string[];
}

export interface ChildOptions extends UpsertOptions {
  readonly parent: StagedParent;
  /** Absent: none of the touched parents has rows here any more. */
  readonly path?: string | undefined;
}

/**
 * Merges staged child rows (`u`) and, as `d`, the rows there whose parent was touched but which did not come again.
 * With a cursor, children of a staged parent older than the one in the parent's table are left alone, as it is.
 */
export function upsertChildren(target: string, layout: Layout, options: ChildOptions): string {
  const { path, deletion, restamps } = options;
  const names = layout.columns.map(({ name }) => name);
  const op = freeName('_op', names);
  const links = linksOf(layout, options.parent);
  const touched = touchedParents(links, options);
  const gone = goneRows(target, layout, { links, touched, op, path });
  const is = (letter: string): string => `${column('s', op)} = ${literal(letter)}`;
  const removes = removal(layout, { deletion, when: is('d') });
  if (!path) return merge(target, layout.keys, { source: gone, clauses: [removes] });
  const current = options.cursor ? `\n  LEFT SEMI JOIN (${touched}) AS p ON ${linked(links, 'r')}` : '';
  const came = `${selectStaged(layout, 'r')}, 'u' AS ${quoted(op)} FROM ${stagedFiles(path)} AS r${current}`;
  return merge(target, layout.keys, {
    source: `${came}\n  UNION ALL\n  ${gone}`,
    clauses: [
      removes,
      `WHEN MATCHED AND ${is('u')} AND ${changed(layout, restamps)} THEN ${update(layout)}`,
      `WHEN NOT MATCHED AND ${is('u')} THEN ${insert(layout)}`,
    ],
  });
}

/** A column of the child that holds a part of the parent's key, that part, and its name among touched parents. */
interface Link {
  readonly child: Landing;
  readonly parent: Landing;
  readonly as: string;
}

function linksOf(layout: Layout, parent: StagedParent): readonly Link[] {
  return parent.childColumns.flatMap((name, index) => {
    const child = landingOf(layout, name);
    const key = landingOf(parent.layout, parent.keys[index] ?? '');
    return child && key ? [{ child, parent: key, as: `key_${index}` }] : [];
  });
}

/** The child rows known as `alias`, staged (`r`) or there already, belong to the touched parent `p`. */
const linked = (links: readonly Link[], alias: 'r' | 'o'): string =>
  links
    .map(({ child, as }) => {
      const value = alias === 'r' ? stagedValue(child, alias) : column(alias, child.name);
      return same(value, `p.${as}`);
    })
    .join(' AND ');

/** What a removed child row takes over from its parent: when it was last seen, and which delivery said so. */
const takenOver = { _deleted_at: 'gone_at', _job_id: 'gone_job', _batch_id: 'gone_batch' } as const;

/** One row per touched parent: its key in the child's types, and what removed children take over. */
function touchedParents(links: readonly Link[], { parent, cursor }: ChildOptions): string {
  const staged = (name: string): readonly string[] => {
    const landing = landingOf(parent.layout, name);
    return landing ? [stagedValue(landing, 'f')] : [];
  };
  const items = [
    ...links.map(
      ({ child, parent: key, as }) =>
        `${converted(column('f', key.staged), key.wanted, child.type)} AS ${as}`,
    ),
    `coalesce(${[...staged('_deleted_at'), ...staged('_airbyte_extracted_at'), 'current_timestamp()'].join(', ')}) AS ${takenOver._deleted_at}`,
    ...staged('_job_id').map((value) => `${value} AS ${takenOver._job_id}`),
    ...staged('_batch_id').map((value) => `${value} AS ${takenOver._batch_id}`),
  ];
  const files = `${stagedFiles(parent.path)} AS f`;
  return `SELECT ${items.join(', ')} FROM ${files}${cursor ? withoutStale(links, { parent, cursor }) : ''}`;
}

/** Drops the staged parents (`f`) that are newer in their own table. */
function withoutStale(
  links: readonly Link[],
  { parent, cursor }: { readonly parent: StagedParent; readonly cursor: Landing },
): string {
  const generation = landingOf(parent.layout, '_airbyte_generation_id');
  const on = [
    ...links.map((link) => same(column('n', link.parent.name), stagedValue(link.parent, 'f'))),
    `${column('n', cursor.name)} > ${stagedValue(cursor, 'f')}`,
    ...(generation ? [`${column('n', generation.name)} >= ${stagedValue(generation, 'f')}`] : []),
  ];
  return ` LEFT ANTI JOIN ${parent.target} AS n ON ${on.join(' AND ')}`;
}

/** Rows there of touched parents that are not among the staged child rows; only their keys matter. */
function goneRows(
  target: string,
  layout: Layout,
  {
    links,
    touched,
    op,
    path,
  }: { links: readonly Link[]; touched: string; op: string; path: string | undefined },
): string {
  const items = layout.columns.map((landing) => {
    if (layout.keys.includes(landing.name)) return `${column('o', landing.name)} AS ${quoted(landing.name)}`;
    const known = takenOver[landing.staged as keyof typeof takenOver];
    return `CAST(${known ? `p.${known}` : 'NULL'} AS ${landing.type.text}) AS ${quoted(landing.name)}`;
  });
  return [
    `SELECT ${items.join(', ')}, 'd' AS ${quoted(op)} FROM ${target} AS o`,
    `JOIN (${touched}) AS p ON ${linked(links, 'o')}`,
    ...(path ? [`LEFT ANTI JOIN (${stagedKeys(layout, path)}) AS c ON ${sameKeys(layout)}`] : []),
  ].join('\n  ');
}

const stagedKeys = ({ columns, keys }: Layout, path: string): string => {
  const items = columns
    .filter(({ name }) => keys.includes(name))
    .map((landing) => `${stagedValue(landing)} AS ${quoted(landing.name)}`);
  return `SELECT ${items.join(', ')} FROM ${stagedFiles(path)}`;
};

const sameKeys = ({ keys }: Layout): string =>
  keys.map((key) => same(column('o', key), column('c', key))).join(' AND ');
