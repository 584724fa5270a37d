// Staged rows as a statement reads them: each value in the type of the column it goes to, with notes of what was lost.
import { landingOf } from '@ledgerpipe/staging';
import type { Landing, Layout } from './layout.ts';
import { column, literal, quoted } from './text.ts';
import { conversion, converted, parsed, type SqlType } from './types.ts';

/** Where the rows of one table wait: a temporary table, or a part of a statement that is named like one. */
export interface Stage {
  /** As it stands after FROM. */
  readonly relation: string;
  /** `typed`: columns have their declared types; `text`: all are text, for values PostgreSQL may refuse. */
  readonly form: 'typed' | 'text';
}

/** The columns of a temporary table for a layout's rows. */
export function stageColumns({ columns }: Layout, form: Stage['form']): string {
  return columns.map(({ name, wanted }) => `${quoted(name)} ${form === 'text' ? 'text' : wanted}`).join(', ');
}

/** A FROM item, to be given an alias, whose columns are the table's, in their types there. */
export function stagedRows(layout: Layout, stage: Stage): string {
  if (stage.form === 'typed' && layout.columns.every(isPlain)) return stage.relation;
  const values = layout.columns.map(
    (landing) => `${stagedValue(layout, landing, stage)} AS ${quoted(landing.name)}`,
  );
  return `(SELECT ${values.join(', ')} FROM ${stage.relation} AS r)`;
}

const isPlain = ({ wanted, type }: Landing): boolean => conversion(wanted, type) === 'plain';

/** Whether rows can go straight into the table, as they were staged. */
export const isStraight = ({ columns }: Layout): boolean => columns.every(isPlain);

function stagedValue(layout: Layout, landing: Landing, { form }: Stage): string {
  const value = landed(landing, form);
  return landing.staged === '_airbyte_meta' && landing.type === 'jsonb'
    ? withNotes(value, lossyColumns(layout, form), form)
    : value;
}

function landed({ name, wanted, type }: Landing, form: Stage['form']): string {
  const value = column('r', name);
  return converted(form === 'text' ? parsed(value, wanted) : value, wanted, type);
}

/** Columns some of whose values may become NULL on the way. */
function lossyColumns({ columns }: Layout, form: Stage['form']): readonly Landing[] {
  const harmless: ReadonlySet<SqlType> = new Set(['text', 'jsonb']);
  return columns.filter(({ wanted, type, column: { meta } }) => {
    const parses = form === 'text' && !harmless.has(wanted) && !meta;
    return parses || !['plain', 'exact'].includes(conversion(wanted, type));
  });
}

/** Adds what was lost to `{"sync_id":1,"changes":[...]}`. */
function withNotes(meta: string, lossy: readonly Landing[], form: Stage['form']): string {
  if (lossy.length === 0) return meta;
  const notes = lossy.map((landing) => {
    const change = { field: landing.staged, change: 'NULLED', reason: 'DESTINATION_TYPECAST_ERROR' };
    const lost = `${column('r', landing.name)} IS NOT NULL AND ${landed(landing, form)} IS NULL`;
    return `CASE WHEN ${lost} THEN CAST(${literal(JSON.stringify([change]))} AS jsonb) ELSE '[]' END`;
  });
  const told = `coalesce(${meta} -> 'changes', '[]') || ${notes.join(' || ')}`;
  return `jsonb_set(coalesce(${meta}, '{}'), '{changes}', ${told})`;
}

/** Cursors that order by value; text does not ("9" comes after "10"). */
const ordered: ReadonlySet<string> = new Set(['instant', 'datetime', 'date', 'integer', 'decimal', 'double']);

/** The column of a top-level cursor, if its values can be compared. */
export function cursorOf(layout: Layout, cursor: readonly string[]): Landing | undefined {
  const [name, ...deeper] = cursor;
  if (name === undefined || deeper.length > 0) return undefined;
  return layout.columns.find(
    ({ column: { path, type, meta } }) =>
      !meta && path.length === 1 && path[0] === name && ordered.has(type.kind),
  );
}

/** A meta column's name in the table, if it has it. */
export const metaName = (layout: Layout, staged: string): string | undefined =>
  landingOf(layout, staged)?.name;
