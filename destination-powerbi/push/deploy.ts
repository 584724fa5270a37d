// Brings the definition of a table in the model up to date: columns are only ever added, measures follow.
import { putTable } from '../api/rows.ts';
import { mostColumns } from '../model/columns.ts';
import { type DeployedTable, definitionOf, deployedTable } from '../model/definition.ts';
import type { ModelTable } from '../model/layout.ts';
import type { ModelColumn, Origin } from '../model/types.ts';
import type { Shape } from '../store/shape.ts';
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
  const wanted = deployedTable(table, model.measures(table, versioned));
  const merged = before ? grown(before, wanted) : wanted;
  if (!before || JSON.stringify(definitionOf(merged)) !== JSON.stringify(definitionOf(before))) {
    await putTable(run.api, addressOf(session, table), definitionOf(merged));
    await store.update(table.name, { deployed: merged, versioned });
    const left = wanted.columns.filter(({ name }) => !merged.columns.some((column) => column.name === name));
    if (left.length > 0)
      await run.log(
        'WARN',
        `Table "${table.name}" holds ${mostColumns} columns: left out ${left.map(({ name }) => `"${name}"`).join(', ')}`,
      );
  }
  if (store.state(table.name).versioned !== versioned) await store.update(table.name, { versioned });
  return { ...table, columns: columnsOf(table, merged, store.shape(table.name)) };
}

/**
 * What this run's streams say of a column; where they do not know it (a run with fewer streams has no use for a key that
 * others refer to), what was remembered: rows without it would not find each other.
 */
function columnsOf(table: ModelTable, { columns }: DeployedTable, shape: Shape): readonly ModelColumn[] {
  const own = new Map(table.columns.map((column) => [column.name, column]));
  return columns.flatMap(({ origin, ...column }) => {
    const found = own.get(column.name);
    if (found) return [{ ...found, dataType: column.dataType }];
    return origin && canFill(table, origin, shape) ? [{ ...column, origin }] : [];
  });
}

function canFill({ keyed, versionable }: ModelTable, origin: Origin, shape: Shape): boolean {
  switch (origin.kind) {
    case 'own':
      return origin.what === 'batch' || (origin.what === 'key' ? keyed : versionable);
    case 'stored':
      return shape.has(origin.column);
    case 'base':
      return shape.has(origin.amount) && shape.has(origin.rate);
    case 'reference':
      return origin.columns.every((column) => shape.has(column));
  }
}

/** Every column stays as it is there; new ones follow, as far as there is room. */
function grown(before: DeployedTable, wanted: DeployedTable): DeployedTable {
  const there = new Set(before.columns.map(({ name }) => name.toLowerCase()));
  const added = wanted.columns.filter(({ name }) => !there.has(name.toLowerCase()));
  return { ...before, ...wanted, columns: [...before.columns, ...added].slice(0, mostColumns) };
}
