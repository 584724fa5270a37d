// A filter on a field as a SQL condition, by the kind of its values.
import { beyond } from '../answers.ts';
import { dimensionSql, kindOf, momentSql, type Setting } from './dimension.ts';
import { dateFilter } from './filter-date.ts';
import { numberFilter } from './filter-number.ts';
import { stringFilter, yesnoFilter } from './filter-string.ts';
import { refuseOtherWeeks } from './refused.ts';
import { enclosed, type Found } from './scope.ts';

export interface FilterSetting extends Setting {
  /** ms since the epoch: "today" and "last month" are reckoned from it. */
  readonly now: number;
}

/** The condition on a dimension; undefined where every value is welcome. */
export function dimensionFilter(
  found: Found,
  expression: string,
  setting: FilterSetting,
): string | undefined {
  const kind = kindOf(found);
  const sql = enclosed(dimensionSql(found, setting));
  const condition = (): string | undefined | false => {
    if (kind === 'string') return stringFilter(sql, expression);
    if (kind === 'yesno') return yesnoFilter(sql, expression);
    if (kind === 'number') return numberFilter(sql, expression);
    refuseOtherWeeks(expression, setting.scope.model);
    return dateFilter(momentSql(found, setting), expression, wallClock(setting));
  };
  return understood(condition(), expression, found);
}

/** The condition on a measure, for HAVING. */
export function measureFilter(sql: string, expression: string, found: Found): string | undefined {
  const { type } = found.field;
  const condition =
    type === 'string' || type === 'list' ? stringFilter(sql, expression) : numberFilter(sql, expression);
  return understood(condition, expression, found);
}

function understood(
  condition: string | undefined | false,
  expression: string,
  { alias, field }: Found,
): string | undefined {
  if (condition === false) throw beyond(`the filter "${expression}" on "${alias}.${field.name}"`);
  return condition;
}

/** The wall clock of the query's zone, written as if it were UTC. */
function wallClock({ now, zones }: FilterSetting): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zones.query,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  }).formatToParts(now);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}
