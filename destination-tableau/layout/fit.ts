// Whether a published file can take the rows of a table, what it lacks, and the tags that spare the question.
import { createHash } from 'node:crypto';
import { configError } from '@airbyte/cdk-typescript-shim';
import { widened } from '../hyper/types.ts';
import type { FileTable, SourceColumn } from './model.ts';

/** Says that a data source is ours; people may set it to hand one over. */
export const ownTag = 'ledgerpipe';

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/** The start of the tags that say in which shapes a source takes the rows of a table, of the tenants with a prefix. */
export const tablePrefix = ({ name }: Pick<FileTable, 'name'>, prefix: string): string =>
  `${ownTag}-${hashOf([prefix, name])}-`;

/** Says that the source takes rows of this table in exactly these columns. */
export function fitTag(table: FileTable, prefix: string): string {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`).sort();
  return `${tablePrefix(table, prefix)}${hashOf(columns)}`;
}

/** Tags that say the source takes all these tables. */
export const fitTags = (tables: readonly FileTable[], prefix: string): readonly string[] => [
  ownTag,
  ...tables.map((table) => fitTag(table, prefix)),
];

export interface Growth {
  /** What the file has to become; the same tables where `needed` is false. */
  readonly tables: readonly FileTable[];
  readonly needed: boolean;
}

/** The file that holds what is there and what is wanted. Throws a config error where no type holds both. */
export function grown(
  there: readonly FileTable[],
  wanted: readonly FileTable[],
  about: { readonly source: string },
): Growth {
  let needed = false;
  const tables = there.map((table) => {
    const wish = wanted.find(({ name }) => name === table.name);
    if (!wish) return table;
    const columns = wider(table, wish, about);
    needed ||=
      columns.length > table.columns.length ||
      columns.some(({ type }, index) => type !== table.columns[index]?.type);
    return {
      ...table,
      columns,
      key: table.key.length > 0 ? table.key : wish.key,
      links: merged(table, wish, wanted),
    };
  });
  const added = wanted.filter(({ name }) => !there.some((table) => table.name === name));
  return { tables: [...tables, ...added], needed: needed || added.length > 0 };
}

function wider(table: FileTable, wish: FileTable, { source }: { source: string }): readonly SourceColumn[] {
  const kept = table.columns.map((column) => {
    const wanted = wish.columns.find(({ name }) => name === column.name);
    if (!wanted) return { ...column, required: false };
    const type = widened(column.type, wanted.type);
    if (type) return { ...column, type };
    throw configError(
      `Cannot update data source "${source}": column "${column.name}" of its table "${table.name}" is ${column.type} and the stream now has ${wanted.type}, delete the data source or choose another "name_prefix", and read the stream anew`,
    );
  });
  const added = wish.columns.filter(({ name }) => !table.columns.some((column) => column.name === name));
  return [...kept, ...added.map((column) => ({ ...column, required: false }))];
}

/** The wanted links, and those to tables of which the run knows nothing: their streams are not declared in it. */
function merged(table: FileTable, wish: FileTable, wanted: readonly FileTable[]): FileTable['links'] {
  const isKnown = (name: string): boolean => wanted.some((candidate) => candidate.name === name);
  return [...wish.links, ...table.links.filter((link) => !isKnown(link.table))];
}

/** Tables whose rows no longer go in as they used to: tags of earlier shapes promise too much. */
export function reshaped(there: readonly FileTable[], tables: readonly FileTable[]): readonly FileTable[] {
  return there.filter((table) => {
    const now = tables.find(({ name }) => name === table.name);
    return table.columns.some(
      ({ name, type }) => now?.columns.find((column) => column.name === name)?.type !== type,
    );
  });
}

/** Columns that staging adds to every table: a source without them was made by somebody else. */
const marks = ['_batch_id', '_airbyte_generation_id'] as const;

export const looksOurs = (there: readonly FileTable[]): boolean =>
  there.length > 0 &&
  there.every(({ columns }) => marks.every((mark) => columns.some(({ name }) => name === mark)));
