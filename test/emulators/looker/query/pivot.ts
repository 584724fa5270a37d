// Pivoted answers: one row per value of the plain dimensions, each measure spread over the pivots' values.
import type { Answer } from '../../emulator.ts';
import { beyond, text } from '../answers.ts';
import { jsonValue, type Table } from '../formats.ts';
import type { QueryBody } from './request.ts';

export interface PivotOptions {
  readonly query: QueryBody;
  readonly measures: ReadonlySet<string>;
  readonly format: string;
  readonly limit: number | undefined;
  /** The key of a pivot value that is NULL. */
  readonly nullKey: string;
}

/** Columns of a pivot unless the query says otherwise; 200 at most (looker.md 3). */
const COLUMNS = 50;
const MOST_COLUMNS = 200;

type Cell = string | null;

/** The query to ask instead: rows in their order first, then the pivots'; the answer is folded afterwards. */
export function unpivoted(query: QueryBody, measures: ReadonlySet<string>): QueryBody {
  const { pivots, fields, sorts } = query;
  for (const pivot of pivots)
    if (!fields.includes(pivot) || measures.has(pivot))
      throw beyond(`the pivot "${pivot}", which is no dimension of the query`);
  const nameOf = (sort: string): string => sort.trim().split(/\s+/)[0] ?? '';
  const rows = sorts.filter((sort) => !pivots.includes(nameOf(sort)));
  if (rows.some((sort) => measures.has(nameOf(sort))))
    throw beyond('a pivoted query that is sorted by a measure');
  const plain = fields.filter((field) => !pivots.includes(field) && !measures.has(field));
  const order = rows.length > 0 ? rows : plain.slice(0, 1);
  return { ...query, sorts: order.length > 0 ? order : ['__UNSORTED__'] };
}

/** `[{"view.dimension": ..., "view.measure": {"first pivot": 1, "second pivot": 2}}]` */
export function pivoted(table: Table, options: PivotOptions): Answer {
  const { query, measures, format, limit } = options;
  if (format !== 'json' && format !== 'inline_json') throw beyond(`pivots in the result format "${format}"`);
  const at = new Map(table.columns.map(({ name }, index) => [name, index]));
  const cell = (row: readonly Cell[], name: string): Cell => row[at.get(name) ?? -1] ?? null;
  const plain = query.fields.filter((name) => !query.pivots.includes(name) && !measures.has(name));
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of table.rows) {
    const key = JSON.stringify(plain.map((name) => cell(row, name)));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const keyOf = (row: readonly Cell[]): string =>
    query.pivots.map((name) => cell(row, name) ?? options.nullKey).join('|FIELD|');
  const keys = columnKeys(table, { query, keyOf, cell });
  const json = (row: readonly Cell[], name: string): string =>
    jsonValue(cell(row, name), table.columns[at.get(name) ?? -1]?.kind ?? 'text');
  const lines = [...groups.values()].slice(0, limit).map((rows) => {
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    const spread = (name: string): string =>
      `{${keys.map((key) => `${JSON.stringify(key)}:${byKey.has(key) ? json(byKey.get(key) ?? [], name) : 'null'}`).join(',')}}`;
    const [first = []] = rows;
    const own = plain.map((name) => `${JSON.stringify(name)}:${json(first, name)}`);
    const spreads = [...measures].map((name) => `${JSON.stringify(name)}:${spread(name)}`);
    return `{${[...own, ...spreads].join(',')}}`;
  });
  return text(`[${lines.join(',\n')}]`, { type: 'application/json' });
}

/** The pivots' values in their order: rising unless a sort says otherwise, NULL last. */
function columnKeys(
  table: Table,
  {
    query,
    keyOf,
    cell,
  }: {
    query: QueryBody;
    keyOf: (row: readonly Cell[]) => string;
    cell: (row: readonly Cell[], name: string) => Cell;
  },
): string[] {
  const falling = new Set(
    query.sorts.filter((sort) => /\sdesc\b/i.test(sort)).map((sort) => sort.trim().split(/\s+/)[0]),
  );
  const kinds = new Map(table.columns.map(({ name, kind }) => [name, kind]));
  const compare = (left: readonly Cell[], right: readonly Cell[]): number => {
    const decisive = query.pivots.find((name) => cell(left, name) !== cell(right, name));
    if (decisive === undefined) return 0;
    const direction = falling.has(decisive) ? -1 : 1;
    const numeric = kinds.get(decisive) === 'number';
    return compareCells(cell(left, decisive), cell(right, decisive), { direction, numeric });
  };
  const distinct = new Map(table.rows.map((row) => [keyOf(row), row]));
  const wanted = Number(query.given.column_limit ?? COLUMNS);
  return [...distinct.values()].sort(compare).map(keyOf).slice(0, Math.min(wanted, MOST_COLUMNS));
}

/** Two cells that differ; NULL comes last in either direction. */
function compareCells(
  one: Cell,
  other: Cell,
  { direction, numeric }: { direction: number; numeric: boolean },
): number {
  if (one === null || other === null) return one === null ? 1 : -1;
  const rising = numeric ? Number(one) - Number(other) : one < other ? -1 : 1;
  return direction * rising;
}
