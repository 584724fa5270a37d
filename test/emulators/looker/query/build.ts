// The SQL of a query through an explore, as Looker would send it to PostgreSQL.
import { ApiFailure, beyond } from '../answers.ts';
import { SqlFailure } from '../engine.ts';
import type { Model } from '../lookml/model.ts';
import { blocks, filtersOf, listOf, textOf } from '../lookml/parse.ts';
import { dimensionSql, kindOf, selectedSql, type Zones } from './dimension.ts';
import { joinWord, neededJoins, repeatsRows } from './fan-out.ts';
import { dimensionFilter, type FilterSetting, measureFilter } from './filters.ts';
import { type MeasureSetting, measureSql } from './measure.ts';
import { refuseInExplore } from './refused.ts';
import type { QueryBody } from './request.ts';
import { enclosed, type Found, refuseLiquid, Scope } from './scope.ts';

export interface BuildOptions {
  readonly model: Model;
  readonly zones: Zones;
  readonly now: number;
  readonly alwaysFilter: boolean;
  /** Rows; undefined for all. */
  readonly limit: number | undefined;
}

export interface Built {
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly label: string; readonly found: Found }[];
  readonly measures: ReadonlySet<string>;
}

const isMeasure = ({ field }: Found): boolean => field.category === 'measure';

/** Refuses what it does not know; the SQL it gives is what the query means. */
export function buildQuery(query: QueryBody, options: BuildOptions): Built {
  const { model, zones, now } = options;
  const explore = model.explores.get(query.view);
  if (!explore) throw new ApiFailure(404, 'Not found');
  refuseInExplore(explore, model);
  const scope = new Scope(model, explore);
  if (query.fields.length === 0) throw new SqlFailure('The query selects no fields.');
  const selected = query.fields.map((name) => scope.find(name));
  for (const { field, alias } of selected)
    if (field.category === 'filter' || field.category === 'parameter')
      throw beyond(`the ${field.category} "${alias}.${field.name}" as a column`);
  const setting: FilterSetting = { scope, zones, now };
  const filters = filtersIn(query, { scope, always: options.alwaysFilter });
  // The first pass only learns which views are needed; whether rows repeat is known from them.
  partsOf({ query, selected, filters }, { ...setting, repeats: () => false });
  const repeats = repeatsRows(scope, joinsOf(scope, setting));
  const parts = partsOf({ query, selected, filters }, { ...setting, repeats });
  const joins = joinsOf(scope, setting);
  const columns = query.fields.map((name, index) => ({ name, found: selected[index] as Found }));
  return {
    sql: assembled({ query, columns, parts, limit: options.limit }, { setting, joins }),
    columns: columns.map((column) => ({ ...column, label: labelOf(column.found, scope) })),
    measures: new Set(columns.filter(({ found }) => isMeasure(found)).map(({ name }) => name)),
  };
}

interface Parts {
  readonly selects: readonly string[];
  readonly wheres: readonly string[];
  readonly havings: readonly string[];
}

function partsOf(
  {
    query,
    selected,
    filters,
  }: { query: QueryBody; selected: readonly Found[]; filters: readonly [Found, string][] },
  setting: MeasureSetting,
): Parts {
  const { scope } = setting;
  const { explore } = scope;
  for (const { alias } of selected) scope.used.add(alias);
  const selects = selected.map(
    (found, index) =>
      `${isMeasure(found) ? measureSql(found, setting) : selectedSql(found, setting)} AS "${query.fields[index]}"`,
  );
  const always = expandedRule(textOf(explore.node, 'sql_always_where'), setting);
  const alwaysHaving = expandedRule(textOf(explore.node, 'sql_always_having'), setting);
  const wheres = always === undefined ? [] : [`(${always})`];
  const havings = alwaysHaving === undefined ? [] : [`(${alwaysHaving})`];
  for (const [found, expression] of filters) {
    scope.used.add(found.alias);
    const condition = isMeasure(found)
      ? measureFilter(enclosed(measureSql(found, setting)), expression, found)
      : dimensionFilter(found, expression, setting);
    if (condition !== undefined) (isMeasure(found) ? havings : wheres).push(`(${condition})`);
  }
  for (const alias of listOf(explore.node, 'always_join')) scope.used.add(alias);
  return { selects, wheres, havings };
}

function expandedRule(sql: string | undefined, setting: MeasureSetting): string | undefined {
  if (sql === undefined || sql.trim() === '') return undefined;
  return setting.scope.expand(sql.trim(), setting.scope.explore.alias, (found) =>
    enclosed(isMeasure(found) ? measureSql(found, setting) : dimensionSql(found, setting)),
  );
}

/** The query's filters, and those the explore always sets where the query says nothing of the field. */
function filtersIn(
  query: QueryBody,
  { scope, always }: { scope: Scope; always: boolean },
): [Found, string][] {
  const given = new Map(Object.entries(query.filters));
  const { node, alias } = scope.explore;
  const full = (name: string): string => (name.includes('.') ? name : `${alias}.${name}`);
  const add = (name: string, expression: string): void => {
    if (always && !given.has(full(name))) given.set(full(name), expression);
  };
  for (const block of blocks(node, 'conditionally_filter')) {
    const unless = listOf(block, 'unless').map(full);
    const excused = unless.some((name) => name in query.filters || query.fields.includes(name));
    if (!excused) for (const [name, expression] of filtersOf(block)) add(name, expression);
  }
  for (const block of blocks(node, 'always_filter'))
    for (const [name, expression] of filtersOf(block)) add(name, expression);
  return [...given].map(([name, expression]) => {
    const found = scope.find(name);
    if (found.field.category === 'filter' || found.field.category === 'parameter')
      throw beyond(`the ${found.field.category} "${name}"`);
    return [found, expression];
  });
}

