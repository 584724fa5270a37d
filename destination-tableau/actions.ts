// The actions of an update, in the vendor's words.
import type { Action, Condition } from './api/update.ts';
import { rowsSchema } from './layout/model.ts';

const target = (table: string) => ({ 'target-schema': rowsSchema, 'target-table': table }) as const;
const source = (table: string, schema = rowsSchema) =>
  ({ 'source-schema': schema, 'source-table': table }) as const;

export const insertRows = (table: string): Action => ({
  action: 'insert',
  ...target(table),
  ...source(table),
});

export const replaceRows = (table: string): Action => ({
  action: 'replace',
  ...target(table),
  ...source(table),
});

/** Updates rows with equal keys, inserts the others. */
export const upsertRows = (table: string, keys: readonly string[]): Action => ({
  action: 'upsert',
  ...target(table),
  ...source(table),
  condition: equal(keys, keys),
});

/** Deletes the rows whose `columns` equal the `keys` of a row in a table that has nothing else. */
export const deleteRows = (
  table: string,
  from: {
    readonly schema: string;
    readonly table: string;
    readonly columns: readonly string[];
    readonly keys: readonly string[];
  },
): Action => ({
  action: 'delete',
  ...target(table),
  ...source(from.table, from.schema),
  condition: equal(from.columns, from.keys),
});

/** Deletes rows by a constant: no source is needed. */
export const deleteWhere = (
  table: string,
  op: 'eq' | 'lt' | 'gte',
  { column, value }: { readonly column: string; readonly value: string | number },
): Action => ({
  action: 'delete',
  ...target(table),
  condition: {
    op,
    'target-col': column,
    const: typeof value === 'number' ? { type: 'integer', v: value } : { type: 'string', v: value },
  },
});

/** A node of one argument may be refused, so one comparison stands alone. */
function equal(columns: readonly string[], keys: readonly string[]): Condition {
  const leaves = columns.map(
    (column, index): Condition => ({ op: 'eq', 'target-col': column, 'source-col': keys[index] ?? column }),
  );
  const [only, ...more] = leaves;
  return only && more.length === 0 ? only : { op: 'and', args: leaves };
}
