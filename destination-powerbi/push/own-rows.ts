// Rows of our own tables on their way to the model: calendar days, buckets, and what the log of deliveries says.
import { agingBuckets, calendarDays, type OwnRow, syncTable } from '../model/calendar.ts';
import type { Model, ModelTable } from '../model/layout.ts';
import { ensureShape } from '../store/shape.ts';
import { identifier, literal, own, replicaOf } from '../store/sql.ts';
import type { Store } from '../store/store.ts';

/** Rows of one INSERT: DuckDB takes tens of kilobytes for each while it reads the statement. */
const rowsPerInsert = 200;

/** Puts rows at the end of the table's queue. */
export async function queueOwn(store: Store, table: ModelTable, rows: readonly OwnRow[]): Promise<void> {
  if (rows.length === 0) return;
  await ensureShape(store, table, table.stored);
  const { next } = store.state(table.name);
  const columns = [...Object.values(own), ...table.stored.map(({ name }) => identifier(name))];
  await store.transaction(async () => {
    for (let start = 0; start < rows.length; start += rowsPerInsert) {
      const values = rows
        .slice(start, start + rowsPerInsert)
        .map((row, index) => valuesOf(row, { table, ord: next + start + index }));
      await store.database.run(
        `INSERT INTO ${replicaOf(table.name)} (${columns.join(', ')}) VALUES ${values.join(', ')}`,
      );
    }
    await store.update(table.name, { next: next + rows.length });
  });
}

function valuesOf(row: OwnRow, { table, ord }: { readonly table: ModelTable; readonly ord: number }): string {
  const value = (cell: string | number | null | undefined): string =>
    typeof cell === 'number' ? String(cell) : cell === null || cell === undefined ? 'NULL' : literal(cell);
  const cells = table.stored.map(({ staged }) => value(row[staged]));
  return `(${[ord, 'NULL', 'NULL', 0, 'false', 'false', 'NULL', ...cells].join(', ')})`;
}

const year = 365 * 86_400_000;

/** Fills calendar and buckets, and lengthens the calendar as years go by. */
export async function fillCalendar(
  store: Store,
  model: Model,
  { start, now }: { readonly start: string; readonly now: number },
): Promise<void> {
  const end = `${new Date(now + 2 * year).getUTCFullYear()}-12-31`;
  for (const table of model.tables) {
    if (table.name === 'AgingBucket' && store.state(table.name).next === 1)
      await queueOwn(store, table, agingBuckets);
    if (table.name !== 'Calendar') continue;
    // `batch` remembers the last day: the table has no other use for it.
    const last = store.state(table.name).batch;
    if (last !== null && last >= end) continue;
    const from = last === null ? start : new Date(Date.parse(last) + 86_400_000).toISOString().slice(0, 10);
    await queueOwn(store, table, [...calendarDays(from, end)]);
    await store.update(table.name, { batch: end });
  }
}

export interface SyncEvent {
  readonly event: 'created' | 'delivered' | 'possible duplicate' | 'quarantined';
  readonly job: string;
  readonly at: number;
  readonly table?: string;
  readonly batch?: string;
  readonly rows?: number;
  readonly batches?: number;
  readonly detail?: string;
}

/** Notes an event in the log of deliveries; it is sent with the next batch of that table. */
export async function noteEvent(store: Store, model: Model, event: SyncEvent): Promise<void> {
  const table = model.tables.find(({ name }) => name === syncTable);
  if (!table) return;
  await queueOwn(store, table, [
    {
      event: event.event,
      job: event.job,
      table: event.table ?? null,
      batch: event.batch ?? null,
      finished_at: new Date(event.at).toISOString(),
      rows: event.rows ?? 0,
      batches: event.batches ?? 0,
      detail: event.detail ?? null,
    },
  ]);
}