interface JoinSql {
  readonly alias: string;
  readonly sql: string;
}

/** Resolving a join's condition may bring in further views: repeated until none is added. */
function joinsOf(scope: Scope, setting: FilterSetting): ReturnType<typeof neededJoins> {
  for (;;) {
    const before = scope.used.size;
    const joins = neededJoins(scope);
    for (const join of joins) onSql(join, setting);
    if (scope.used.size === before) return joins;
  }
}

function onSql(join: ReturnType<typeof neededJoins>[number], setting: FilterSetting): string | undefined {
  const { scope } = setting;
  scope.used.add(join.alias);
  if (join.foreignKey !== undefined) {
    const view = scope.view(join.alias);
    const field = [...view.fields.values()].find((one) => one.primaryKey);
    if (!field)
      throw new SqlFailure(`Join "${join.alias}" by foreign_key: view "${view.name}" has no primary key.`);
    const own = dimensionSql({ alias: join.alias, view, field }, setting);
    return `${enclosed(dimensionSql(scope.resolve(join.foreignKey, scope.explore.alias), setting))} = ${enclosed(own)}`;
  }
  if (join.sqlOn === undefined) return undefined;
  return scope.expand(join.sqlOn, join.alias, (found) => enclosed(dimensionSql(found, setting)));
}

function assembled(
  {
    query,
    columns,
    parts,
    limit,
  }: {
    query: QueryBody;
    columns: readonly { name: string; found: Found }[];
    parts: Parts;
    limit: number | undefined;
  },
  { setting, joins }: { setting: FilterSetting; joins: ReturnType<typeof neededJoins> },
): string {
  const { scope } = setting;
  const base = scope.view(scope.explore.alias);
  const lines = joins.map((join): JoinSql => {
    const on = onSql(join, setting);
    const view = scope.view(join.alias);
    const condition = on === undefined || join.type === 'cross' ? '' : ` ON ${on}`;
    return {
      alias: join.alias,
      sql: `${joinWord(join)} ${scope.tableOf(view)} AS ${join.alias}${condition}`,
    };
  });
  const dimensions = columns.flatMap(({ found }, index) => (isMeasure(found) ? [] : [String(index + 1)]));
  const order = orderOf(query, columns);
  return [
    ...commonTables(scope, [scope.explore.alias, ...joins.map(({ alias }) => alias)]),
    `SELECT\n    ${parts.selects.join(',\n    ')}`,
    `FROM ${scope.tableOf(base)} AS ${scope.explore.alias}`,
    ...lines.map(({ sql }) => sql),
    ...(parts.wheres.length > 0 ? [`WHERE ${parts.wheres.join('\n  AND ')}`] : []),
    ...(dimensions.length > 0 ? [`GROUP BY\n    ${dimensions.join(', ')}`] : []),
    ...(parts.havings.length > 0 ? [`HAVING ${parts.havings.join('\n  AND ')}`] : []),
    ...(order.length > 0 ? [`ORDER BY\n    ${order.join(', ')}`] : []),
    ...(limit === undefined ? [] : [`FETCH NEXT ${limit} ROWS ONLY`]),
  ].join('\n');
}

function commonTables(scope: Scope, aliases: readonly string[]): string[] {
  const wanted = new Map<string, string>();
  const add = (name: string): void => {
    const view = scope.model.views.get(name);
    if (!view || view.table !== undefined || wanted.has(name)) return;
    if (view.derived === undefined) throw beyond(`the derived table of view "${name}"`);
    refuseLiquid(view.derived);
    const sql = view.derived.replace(/\$\{(\w+)\.SQL_TABLE_NAME\}/g, (_, other: string) => {
      add(other);
      return scope.model.views.get(other)?.table ?? other;
    });
    wanted.set(name, sql);
  };
  for (const alias of aliases) add(scope.view(alias).name);
  if (wanted.size === 0) return [];
  return [`WITH ${[...wanted].map(([name, sql]) => `${name} AS (${sql})`).join(',\n')}`];
}

/** `sorts`, or Looker's own order: the first date falling, else the first measure falling, else the first column. */
function orderOf(query: QueryBody, columns: readonly { name: string; found: Found }[]): string[] {
  if (query.sorts.includes('__UNSORTED__')) return [];
  const term = (index: number, falling: boolean): string =>
    `${index + 1}${falling ? ' DESC NULLS LAST' : ''}`;
  if (query.sorts.length > 0)
    return query.sorts.map((sort) => {
      const [name = '', direction = 'asc'] = sort.trim().split(/\s+/);
      const index = query.fields.indexOf(name);
      if (index < 0) throw new SqlFailure(`Sort "${sort}" names no field of the query.`);
      return term(index, /^desc$/i.test(direction));
    });
  const time = columns.findIndex(({ found }) => !isMeasure(found) && kindOf(found) === 'time');
  const measure = columns.findIndex(({ found }) => isMeasure(found));
  const first = time >= 0 ? time : measure;
  return first >= 0 ? [term(first, true)] : [term(0, false)];
}

/** "Invoices Total": the view's label, then the field's, as column headings have them. */
function labelOf({ alias, view, field }: Found, scope: Scope): string {
  const own = textOf(field.node, 'view_label') ?? scope.join(alias)?.label;
  const explore =
    alias === scope.explore.alias
      ? (textOf(scope.explore.node, 'view_label') ?? scope.explore.label)
      : undefined;
  return `${own ?? explore ?? view.label} ${field.label}`;
}
