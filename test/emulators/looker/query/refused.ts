// Parameters of LookML that would change figures and are not imitated: a query that meets one is refused.
import { beyond } from '../answers.ts';
import type { Explore, Field, Model } from '../lookml/model.ts';
import { blocks, flagOf, type Node, textOf } from '../lookml/parse.ts';

const OF_EXPLORES = ['sql_preamble', 'sql_table_name', 'access_filter'];
const OF_JOINS = ['sql_where', 'sql_table_name', 'sql_foreign_key', 'outer_only'];
const OF_MEASURES = ['fanout_on', 'approximate', 'percentile'];
const BY_WEEK = ['week', 'week_of_year', 'day_of_week_index'];

/** What the explore and its model say beyond their fields. */
export function refuseInExplore(explore: Explore, model: Model): void {
  const where = `explore "${explore.name}"`;
  refuse(explore.node, OF_EXPLORES, where);
  for (const node of [explore.node, model.node])
    if (!flagOf(node, 'case_sensitive', true)) throw beyond(`"case_sensitive: no" (${where})`);
  if (!flagOf(explore.node, 'symmetric_aggregates', true))
    throw beyond(`"symmetric_aggregates: no" (${where})`);
  for (const join of explore.joins) refuse(join.node, OF_JOINS, `join "${join.alias}" of ${where}`);
}

/** What a field says; weeks are known to start on Monday alone. */
export function refuseInField({ name, node, category, type, group }: Field, model: Model): void {
  if (category === 'measure') refuse(node, OF_MEASURES, `measure "${name}"`);
  const keyed = textOf(node, 'sql_distinct_key') !== undefined && !type.endsWith('_distinct');
  if (keyed) throw beyond(`"sql_distinct_key" of measure "${name}"`);
  refuseOtherWeeks(group && BY_WEEK.includes(group.frame) ? 'week' : '', model);
}

/** Refuses text that speaks of weeks where they start on another day than Monday. */
export function refuseOtherWeeks(text: string, { node }: Model): void {
  const start = textOf(node, 'week_start_day') ?? 'monday';
  if (start !== 'monday' && /week/i.test(text)) throw beyond(`weeks that start on ${start}`);
}

function refuse(node: Node, parameters: readonly string[], where: string): void {
  for (const name of parameters)
    if (node[name] !== undefined || blocks(node, name).length > 0) throw beyond(`"${name}" of ${where}`);
}
