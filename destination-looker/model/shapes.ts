// From tables to views: which there are, what they and their fields are called. Everything else builds on these names.
import type { Column, TablePlan } from '@ledgerpipe/staging';
import type { Dialect } from './dialect.ts';
import { type Allocate, allocator, identifier } from './identifiers.ts';

/** A table as it is in the warehouse. */
export interface ModelTable {
  readonly plan: TablePlan;
  /** Its names there, outermost first: schema and table, or catalog, schema and table. */
  readonly place: readonly string[];
  /** Columns that are called otherwise there than in the plan, by their name in the plan. */
  readonly columns?: ReadonlyMap<string, string>;
}

export interface Field {
  readonly column: Column;
  /** Name of the dimension; of a dimension group, the part before `_date`. */
  readonly name: string;
  readonly kind: 'dimension' | 'group';
  /** `${TABLE}."Column"` */
  readonly sql: string;
}

export interface View {
  readonly name: string;
  readonly table: ModelTable;
  readonly plan: TablePlan;
  /** The quoted table. */
  readonly source: string;
  readonly fields: readonly Field[];
  /** Fields of columns that staging adds, by the column's name. */
  readonly meta: ReadonlyMap<string, Field>;
  /** Names for what is made beside the columns. */
  readonly allocate: Allocate;
}

/** Timeframes of a calendar day, and of a moment. */
export const dayFrames = ['raw', 'date', 'week', 'month', 'month_name', 'quarter', 'year'] as const;
export const momentFrames = ['raw', 'time', 'date', 'week', 'month', 'quarter', 'year'] as const;
export const fiscalFrames = ['fiscal_month_num', 'fiscal_quarter', 'fiscal_year'] as const;
const allFrames: readonly string[] = [...new Set([...dayFrames, ...momentFrames, ...fiscalFrames])];

/** What every view has, or a figure of the ledger is called: columns of these names take another one. */
const ownNames: readonly string[] = [
  'pk',
  'count',
  'is_deleted',
  'home_scope',
  'currency_scope',
  'currencies',
  'home_currencies',
  'is_recognised',
  'is_open',
  'open_amount',
  'open_amount_home',
  'days_overdue',
  'ageing_bucket',
  'ageing_order',
  'outstanding',
  'outstanding_home',
  'outstanding_share',
  'net_amount',
  'net_amount_home',
  'account_key',
  'item_key',
  'class_key',
  'class',
  'location',
];

/** Views for the tables that can be named in LookML, by table name, in the order given. */
export function viewsOf(tables: readonly ModelTable[], dialect: Dialect): ReadonlyMap<string, View> {
  const allocate = allocator();
  const views = new Map<string, View>();
  for (const table of tables) {
    const parts = table.place.map((part) => dialect.identifier(part));
    if (parts.some((part) => part === undefined)) continue;
    const wish = identifier(table.plan.name);
    views.set(keyOf(table.plan), {
      name: allocate(wish, { of: table.place.join('.') }),
      table,
      plan: table.plan,
      source: parts.join('.'),
      ...fieldsOf(table, dialect),
    });
  }
  return views;
}

/** Tables of several namespaces may be called the same. */
export const keyOf = (plan: Pick<TablePlan, 'name' | 'declaration'>): string =>
  JSON.stringify([plan.declaration.namespace ?? null, plan.name]);

/** The view of another table in the same namespace. */
export const viewNamed = (
  views: ReadonlyMap<string, View>,
  name: string,
  { declaration }: TablePlan,
): View | undefined => views.get(keyOf({ name, declaration }));

function fieldsOf(
  { plan, columns }: ModelTable,
  dialect: Dialect,
): Pick<View, 'fields' | 'meta' | 'allocate'> {
  const allocate = allocator(ownNames);
  const meta = new Map<string, Field>();
  const fields: Field[] = [];
  for (const column of plan.columns) {
    const quoted = dialect.identifier(columns?.get(column.name) ?? column.name);
    if (quoted === undefined) continue;
    const kind = isTimed(column) ? 'group' : 'dimension';
    const wish = kind === 'group' ? groupName(column.name) : identifier(column.name);
    const field: Field = {
      column,
      name: column.meta
        ? identifier(column.name)
        : allocate(wish, { of: column.name, ...(kind === 'group' ? { also: allFrames } : {}) }),
      kind,
      sql: `\${TABLE}.${quoted}`,
    };
    if (column.meta) meta.set(column.name, field);
    else fields.push(field);
  }
  return { fields, meta, allocate };
}

const isTimed = ({ type }: Column): boolean =>
  type.kind === 'date' || type.kind === 'instant' || type.kind === 'datetime';

/** `DueDate` due, `CreatedDateUTC` created, `Date` and `TxnDate` transaction: a group's fields end in `_date` again. */
function groupName(name: string): string {
  const whole = identifier(name);
  if (['date', 'txn_date', 'journal_date'].includes(whole)) return 'transaction';
  return whole.replace(/(_date|_on|_at|_date_utc|_utc|_time)+$/, '') || whole;
}

/** The field of the column at a path of the record, written with dots: `Contact.Name`. */
export const fieldAt = (view: View, path: string): Field | undefined =>
  view.fields.find(({ column }) => column.path.length > 0 && column.path.join('.') === path);

export const fieldNamed = (view: View, column: string): Field | undefined =>
  view.fields.find((field) => field.column.name === column) ?? view.meta.get(column);

/** A field as other SQL of the model names it: `${invoices.due_raw}`. */
export const refer = (view: View, field: Field): string =>
  `\${${view.name}.${field.name}${field.kind === 'group' ? '_raw' : ''}}`;

/** A field in queries and dashboards: `invoices.due_date`. */
export const named = (view: View, field: Field | string, frame = 'date'): string =>
  typeof field === 'string'
    ? `${view.name}.${field}`
    : `${view.name}.${field.name}${field.kind === 'group' ? `_${frame}` : ''}`;
