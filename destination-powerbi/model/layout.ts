// From the declared streams to the whole model: its tables, columns, relationships and measures, before any row.
import { configError, type Declaration } from '@airbyte/cdk-typescript-shim';
import { planTables, type TablePlan } from '@ledgerpipe/staging';
import { calendarTables } from './calendar.ts';
import { columnsOf, mostColumns } from './columns.ts';
import { type Measured, measuresOf } from './measures.ts';
import { tableName, unique } from './names.ts';
import { chooseLinks, type Link, type Related } from './relationships.ts';
import { kindOf, type TableKind } from './traits.ts';
import type { MeasureDefinition, ModelColumn, RelationshipDefinition, StoredColumn } from './types.ts';

/** A table of the model. */
export interface ModelTable {
  readonly name: string;
  /** Absent: one of our own (Calendar, AgingBucket, _sync). */
  readonly plan?: TablePlan;
  readonly parent?: TablePlan;
  readonly kind: TableKind;
  /** Rows have keys, and the newest of each key counts. */
  readonly keyed: boolean;
  /** Changed rows may be appended as versions: nothing relates to its key. */
  readonly versionable: boolean;
  readonly stored: readonly StoredColumn[];
  readonly columns: readonly ModelColumn[];
  readonly description?: string;
}

export interface Model {
  readonly tables: readonly ModelTable[];
  readonly relationships: readonly RelationshipDefinition[];
  /** The measures of a table, with versions of rows in mind or without. */
  measures(table: ModelTable, versioned: boolean): readonly MeasureDefinition[];
  /** What was left out, in sentences for the log. */
  readonly left: readonly string[];
}

export interface ModelOptions {
  readonly names: 'original' | 'snake_case';
  readonly strategy: 'auto' | 'rewrite' | 'append_versions';
  readonly overLimit: 'drop' | 'fail';
  readonly fiscalYearEnd: string;
}

/** Most tables of a model ("Push datasets limitations"). */
const mostTables = 75;

/** All tables of the declared streams; a table that is there before its first row needs no second model later. */
export function modelOf(declared: readonly Declaration[], options: ModelOptions): Model {
  const left: string[] = [];
  const own = calendarTables();
  const { plans, dropped } = fitting(plansOf(declared, options), mostTables - own.length, options);
  if (dropped.length > 0)
    left.push(
      `A model holds ${mostTables} tables: left out ${dropped.map(({ name }) => `"${name}"`).join(', ')}; choose fewer streams to have them`,
    );
  const related = relatedOf(plans, options);
  const links = chooseLinks(related);
  const taken = new Set(own.map(({ name }) => name.toLowerCase()));
  const named = new Map(
    related.map(({ plan }) => [plan, unique(tableName(plan.name, plan.declaration.namespace), taken)]),
  );
  const linked = new Map<Link, string>();
  const tables = related.map((table): ModelTable => {
    const request = {
      table,
      links: links.filter(({ from }) => from === table),
      referenced: links.some(({ to }) => to === table),
      versioned: isVersionable(table, links, options),
    };
    const columns = columnsOf(request);
    for (const [link, column] of columns.linked) linked.set(link, column);
    const name = named.get(table.plan) ?? '';
    if (columns.dropped.length > 0) left.push(tooWide(name, columns.dropped, options));
    return {
      name,
      plan: table.plan,
      ...(table.parent ? { parent: table.parent } : {}),
      kind: table.kind,
      keyed: table.plan.keys.length > 0 && table.plan.mode !== 'append',
      versionable: request.versioned,
      stored: columns.stored,
      columns: columns.columns,
      ...(table.plan.description ? { description: table.plan.description } : {}),
    };
  });
  const all = [...tables, ...own];
  const measured: Measured = { tables: all, fiscalYearEnd: options.fiscalYearEnd };
  return {
    tables: all,
    relationships: links.flatMap((link) => relationshipOf(link, { linked, named })),
    measures: (table, versioned) => measuresOf(table, measured, versioned),
    left,
  };
}

