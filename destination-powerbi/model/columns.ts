// The columns of one table of the model: which are pushed, what the replica keeps for them, and what is left out.
import type { Column, TablePlan } from '@ledgerpipe/staging';
import { columnName, unique } from './names.ts';
import type { Link, Related } from './relationships.ts';
import { headerColumns, rateOf } from './traits.ts';
import { dataTypeOf, lookOf, type ModelColumn, type StoredColumn } from './types.ts';

/** Most columns of a table ("Push datasets limitations"). */
export const mostColumns = 75;

export interface TableColumns {
  readonly stored: readonly StoredColumn[];
  readonly columns: readonly ModelColumn[];
  /** Columns that did not fit, the least useful first. */
  readonly dropped: readonly string[];
  /** The column of the model that a link goes from. */
  readonly linked: ReadonlyMap<Link, string>;
}

export interface ColumnsRequest {
  readonly table: Related;
  readonly links: readonly Link[];
  /** Others relate to its key. */
  readonly referenced: boolean;
  /** Changed rows may be appended as versions. */
  readonly versioned: boolean;
}

interface Wish {
  readonly column: ModelColumn;
  readonly stored: readonly StoredColumn[];
  /** The lower, the sooner it is left out. */
  readonly worth: number;
  readonly link?: Link;
}

export function columnsOf(request: ColumnsRequest): TableColumns {
  const taken = new Set<string>();
  const wishes = wishesOf(request, taken);
  const ranked = wishes
    .map((wish, index) => ({ wish, index }))
    .sort((one, other) => other.wish.worth - one.wish.worth || one.index - other.index);
  const kept = new Set(ranked.slice(0, mostColumns).map(({ wish }) => wish));
  const chosen = wishes.filter((wish) => kept.has(wish));
  const stored = new Map(chosen.flatMap((wish) => wish.stored.map((column) => [column.name, column])));
  return {
    stored: [...stored.values()],
    columns: chosen.map(({ column }) => column),
    dropped: ranked.slice(mostColumns).map(({ wish }) => wish.column.name),
    linked: new Map(
      request.links.flatMap((link) => {
        const name = linkedName(link, chosen);
        return name === undefined ? [] : [[link, name] as const];
      }),
    ),
  };
}

function linkedName(link: Link, chosen: readonly Wish[]): string | undefined {
  if (link.to !== 'Calendar') return chosen.find((wish) => wish.link === link)?.column.name;
  const day = `${link.of === 'row' ? 'c' : 'h'}_${link.columns[0]}`;
  return chosen.find(({ column: { origin } }) => origin.kind === 'stored' && origin.column === day)?.column
    .name;
}

function wishesOf(request: ColumnsRequest, taken: Set<string>): readonly Wish[] {
  const { table, versioned, referenced, links } = request;
  const { plan, parent } = table;
  const append = plan.mode === 'append';
  const own = (
    what: 'batch' | 'key' | 'version' | 'deleted',
    name: string,
    dataType: ModelColumn['dataType'],
  ): Wish => ({
    column: {
      name: unique(name, taken),
      dataType,
      isHidden: true,
      ...(dataType === 'Int64' ? { summarizeBy: 'none' as const } : {}),
      origin: { kind: 'own', what },
    },
    stored: [],
    worth: 100,
  });
  const controls = [
    own('batch', '_batch_id', 'String'),
    ...(versioned || referenced ? [own('key', '_key', 'String')] : []),
    ...(versioned ? [own('version', '_version', 'Int64'), own('deleted', '_is_deleted', 'Boolean')] : []),
  ];
  const data = plan.columns
    .filter(
      (column) => !column.meta || column.name === '_position' || (append && column.name === '_deleted_at'),
    )
    .filter(({ path }) => path.length !== 1 || path[0] !== '_ab_cdc_deleted_at')
    .map(
      (column): Wish =>
        wishOf(column, { from: 'row', name: column.name, taken, worth: worthOf(column, plan) }),
    );
  const header = parent && table.kind === 'fact' ? headerColumns(parent) : [];
  const repeated = header.map((column) =>
    wishOf(column, { from: 'parent', name: `${plan.parent?.table ?? ''}_${column.name}`, taken, worth: 80 }),
  );
  return [
    ...controls,
    ...data,
    ...repeated,
    ...links.flatMap((link) => linkColumn(link, [...data, ...repeated], taken)),
    ...baseAmounts(table, [...data, ...repeated], taken),
  ];
}

