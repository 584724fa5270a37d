// Brings the definition of a table in the model up to date: columns are only ever added, measures follow.
import { putTable } from '../api/rows.ts';
import { mostColumns } from '../model/columns.ts';
import { type TableDefinition, tableDefinition } from '../model/definition.ts';
import type { ModelTable } from '../model/layout.ts';
import { addressOf, type Session } from './session.ts';

/**
 * The table with the columns that the model has for it, in the types they have there. Sends the definition when columns
 * or measures differ from what was sent before.
 */
export async function deployed(
  session: Session,
  table: ModelTable,
  { versioned }: { readonly versioned: boolean },
): Promise<ModelTable> {
  const { store, model, run } = session;
  const before = store.state(table.name).deployed;
  const wanted = tableDefinition(table, model.measures(table, versioned));
  const merged = before ? grown(before, wanted) : wanted;
  if (JSON.stringify(merged) !== JSON.stringify(before)) {
    await putTable(run.api, addressOf(session, table), merged);
    await store.update(table.name, { deployed: merged, versioned });
    const left = wanted.columns.filter(({ name }) => !merged.columns.some((column) => column.name === name));
    if (left.length > 0)
      await run.log(
        'WARN',
        `Table "${table.name}" holds ${mostColumns} columns: left out ${left.map(({ name }) => `"${name}"`).join(', ')}`,
      );
  }
  if (store.state(table.name).versioned !== versioned) await store.update(table.name, { versioned });
  const there = new Map(merged.columns.map((column) => [column.name, column]));
  return {
    ...table,
    columns: table.columns.flatMap((column) => {
      const found = there.get(column.name);
      return found ? [{ ...column, dataType: found.dataType }] : [];
    }),
  };
}

/** Every column stays as it is there; new ones follow, as far as there is room. */
function grown(before: TableDefinition, wanted: TableDefinition): TableDefinition {
  const there = new Set(before.columns.map(({ name }) => name.toLowerCase()));
  const added = wanted.columns.filter(({ name }) => !there.has(name.toLowerCase()));
  return { ...before, ...wanted, columns: [...before.columns, ...added].slice(0, mostColumns) };
}
