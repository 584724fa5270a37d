// Rows of a table: POST with its sequence number and quotas, DELETE, and reading the sequence numbers (powerbi.md 2.3, 2.4, 3).
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { Routes } from '../routes.ts';
import { emptyError, json, odataError, plainError } from './answers.ts';
import { type Cell, keyOf } from './cells.ts';
import { mostBytes } from './dataset-calls.ts';
import type { Dataset } from './datasets.ts';
import type { Parts } from './parts.ts';
import { cellsOf, rowsIn } from './rows-body.ts';
import type { StoredTable } from './stored-table.ts';

/** Rows of a table (powerbi.md 3). FIFO lets it grow beyond what it keeps, then drops the oldest. */
const most = { rows: 5_000_000, fifoKeeps: 200_000, fifoGrowsTo: 210_000 };

export function rowCalls(parts: Parts): Routes {
  const { access, datasets, switches } = parts;
  const at = (group = '', id = '', name = ''): { dataset: Dataset; table: StoredTable } => {
    access.workspace(group, 'write');
    const dataset = datasets.push(group, id);
    return { dataset, table: datasets.table(dataset, name) };
  };
  return {
    'POST /groups/*/datasets/*/tables/*/rows': (request, [group, id, name]) =>
      post(parts, at(group, id, name), request),
    'DELETE /groups/*/datasets/*/tables/*/rows': (_, [group, id, name]) => {
      const { dataset, table } = at(group, id, name);
      table.clear();
      dataset.sequences.deleted(table.name);
      return { status: 200 };
    },
    'GET /groups/*/datasets/*/tables/*/sequenceNumbers': ({ url }, [group, id, name]) => {
      const { dataset, table } = at(group, id, name);
      if (switches.sequenceNumbers === 'no endpoint')
        throw plainError(404, `No HTTP resource was found that matches the request URI '${url.pathname}'.`);
      return json(200, { value: dataset.sequences.of(table.name) });
    },
  };
}

async function post(
  parts: Parts,
  { dataset, table }: { dataset: Dataset; table: StoredTable },
  { body, headers }: EmulatorRequest,
): Promise<Answer> {
  const { clock, switches, tenant } = parts;
  const { done } = dataset.quotas.enter(table.size);
  try {
    if (switches.postTakes > 0) await clock.sleep(switches.postTakes);
    if (body.length > (dataset.mode === 'Push' ? mostBytes.push : mostBytes.streaming)) throw emptyError(413);
    const sequence = dataset.sequences.admit(headerText(headers['x-powerbi-pushdata-sequencenumber']), {
      table: table.name,
      client: tenant.clientId,
    });
    const rows = cellsOf(rowsIn(body, switches), table.columns, switches);
    if (!sequence.store) return { status: 200 };
    if (dataset.retention === 'None' && table.size + rows.length > most.rows)
      throw odataError(switches.fullTableStatus, 'InvalidRequest', {
        message: `Table <pi>${table.name}</pi> holds ${table.size} rows; ${most.rows} are allowed.`,
      });
    if (switches.duplicateKeys === 'refused') checkKeys(dataset, table, rows);
    dataset.quotas.rows(rows.length).take();
    table.append(rows, clock.now() + switches.visibleAfter);
    if (dataset.retention === 'basicFIFO' && table.size > most.fifoGrowsTo)
      table.dropOldest(table.size - most.fifoKeeps);
    sequence.keep();
    parts.posted += rows.length;
    return { status: 200 };
  } finally {
    done();
  }
}

const headerText = (value: string | readonly string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

/** Keys that relationships point at, by table and column, as of a version of the rows. */
const keys = new WeakMap<StoredTable, Map<number, { size: number; version: number; seen: Set<unknown> }>>();

/** The one side of a relationship has each key once. */
function checkKeys({ relationships }: Dataset, table: StoredTable, rows: readonly (readonly Cell[])[]): void {
  const pointedAt = new Set(
    relationships.filter(({ toTable }) => toTable === table.name).map(({ toColumn }) => toColumn),
  );
  for (const [index, { name }] of table.columns.entries()) {
    if (!pointedAt.has(name)) continue;
    const fresh = new Set<unknown>();
    const seen = seenIn(table, index);
    for (const row of rows) {
      const key = keyOf(row[index] ?? null);
      if (seen.has(key) || fresh.has(key))
        throw odataError(400, 'InvalidRequest', {
          message: `Column <pi>${name}</pi> in table <pi>${table.name}</pi> contains a duplicate value <pi>${String(key)}</pi> and this is not allowed for columns on the one side of a many-to-one relationship.`,
        });
      fresh.add(key);
    }
  }
}

/** Kept between requests while rows are only added. */
function seenIn(table: StoredTable, column: number): ReadonlySet<unknown> {
  const known = keys.get(table) ?? new Map<number, { size: number; version: number; seen: Set<unknown> }>();
  keys.set(table, known);
  const before = known.get(column);
  const values = table.values(column);
  const grown = before !== undefined && table.version - before.version <= 1 && before.size <= table.size;
  const seen = grown ? before.seen : new Set<unknown>();
  for (let row = grown ? before.size : 0; row < values.length; row += 1) seen.add(keyOf(values[row] ?? null));
  known.set(column, { size: table.size, version: table.version, seen });
  return seen;
}
