// Names that Unity Catalog and Delta accept, made from any name, the same one every time.
import { createHash } from 'node:crypto';
import { quoted } from './text.ts';

/** Where tables live. */
export interface Place {
  readonly catalog: string;
  readonly schema: string;
}

/** The table that tells what was committed; no stream's table may have its name. */
export const commitLogTable = 'ledgerpipe_commits';

/** Longest name of a table, column or constraint ("Names", 255 characters). */
const longest = 255;

/** Unity Catalog refuses these in object names: control characters, DEL, full stop, space, slash ("Names"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const refusedInObjects = /[\u0000-\u001f\u007f./\s]/gu;

/** With column mapping a column may hold any character; control characters only break tools that read it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const refusedInColumns = /[\u0000-\u001f\u007f]/gu;

/** Names that Delta refuses unless the table has column mapping (DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES). */
export const needsColumnMapping = (name: string): boolean => /[ ,;{}()\n\t=]/.test(name);

/** A name that had to change carries a hash of the one it was made from, so two never meet, whatever came first. */
function marked(cleaned: string, original: string): string {
  const hash = createHash('sha256').update(original).digest('hex').slice(0, 8);
  return `${[...cleaned].slice(0, longest - hash.length - 1).join('')}_${hash}`;
}

function fitting(name: string, cleaned: string): string {
  const usable = cleaned === name && [...name].length <= longest && name !== '';
  return usable ? name : marked(cleaned || 'unnamed', name);
}

/** The table's name: lower case, as Unity Catalog stores it. All namespaces share one schema, so they go in front. */
export function tableName(name: string, namespace?: string): string {
  const lower = (namespace ? `${namespace}_${name}` : name).toLowerCase();
  return lower === commitLogTable
    ? marked(lower, name)
    : fitting(lower, lower.replace(refusedInObjects, '_'));
}

/** The columns' names, in order. A name that differs from an earlier one only by case is told apart by its hash. */
export function columnNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const cleaned = fitting(name, name.replace(refusedInColumns, '_'));
    const chosen = taken.has(cleaned.toLowerCase()) ? marked(cleaned, name) : cleaned;
    taken.add(chosen.toLowerCase());
    return chosen;
  });
}

/** A constraint's name: unique in its schema, so it starts from the table's. */
export const constraintName = (kind: 'pk' | 'fk', parts: readonly string[]): string => {
  const name = [kind, ...parts].join('_').toLowerCase();
  return fitting(name, name.replace(refusedInObjects, '_'));
};

/** `catalog`.`schema`.`table` for statements. */
export const qualified = ({ catalog, schema }: Place, table: string): string =>
  [catalog, schema, table].map(quoted).join('.');

/** catalog.schema.table as Unity Catalog's REST API and its constraints spell it. */
export const fullName = ({ catalog, schema }: Place, table: string): string =>
  `${catalog}.${schema}.${table}`;

/** A part of a staged path: letters that need no escape anywhere; never hidden (Spark skips `_` and `.` first). */
export const pathPart = (text: string): string => text.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 60) || 'x';
