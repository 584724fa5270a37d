// Runs one DAX query over a dataset.
import type { Cell } from '../cells.ts';
import type { Switches } from '../switches.ts';
import { columnStatistics } from './column-statistics.ts';
import { type Env, eachRow, type Session } from './env.ts';
import { fail } from './errors.ts';
import { evaluator } from './evaluate.ts';
import { Context } from './filters.ts';
import { modelOf, type Queried } from './model.ts';
import { parseQuery } from './parser.ts';
import { cellsAt, shownName, type TableValue } from './table-value.ts';
import { sortOrder } from './values.ts';

export interface QueryResult {
  /** `Table[Column]`, or `[Name]` for what the query made. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Rows of a query as of `now`; throws DaxError where the query is wrong, or outside what is understood here. */
export function runQuery(
  text: string,
  { model: dataset, now, switches }: { model: Queried; now: number; switches: Switches },
): QueryResult {
  const query = parseQuery(text);
  const model = modelOf(dataset, now);
  if (query.table.kind === 'call' && query.table.name === 'COLUMNSTATISTICS')
    return switches.columnStatistics
      ? columnStatistics(model)
      : fail('Function COLUMNSTATISTICS is not known here.');
  const session: Session = { model, now, switches, defined: query.measures, ...evaluator };
  const env: Env = { session, context: new Context(model), frame: undefined, variables: new Map(), depth: 0 };
  // Variables of the query stand around the table and its order alike.
  const around = (result: typeof query.table) =>
    query.variables.length === 0 ? result : ({ kind: 'let', variables: query.variables, result } as const);
  const table = session.table(around(query.table), env);
  const order = query.order.map(({ by, descending }) => ({ by: around(by), descending }));
  return { columns: table.columns.map(shownName), rows: sorted(table, { order, env }) };
}

function sorted(
  table: TableValue,
  {
    order,
    env,
  }: { order: readonly { by: Parameters<Session['scalar']>[0]; descending: boolean }[]; env: Env },
): readonly (readonly Cell[])[] {
  const rows: { cells: Cell[]; keys: Cell[] }[] = [];
  eachRow(table, env, (inner, row) => {
    rows.push({ cells: cellsAt(table, row), keys: order.map(({ by }) => env.session.scalar(by, inner)) });
  });
  rows.sort((one, other) => {
    for (const [at, { descending }] of order.entries()) {
      const found = sortOrder(one.keys[at] ?? null, other.keys[at] ?? null);
      if (found !== 0) return descending ? -found : found;
    }
    return 0;
  });
  return rows.map(({ cells }) => cells);
}
