// The filter context: tuples of values that columns may have, and which rows of a table they leave.
import { BLANK_ROW, type Key, type Model, type ModelTable, type Relation } from './model.ts';

/** A column of a table; `row` and `class` stand for the row itself, and with it for all columns of the expanded table. */
export interface Part {
  readonly table: ModelTable;
  readonly column: number | 'row' | 'class';
}

/** Allowed tuples of keys, one after the other in `flat`. For `row` and `class` the key is the number of a row. */
export interface Filter {
  readonly parts: readonly Part[];
  readonly flat: readonly Key[];
}

export interface Visible {
  readonly rows: ArrayLike<number>;
  /** The row of unmatched keys is there and passes. */
  readonly blank: boolean;
  /** Some filter applies. */
  readonly filtered: boolean;
}

/** What a filter means for one table. */
interface Effect {
  readonly parts: readonly Part[];
  readonly keys: ReadonlySet<Key>;
}

export const keyAt = ({ table, column }: Part, row: number): Key => {
  if (column === 'row') return row;
  return column === 'class' ? table.classOf(row) : table.key(row, column);
};

/** One key for several: text never meets a number of the same digits. */
export const joined = (keys: readonly Key[]): Key =>
  keys.length === 1
    ? (keys[0] ?? null)
    : keys.map((key) => `${typeof key === 'string' ? 's' : ''}${String(key)}`).join('\u0001');

const effects = new WeakMap<Filter, Map<ModelTable, Effect | undefined>>();

function effectOn(table: ModelTable, filter: Filter): Effect | undefined {
  const known = effects.get(filter) ?? new Map<ModelTable, Effect | undefined>();
  effects.set(filter, known);
  if (!known.has(table)) known.set(table, effect(table, filter));
  return known.get(table);
}

function effect(table: ModelTable, { parts, flat }: Filter): Effect | undefined {
  const reads: { readonly part: Part; readonly read: (tuple: number) => Key }[] = [];
  for (const [place, part] of parts.entries()) {
    const key = (tuple: number): Key => flat[tuple * parts.length + place] ?? null;
    if (table.expanded.has(part.table)) reads.push({ part, read: key });
    else if (typeof part.column !== 'number')
      for (const shared of part.table.expanded)
        if (table.expanded.has(shared))
          reads.push({
            part: { table: shared, column: 'row' },
            read: (tuple) => part.table.rowIn(shared, Number(key(tuple))),
          });
  }
  if (reads.length === 0) return undefined;
  const keys = new Set<Key>();
  for (let tuple = 0; tuple * parts.length < flat.length; tuple += 1)
    keys.add(joined(reads.map(({ read }) => read(tuple))));
  return { parts: reads.map(({ part }) => part), keys };
}

function passes(table: ModelTable, { parts, keys }: Effect): (row: number) => boolean {
  const [only] = parts;
  if (only && parts.length === 1)
    return only.table === table
      ? (row) => keys.has(keyAt(only, row))
      : (row) => keys.has(keyAt(only, table.rowIn(only.table, row)));
  return (row) => keys.has(joined(parts.map((part) => keyAt(part, table.rowIn(part.table, row)))));
}

/** Few keys are looked up in an index instead of tried on every row. */
const fewKeys = 100;

function candidates(table: ModelTable, { parts, keys }: Effect): readonly number[] | undefined {
  const [only] = parts;
  if (!only || parts.length > 1 || keys.size > fewKeys) return undefined;
  const own: number[] = [];
  for (const key of keys) {
    if (only.column === 'row') own.push(Number(key));
    else if (only.column === 'class') own.push(...only.table.rowsOfClass(Number(key)));
    else {
      own.push(...(only.table.index(only.column).get(key) ?? []));
      if (key === null) own.push(BLANK_ROW);
    }
  }
  const rows = only.table === table ? own : own.flatMap((row) => table.rowsBy(only.table).get(row) ?? []);
  return rows.filter((row) => row !== BLANK_ROW).sort((one, other) => one - other);
}

/** Filters that hold together; what they leave of each table is worked out once. */
export class Context {
  readonly filters: readonly Filter[];
  readonly #model: Model;
  readonly #visible = new Map<ModelTable, Visible>();

  constructor(model: Model, filters: readonly Filter[] = []) {
    this.#model = model;
    this.filters = filters;
  }

