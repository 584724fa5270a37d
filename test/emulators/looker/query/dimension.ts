// The SQL of dimensions: plain, yesno, dates in the query's time zone, timeframes, cases and durations.
import { beyond } from '../answers.ts';
import { blocks, flagOf, textOf } from '../lookml/parse.ts';
import { fiscalTimeframes, timeframes } from '../lookml/timeframes.ts';
import { refuseInField } from './refused.ts';
import { enclosed, type Found, type Scope } from './scope.ts';

/** Time zones of a query; dates shift from the database's to the query's where they differ. */
export interface Zones {
  readonly database: string;
  readonly query: string;
}

export interface Setting {
  readonly scope: Scope;
  readonly zones: Zones;
}

/** How values of a dimension are compared: what kind of filter it takes. */
export type Kind = 'string' | 'number' | 'yesno' | 'time';

export function kindOf({ field }: Found): Kind {
  const { group, type } = field;
  if (group && type === 'time')
    return (timeframes[group.frame] ?? fiscalTimeframes[group.frame])?.kind ?? 'time';
  if (group) return 'number';
  if (type === 'yesno') return 'yesno';
  if (type === 'number' || type === 'int') return 'number';
  return /^date/.test(type) ? 'time' : 'string';
}

/** The dimension as another expression refers to it. */
export function dimensionSql(found: Found, setting: Setting): string {
  const { field, alias } = found;
  if (field.category !== 'dimension') throw beyond(`a ${field.category} where a dimension is needed`);
  refuseInField(field, setting.scope.model);
  if (field.group && field.type === 'duration') return durationSql(found, setting);
  if (field.group) return timeframeSql(found, setting);
  const [cases] = blocks(field.node, 'case');
  if (cases) return caseSql(found, setting);
  const plain = rawSql(found, setting);
  switch (field.type) {
    case 'string':
    case 'number':
    case 'int':
    case 'yesno':
    case 'zipcode':
    case 'date_raw':
      return plain;
    case 'date':
      return `(DATE(${zoned(plain, found, setting)}))`;
    case 'date_date':
      return `(DATE(${zoned(plain, found, setting)}))`;
    case 'date_time':
      return timeframes.time?.sql(zoned(plain, found, setting)) ?? plain;
    default:
      throw beyond(`dimension "${alias}.${field.name}" of type "${field.type}"`);
  }
}

/** The dimension as a column of the answer: yesno reads "Yes" and "No". */
export function selectedSql(found: Found, setting: Setting): string {
  const sql = dimensionSql(found, setting);
  return found.field.type === 'yesno' ? `CASE WHEN ${sql} THEN 'Yes' ELSE 'No' END` : sql;
}

/** The column or expression before any timeframe. */
export function rawSql({ field, alias }: Found, setting: Setting): string {
  const sql = field.sql ?? `\${TABLE}.${field.group?.name ?? field.name}`;
  const expanded = setting.scope.expand(sql, alias, (other) => enclosed(dimensionSql(other, setting)));
  return expanded;
}

/** The moment that date filters compare with: in the zone of the query. */
export function momentSql(found: Found, setting: Setting): string {
  return zoned(rawSql(found, setting), found, setting);
}

/** Moves a moment between zones; a pure date must say `convert_tz: no`, or it shifts as in Looker (looker.md 4). */
function zoned(sql: string, { field }: Found, { zones }: Setting): string {
  if (zones.database === zones.query || !flagOf(field.node, 'convert_tz', true))
    return enclosed(stored(sql, field.node));
  return `(${enclosed(stored(sql, field.node))}::timestamptz AT TIME ZONE '${zones.query.replaceAll("'", "''")}')`;
}

/** `datatype`: how the column holds its moment. */
function stored(sql: string, node: Found['field']['node']): string {
  const datatype = textOf(node, 'datatype') ?? 'datetime';
  if (datatype === 'epoch') return `TO_TIMESTAMP(${sql})`;
  if (datatype === 'yyyymmdd') return `TO_DATE(${sql}::text, 'YYYYMMDD')`;
  return sql;
}

function timeframeSql(found: Found, setting: Setting): string {
  const { field, alias } = found;
  const frame = field.group?.frame ?? '';
  if (frame === 'raw') return rawSql(found, setting);
  const plain = timeframes[frame];
  if (plain) return plain.sql(zoned(rawSql(found, setting), found, setting));
  const fiscal = fiscalTimeframes[frame];
  if (!fiscal) throw beyond(`timeframe "${frame}" of "${alias}.${field.group?.name}"`);
  const offset = setting.scope.model.fiscalOffset;
  // A year that starts in April (offset 3) is moved three months back: its first month becomes the first.
  return fiscal.sql(`(${zoned(rawSql(found, setting), found, setting)} - INTERVAL '${offset} months')`);
}

function caseSql({ field, alias }: Found, setting: Setting): string {
  const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  const [cases = {}] = blocks(field.node, 'case');
  const whens = blocks(cases, 'when').map((one) => {
    const condition = setting.scope.expand(textOf(one, 'sql')?.trim() ?? '', alias, (other) =>
      enclosed(dimensionSql(other, setting)),
    );
    return `WHEN ${condition} THEN ${literal(textOf(one, 'label') ?? '')}`;
  });
  const otherwise = textOf(cases, 'else');
  return `CASE ${whens.join(' ')}${otherwise === undefined ? '' : ` ELSE ${literal(otherwise)}`} END`;
}

const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};

/** Whole elapsed units between two moments. */
function durationSql({ field, alias }: Found, setting: Setting): string {
  const frame = field.group?.frame ?? '';
  const seconds = SECONDS[frame];
  if (seconds === undefined) throw beyond(`interval "${frame}" of "${alias}.${field.group?.name}"`);
  const side = (key: string): string =>
    setting.scope.expand(textOf(field.node, key)?.trim() ?? '', alias, (other) =>
      enclosed(dimensionSql(other, setting)),
    );
  const elapsed = `EXTRACT(EPOCH FROM (${side('sql_end')})::timestamp - (${side('sql_start')})::timestamp)`;
  return `(TRUNC(${elapsed} / ${seconds})::bigint)`;
}
