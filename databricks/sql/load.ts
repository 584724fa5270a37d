// Statements for rows without keys: append one batch, replace a whole table, retire older generations.
import { landingOf } from '@ledgerpipe/staging';
import type { CurrentTable, Layout } from './layout.ts';
import { named, selectStaged, stagedFiles, stagedValue, storedValue } from './staged.ts';
import { literal, quoted } from './text.ts';

/**
 * Appends a batch, replacing what an earlier, unanswered attempt of the same batch left. Columns go by position, all
 * of the table's: REPLACE WHERE together with BY NAME is documented for clusters only ("INSERT").
 */
export function appendBatch(
  target: string,
  layout: Layout,
  { table, path, batch }: { readonly table: CurrentTable; readonly path: string; readonly batch: string },
): string {
  // The batch is a constant, so that every row satisfies REPLACE WHERE whatever the files hold.
  const marker = landingOf(layout, '_batch_id')?.name ?? '_batch_id';
  const items = table.columns.map(({ name, type }) => {
    if (name === marker) return named(literal(batch), name);
    const landing = layout.columns.find((candidate) => candidate.name === name);
    return named(landing ? storedValue(layout, landing) : `CAST(NULL AS ${type.text})`, name);
  });
  return [
    `INSERT INTO ${target} REPLACE WHERE ${quoted(marker)} = ${literal(batch)}`,
    `SELECT ${items.join(', ')} FROM ${stagedFiles(path)}`,
  ].join('\n');
}

/** Replaces all rows in one commit; grants, comments, constraints and history stay. Tombstones are no rows. */
export function replaceRows(target: string, layout: Layout, path: string): string {
  const deleted = landingOf(layout, '_deleted_at');
  const alive = deleted ? `\nWHERE ${stagedValue(deleted)} IS NULL` : '';
  return `INSERT OVERWRITE ${target} BY NAME\n${selectStaged(layout)} FROM ${stagedFiles(path)}${alive}`;
}

/** Replaces all rows by none. */
export const emptyTable = (target: string): string => `DELETE FROM ${target}`;

/** Deletes the rows of generations before `generation`: a refresh is complete. */
export const retireGenerations = (target: string, generation: number): string =>
  `DELETE FROM ${target} WHERE ${quoted('_airbyte_generation_id')} < ${generation}`;