interface ValueRequest {
  readonly from: StoredColumn['from'];
  readonly name: string;
  readonly taken: Set<string>;
  readonly worth: number;
}

function wishOf(column: Column, { from, name, taken, worth }: ValueRequest): Wish {
  const stored = storedOf(column, from);
  const dataType = dataTypeOf(column);
  return {
    column: {
      name: unique(columnName(name), taken),
      dataType,
      ...lookOf(column, dataType),
      origin: { kind: 'stored', column: stored.name },
    },
    stored: [stored],
    worth,
  };
}

const storedOf = ({ name, type }: Column, from: StoredColumn['from']): StoredColumn => ({
  name: `${from === 'row' ? 'c' : 'h'}_${name}`,
  type,
  staged: name,
  from,
});

/** Keys and money stay; notes, addresses and free-form JSON go first where a table is too wide. */
function worthOf({ name, role, type, path }: Column, plan: TablePlan): number {
  if (plan.keys.includes(name) || plan.parent?.columns.includes(name)) return 99;
  if (plan.references.some(({ columns }) => columns.includes(name))) return 70;
  if (type.kind === 'json') return 5;
  const byRole: Readonly<Record<string, number>> = {
    amount: 90,
    date: 85,
    due: 85,
    status: 80,
    currency: 75,
    label: 65,
    rate: 75,
    quantity: 70,
    unit_price: 60,
    percent: 50,
    updated: 55,
    code: 50,
    url: 12,
    note: 15,
  };
  return (byRole[role ?? ''] ?? 30) - 6 * Math.min(3, Math.max(0, path.length - 1));
}

/** A key of several parts becomes one column, hashed: a relationship has one column on each side. */
function linkColumn(link: Link, values: readonly Wish[], taken: Set<string>): readonly Wish[] {
  const prefix = link.of === 'row' ? 'c' : 'h';
  // The day is there already.
  if (link.to === 'Calendar') return [];
  const found = link.columns.map(
    (staged) =>
      values.find(({ stored }) => stored.some(({ name }) => name === `${prefix}_${staged}`)) ??
      values.find(({ stored }) => stored.some(({ name }) => name === `c_${staged}`)),
  );
  if (found.some((wish) => wish === undefined)) return [];
  const stored = found.flatMap((wish) => wish?.stored ?? []);
  const last = found.at(-1)?.column.name ?? '';
  return [
    {
      column: {
        name: unique(columnName(`${last}_key`), taken),
        dataType: 'String',
        isHidden: true,
        origin: { kind: 'reference', columns: stored.map(({ name }) => name) },
      },
      stored,
      worth: 95,
      link,
    },
  ];
}

/** Every amount of a document and its lines in the base currency too, where there is a rate. */
function baseAmounts(
  { plan, parent }: Related,
  values: readonly Wish[],
  taken: Set<string>,
): readonly Wish[] {
  const rate = rateOf((parent ?? plan).columns);
  if (!rate) return [];
  const rateColumn = `${parent ? 'h' : 'c'}_${rate.column.name}`;
  const rateWish = values.find(({ stored }) => stored.some(({ name }) => name === rateColumn));
  if (!rateWish) return [];
  return plan.columns
    .filter(({ role, type, path }) => role === 'amount' && type.kind === 'decimal' && ofDocument(path))
    .flatMap((column): readonly Wish[] => {
      const amount = values.find(({ stored }) => stored.some(({ name }) => name === `c_${column.name}`));
      if (!amount) return [];
      return [
        {
          column: {
            name: unique(columnName(`${column.name}_base`), taken),
            dataType: 'Decimal',
            formatString: '#,0.00',
            summarizeBy: 'sum',
            origin: { kind: 'base', amount: `c_${column.name}`, rate: rateColumn, by: rate.by },
          },
          stored: [...amount.stored, ...rateWish.stored],
          worth: 45,
        },
      ];
    });
}

/** Amounts of the document or line itself; QuickBooks keeps a document's tax one level down. */
const ofDocument = (path: Column['path']): boolean =>
  path.length === 1 || (path.length === 2 && path[1] === 'TotalTax');
