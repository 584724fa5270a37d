// The SQL of measures: aggregates, filtered ones, and symmetric ones where a join repeats rows.
import { beyond } from '../answers.ts';
import { SqlFailure } from '../engine.ts';
import { filtersOf, textOf } from '../lookml/parse.ts';
import { dimensionSql } from './dimension.ts';
import { dimensionFilter, type FilterSetting } from './filters.ts';
import { refuseInField } from './refused.ts';
import { enclosed, type Found } from './scope.ts';

export interface MeasureSetting extends FilterSetting {
  /** Whether the joins of the query repeat the rows of a view. */
  readonly repeats: (alias: string) => boolean;
}

const AGGREGATES = ['sum', 'average', 'count', 'count_distinct', 'min', 'max', 'median', 'list'];

/** The aggregate expression of a measure. */
export function measureSql(found: Found, setting: MeasureSetting): string {
  const { field, alias } = found;
  const { type } = field;
  refuseInField(field, setting.scope.model);
  if (type === 'number' || type === 'string' || type === 'date' || type === 'yesno' || type === 'int')
    return setting.scope.expand(field.sql ?? '', alias, (other) =>
      enclosed(
        other.field.category === 'measure' ? measureSql(other, setting) : dimensionSql(other, setting),
      ),
    );
  if (type === 'sum_distinct' || type === 'average_distinct') return distinctSql(found, setting);
  if (!AGGREGATES.includes(type)) throw beyond(`measure "${alias}.${field.name}" of type "${type}"`);
  return aggregateSql(found, setting);
}

function aggregateSql(found: Found, setting: MeasureSetting): string {
  const { field, alias } = found;
  const condition = conditionOf(found, setting);
  const only = (sql: string): string =>
    condition === undefined ? sql : `CASE WHEN ${condition} THEN ${sql} ELSE NULL END`;
  if (field.type === 'count') return countSql(found, { setting, only, filtered: condition !== undefined });
  const value = only(valueSql(found, setting));
  switch (field.type) {
    case 'count_distinct':
      return `COUNT(DISTINCT ${value})`;
    case 'min':
      return `MIN(${value})`;
    case 'max':
      return `MAX(${value})`;
    case 'list':
      return `STRING_AGG(DISTINCT ${value}::text, '|RECORD|')`;
    default:
      break;
  }
  if (!setting.repeats(alias)) {
    if (field.type === 'sum') return `COALESCE(SUM(${value}), 0)`;
    if (field.type === 'average') return `AVG(${value})`;
    return `PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY ${value})`;
  }
  if (field.type === 'median') throw beyond(`a median over repeated rows ("${alias}.${field.name}")`);
  return symmetricSql(value, keySql(found, setting), field.type);
}

/** Measures aggregate dimensions: another measure inside is an error in Looker too. */
function valueSql({ field, alias }: Found, setting: MeasureSetting): string {
  if (field.sql === undefined) throw new SqlFailure(`Measure "${alias}.${field.name}" has no sql.`);
  return enclosed(
    setting.scope.expand(field.sql, alias, (other) => {
      if (other.field.category === 'measure')
        throw new SqlFailure(`Measure "${alias}.${field.name}" aggregates measure "${other.field.name}".`);
      return enclosed(dimensionSql(other, setting));
    }),
  );
}

/** Rows of the view, however often joins repeat them, and not the empty ones of an outer join. */
function countSql(
  found: Found,
  { setting, only, filtered }: { setting: MeasureSetting; only: (sql: string) => string; filtered: boolean },
): string {
  const { scope } = setting;
  const { alias } = found;
  scope.used.add(alias);
  const alone = alias === scope.explore.alias && !setting.repeats(alias);
  if (alone) return filtered ? `COUNT(${only('1')})` : 'COUNT(*)';
  return `COUNT(DISTINCT ${only(keySql(found, setting))})`;
}

function conditionOf({ field, alias }: Found, setting: MeasureSetting): string | undefined {
  const conditions = filtersOf(field.node).flatMap(([name, expression]) => {
    const other = setting.scope.resolve(name, alias);
    setting.scope.used.add(other.alias);
    const condition = dimensionFilter(other, expression, setting);
    return condition === undefined ? [] : [`(${condition})`];
  });
  return conditions.length === 0 ? undefined : conditions.join(' AND ');
}

/** The primary key of the measure's view: without one, what joins repeat cannot be told apart. */
function keySql({ view, alias, field }: Found, setting: MeasureSetting): string {
  const key = [...view.fields.values()].find((one) => one.primaryKey);
  if (!key)
    throw new SqlFailure(
      `Measure "${alias}.${field.name}" is not computable: view "${view.name}" has no primary key and a join repeats its rows.`,
    );
  return enclosed(dimensionSql({ alias, view, field: key }, setting));
}

/**
 * Looker's symmetric aggregate: each value is made unique by a large number of its key, summed once per key, and
 * the large numbers taken off again. Looker rounds to six decimals on the way; NUMERIC keeps every digit.
 */
function symmetricSql(value: string, key: string, type: string): string {
  const half = (start: number): string =>
    `('x' || SUBSTR(MD5(${key}::text), ${start}, 15))::bit(60)::bigint::numeric`;
  const hash = `(${half(1)} * 1152921504606846976 + ${half(16)}) * 1000000000000`;
  const sum = `SUM(DISTINCT CASE WHEN ${value} IS NULL THEN NULL ELSE ${value}::numeric + ${hash} END) - SUM(DISTINCT CASE WHEN ${value} IS NULL THEN NULL ELSE ${hash} END)`;
  if (type === 'sum') return `COALESCE(${sum}, 0)`;
  return `(${sum}) / NULLIF(COUNT(DISTINCT CASE WHEN ${value} IS NULL THEN NULL ELSE ${key} END), 0)`;
}

/** sum_distinct and average_distinct name their key themselves. */
function distinctSql(found: Found, setting: MeasureSetting): string {
  const { field, alias } = found;
  const key = textOf(field.node, 'sql_distinct_key');
  if (key === undefined) throw new SqlFailure(`Measure "${alias}.${field.name}" has no sql_distinct_key.`);
  const keyed = enclosed(
    setting.scope.expand(key.trim(), alias, (other) => enclosed(dimensionSql(other, setting))),
  );
  const condition = conditionOf(found, setting);
  const value = valueSql(found, setting);
  const kept = condition === undefined ? value : `CASE WHEN ${condition} THEN ${value} ELSE NULL END`;
  return symmetricSql(enclosed(kept), keyed, field.type === 'sum_distinct' ? 'sum' : 'average');
}