function plansOf(declared: readonly Declaration[], { names }: ModelOptions): readonly TablePlan[] {
  return declared.flatMap((declaration) => planTables(declaration, declared, { names }));
}

/** Main tables all stay; of the others those with money and references stay first. */
function fitting(
  plans: readonly TablePlan[],
  most: number,
  { overLimit }: ModelOptions,
): { readonly plans: readonly TablePlan[]; readonly dropped: readonly TablePlan[] } {
  if (plans.length <= most) return { plans, dropped: [] };
  const mains = plans.filter(({ parent }) => !parent);
  if (overLimit === 'fail' || mains.length > most)
    throw configError(
      `Cannot write ${plans.length} tables: a semantic model holds ${mostTables}, ${mostTables - most} of them our own; choose fewer streams${mains.length > most ? '' : ', or set "over_limit" to "drop" to leave the least useful tables out'}`,
    );
  const worth = ({ columns, references, parent }: TablePlan): number => {
    const amounts = columns.filter(({ role }) => role === 'amount').length;
    return parent ? 10 * Math.min(amounts, 3) + 3 * references.length + columns.length / 100 : 1000;
  };
  const ranked = [...plans].sort((one, other) => worth(other) - worth(one));
  const kept = new Set(ranked.slice(0, most));
  return { plans: plans.filter((plan) => kept.has(plan)), dropped: ranked.slice(most) };
}

function relatedOf(plans: readonly TablePlan[], { strategy }: ModelOptions): readonly Related[] {
  return plans.map((plan) => {
    const parent = plan.parent && plans.find((other) => isParent(other, plan));
    const kind = kindOf(plan, parent);
    const keyed = plan.keys.length > 0 && plan.mode !== 'append';
    // The one side must be unique at all times: a table that gets versions never is.
    const unique = keyed && (strategy === 'rewrite' || kind === 'dimension');
    return { plan, ...(parent ? { parent } : {}), kind, unique };
  });
}

const isParent = (other: TablePlan, { parent, declaration }: TablePlan): boolean =>
  !other.parent && other.name === parent?.table && other.declaration.stream === declaration.stream;

const isVersionable = (
  { plan, kind }: Related,
  links: readonly Link[],
  { strategy }: ModelOptions,
): boolean =>
  strategy !== 'rewrite' &&
  kind === 'fact' &&
  plan.keys.length > 0 &&
  plan.mode !== 'append' &&
  !links.some(({ to }) => to !== 'Calendar' && to.plan === plan);

function tooWide(table: string, dropped: readonly string[], { overLimit }: ModelOptions): string {
  if (overLimit === 'fail')
    throw configError(
      `Cannot write table "${table}": it has ${mostColumns + dropped.length} columns and Power BI takes ${mostColumns}, set "over_limit" to "drop" to leave the least useful ones out`,
    );
  return `Table "${table}" holds ${mostColumns} columns: left out ${dropped.map((name) => `"${name}"`).join(', ')}`;
}

function relationshipOf(
  link: Link,
  {
    linked,
    named,
  }: { readonly linked: ReadonlyMap<Link, string>; readonly named: ReadonlyMap<TablePlan, string> },
): readonly RelationshipDefinition[] {
  const fromTable = named.get(link.from.plan);
  const fromColumn = linked.get(link);
  const toTable = link.to === 'Calendar' ? 'Calendar' : named.get(link.to.plan);
  if (!fromTable || !fromColumn || !toTable) return [];
  return [
    {
      name: relationshipName(fromTable, fromColumn, toTable),
      fromTable,
      fromColumn,
      toTable,
      toColumn: link.to === 'Calendar' ? 'Date' : '_key',
      crossFilteringBehavior: 'OneDirection',
    },
  ];
}

/** Names of relationships follow the rules of table names. */
const relationshipName = (from: string, column: string, to: string): string =>
  tableName(`${from}-${column}-${to}`);
