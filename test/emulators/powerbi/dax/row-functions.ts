// Values found by way of the row at hand, of relationships, or of what is filtered.
import { type Cell, keyOf } from '../cells.ts';
import { columnArgument, type Env, type Frame, scalar, tableOf } from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction } from './evaluate.ts';
import { joined } from './filters.ts';
import { BLANK_ROW } from './model.ts';
import { valuesOf } from './set-functions.ts';
import type { Source } from './table-value.ts';
import type { Call } from './tree.ts';
import { numberOf } from './values.ts';

export const rowFunctions: Readonly<Record<string, ScalarFunction>> = {
  RELATED: ([column], env) => {
    const source = columnArgument(column, env);
    for (let frame: Frame | undefined = env.frame; frame; frame = frame.parent) {
      const { base } = frame.table;
      if (!base?.table.expanded.has(source.table)) continue;
      const row = base.table.rowIn(source.table, base.ids[frame.row] ?? BLANK_ROW);
      return source.table.cell(row, source.column);
    }
    return fail(`RELATED: no row at hand belongs to table '${source.table.name}'.`);
  },
  EARLIER: (args, env) => earlier(args, env),
  LOOKUPVALUE: lookup,
  SELECTEDVALUE: ([column, otherwise], env) => {
    const values = valuesOf(columnArgument(column, env), env, { blankRow: true });
    if (values.size === 1) return values.cell(0, 0);
    return otherwise ? scalar(otherwise, env) : null;
  },
  HASONEVALUE: ([column], env) => valuesOf(columnArgument(column, env), env, { blankRow: true }).size === 1,
  ISEMPTY: ([table], env) => tableOf(table, env).size === 0,
  ISFILTERED: ([column], env) => {
    if (column?.kind === 'name') return fail('ISFILTERED: a column is expected.');
    const source = columnArgument(column, env);
    return env.context.filters.some(({ parts }) => parts.some((part) => covers(part, source)));
  },
  CONTAINS: (args, env) => {
    const [table, ...rest] = args;
    const of = tableOf(table, env);
    const wanted = rest.flatMap((expr, at) =>
      at % 2 === 0 ? [{ source: columnArgument(expr, env), value: scalar(rest[at + 1], env) }] : [],
    );
    const places = wanted.map(({ source }) =>
      of.columns.findIndex(
        (one) => one.source?.table === source.table && one.source.column === source.column,
      ),
    );
    if (places.includes(-1)) return fail('CONTAINS: a column is not one of the table.');
    const key = joined(wanted.map(({ value }) => keyOf(value)));
    for (let row = 0; row < of.size; row += 1)
      if (joined(places.map((place) => keyOf(of.cell(row, place)))) === key) return true;
    return false;
  },
};

const covers = ({ table, column }: { table: object; column: number | string }, source: Source): boolean =>
  table === source.table && (typeof column === 'string' || column === source.column);

function earlier([column, steps]: Call['args'], env: Env): Cell {
  const source = columnArgument(column, env);
  let left = steps ? numberOf(scalar(steps, env)) : 1;
  for (let frame: Frame | undefined = env.frame; frame; frame = frame.parent) {
    const at = frame.table.columns.findIndex(
      (one) => one.source?.table === source.table && one.source.column === source.column,
    );
    if (at < 0) continue;
    if (left === 0) return frame.table.cell(frame.row, at);
    left -= 1;
  }
  return fail('EARLIER: there is no such row around this one.');
}

/** The one value of a column in rows with the values sought, filters aside; BLANK when there is none. */
function lookup([result, ...rest]: Call['args'], env: Env): Cell {
  const { table, column } = columnArgument(result, env);
  const pairs = Math.floor(rest.length / 2);
  const sought = Array.from({ length: pairs }, (_, at) => ({
    source: columnArgument(rest[at * 2], env),
    key: keyOf(scalar(rest[at * 2 + 1], env)),
  }));
  const otherwise = rest.length % 2 === 1 ? rest[rest.length - 1] : undefined;
  const [first] = sought;
  if (!first || sought.some(({ source }) => source.table !== table))
    return fail('LOOKUPVALUE: columns of the same table as the result are expected.');
  const rows = (table.index(first.source.column).get(first.key) ?? []).filter((row) =>
    sought.every(({ source, key }) => table.key(row, source.column) === key),
  );
  const found = new Map(rows.map((row) => [table.key(row, column), table.cell(row, column)]));
  if (found.size === 1) return [...found.values()][0] ?? null;
  if (otherwise) return scalar(otherwise, env);
  return found.size === 0
    ? null
    : fail('A table of multiple values was supplied where a single value was expected.');
}