  with(filters: readonly Filter[]): Context {
    return new Context(this.#model, filters);
  }

  visible(table: ModelTable): Visible {
    const known = this.#visible.get(table);
    if (known) return known;
    const found = this.#model.hasBoth ? this.#across(table, undefined) : this.#own(table);
    this.#visible.set(table, found);
    return found;
  }

  #own(table: ModelTable): Visible {
    const found = this.filters.flatMap((one) => effectOn(table, one) ?? []);
    if (found.length === 0) return { rows: everyRow(table.size), blank: table.hasBlankRow, filtered: false };
    const tests = found.map((one) => passes(table, one));
    const lists = found.flatMap((one) =>
      [candidates(table, one) ?? []].filter((list) => list.length > 0 || few(one)),
    );
    const shortest = lists.sort((one, other) => one.length - other.length)[0];
    const rows: number[] = [];
    const start: ArrayLike<number> = shortest ?? everyRow(table.size);
    for (let at = 0; at < start.length; at += 1) {
      const row = start[at] ?? 0;
      if (row < table.size && tests.every((test) => test(row))) rows.push(row);
    }
    const blank = table.hasBlankRow && tests.every((test) => test(BLANK_ROW));
    return { rows, blank, filtered: true };
  }

  /** With relations that filter both ways, what is left of a neighbour counts too; never back the way it came. */
  #across(table: ModelTable, via: Relation | undefined): Visible {
    let { rows, blank, filtered } = this.#own(table);
    const keep = (pass: (row: number) => boolean): void => {
      rows = Array.from(rows).filter(pass);
      blank = blank && pass(BLANK_ROW);
      filtered = true;
    };
    for (const relation of table.up) {
      if (relation === via) continue;
      const one = this.#across(relation.to, relation);
      if (!one.filtered) continue;
      const left = new Set(Array.from(one.rows));
      keep((row) => {
        const to = table.rowIn(relation.to, row);
        return to === BLANK_ROW ? one.blank : left.has(to);
      });
    }
    for (const relation of table.down) {
      if (relation === via || !relation.both) continue;
      const many = this.#across(relation.from, relation);
      if (!many.filtered) continue;
      const parents = relation.from.parents(relation);
      const left = new Set(Array.from(many.rows, (row) => parents[row] ?? BLANK_ROW));
      keep((row) => left.has(row));
    }
    return { rows, blank, filtered };
  }
}

/** An effect with an index to look in: an empty list from it means that nothing is left. */
const few = ({ parts, keys }: Effect): boolean => parts.length === 1 && keys.size <= fewKeys;

const identities = new Map<number, Int32Array>();

function everyRow(size: number): Int32Array {
  const known = identities.get(size) ?? Int32Array.from({ length: size }, (_, row) => row);
  if (identities.size > 64) identities.clear();
  identities.set(size, known);
  return known;
}

/** Which columns something covers. */
export type Covers = (table: ModelTable, column: number) => boolean;

/** The columns a part stands for. */
export function partCovers({ table, column }: Part): Covers {
  if (typeof column === 'number') return (other, index) => other === table && index === column;
  return (other) => table.expanded.has(other);
}

/** The filters without what they say of the covered columns. */
export function without(filters: readonly Filter[], covered: Covers): readonly Filter[] {
  return filters.flatMap((filter) => {
    const left = filter.parts.map((part) => remaining(part, covered));
    if (left.every((reads, place) => reads.length === 1 && reads[0]?.part === filter.parts[place]))
      return [filter];
    const reads = left.flatMap((some, place) => some.map((one) => ({ ...one, place })));
    if (reads.length === 0) return [];
    const width = filter.parts.length;
    const count = filter.flat.length / width;
    const value = (tuple: number, { place, read }: (typeof reads)[number]): Key =>
      read(filter.flat[tuple * width + place] ?? null);
    // One tuple is as many filters of one column, which an index can answer.
    if (count === 1) return reads.map((one) => ({ parts: [one.part], flat: [value(0, one)] }));
    const flat: Key[] = [];
    for (let tuple = 0; tuple < count; tuple += 1) for (const one of reads) flat.push(value(tuple, one));
    return [{ parts: reads.map(({ part }) => part), flat }];
  });
}

interface Read {
  readonly part: Part;
  readonly read: (key: Key) => Key;
}

/** A row of which some columns are no longer filtered goes on as its other columns, and as the rows it belongs to. */
function remaining(part: Part, covered: Covers): readonly Read[] {
  const { table, column } = part;
  const same: Read = { part, read: (key) => key };
  if (typeof column === 'number') return covered(table, column) ? [] : [same];
  const touched = [...table.expanded].some((one) =>
    one.stored.columns.some((_, index) => covered(one, index)),
  );
  if (!touched) return [same];
  const own = table.stored.columns.flatMap((_, index): Read[] =>
    covered(table, index)
      ? []
      : [{ part: { table, column: index }, read: (key) => table.key(Number(key), index) }],
  );
  const above = table.up.flatMap(({ to }) =>
    remaining({ table: to, column: 'row' }, covered).map(
      ({ part: of, read }): Read => ({ part: of, read: (key) => read(table.rowIn(to, Number(key))) }),
    ),
  );
  return [...own, ...above];
}
