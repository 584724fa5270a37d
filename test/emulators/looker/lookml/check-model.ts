// Checks a compiled model: joins lead to views, references to fields, measures and types fit together.
import type { Explore, Field, Model, ProjectProblem, View } from './model.ts';
import { blocks, filtersOf, listOf, textOf } from './parse.ts';

type Report = (problem: ProjectProblem) => void;

export const REFERENCE = /\$\{([A-Za-z0-9_.]+)\}/g;

export function checkModel(model: Model, report: Report): void {
  const datagroups = new Set(model.datagroups.map(({ name }) => name));
  const checkPersist = (name: string | undefined, file: string): void => {
    if (name !== undefined && !datagroups.has(name))
      report({ severity: 'error', message: `There is no datagroup "${name}"`, file, model: model.name });
  };
  checkPersist(textOf(model.node, 'persist_with'), model.files[0] ?? '');
  for (const explore of model.explores.values()) {
    checkPersist(textOf(explore.node, 'persist_with'), explore.file);
    checkExplore(explore, { model, report });
  }
  for (const view of model.views.values())
    for (const field of view.fields.values()) checkField(field, { view, model, report });
}

type Aliases = ReadonlyMap<string, View | undefined>;

function checkExplore(explore: Explore, { model, report }: { model: Model; report: Report }): void {
  const { file, name, node } = explore;
  const error = (message: string): void =>
    report({ severity: 'error', message, file, model: model.name, explore: name });
  const aliases: Aliases = new Map(
    [explore, ...explore.joins].map(({ alias, view }) => [alias, model.views.get(view)]),
  );
  for (const [alias] of [...aliases].filter(([, view]) => !view))
    error(`Explore "${name}" leads to view "${alias}", which the model does not include`);
  const expressions: [string, string | undefined][] = [
    ['sql_always_where', textOf(node, 'sql_always_where')],
    ['sql_always_having', textOf(node, 'sql_always_having')],
    ...explore.joins.map(({ alias, sqlOn }): [string, string | undefined] => [`join "${alias}"`, sqlOn]),
  ];
  for (const [where, sql] of expressions)
    for (const problem of unknownIn(sql ?? '', aliases)) error(`${problem} in ${where} of explore "${name}"`);
  for (const join of explore.joins)
    if (join.sqlOn === undefined && join.foreignKey === undefined && join.type !== 'cross')
      error(`Join "${join.alias}" of explore "${name}" has neither sql_on nor foreign_key`);
  const filters = ['always_filter', 'conditionally_filter'].flatMap((kind) =>
    blocks(node, kind).flatMap((block) => filtersOf(block).map(([field]) => ({ field, kind }))),
  );
  for (const { field, kind } of filters) {
    const [alias = '', member = ''] = field.includes('.') ? field.split('.') : [explore.alias, field];
    const known = aliases.get(alias)?.fields.has(member);
    if (!known) error(`Unknown field "${field}" in ${kind} of explore "${name}"`);
  }
}

/** References that lead nowhere in an explore. */
function unknownIn(sql: string, aliases: Aliases): string[] {
  return referencesIn(sql).flatMap((reference) => {
    const [alias = '', field] = reference.split('.');
    const view = aliases.get(alias);
    if (reference === 'TABLE') return [];
    if (field === undefined || !view) return [`"${reference}" names no view`];
    return field === 'SQL_TABLE_NAME' || view.fields.has(field) ? [] : [`Unknown field "${reference}"`];
  });
}

function checkField(
  field: Field,
  { view, model, report }: { view: View; model: Model; report: Report },
): void {
  const own = `${view.name}.${field.name}`;
  const problem = (severity: 'error' | 'warning', message: string): void =>
    report({ severity, message, file: field.file, model: model.name, field: own });
  // A reference into another view is right or wrong in an explore; it is looked at when the explore is asked.
  const plain = referencesIn(field.sql ?? '').filter((name) => name !== 'TABLE' && !name.includes('.'));
  for (const reference of plain) {
    const target = view.fields.get(reference);
    if (!target) problem('error', `Unknown field "${reference}" in "${own}"`);
    if (field.category === 'dimension' && target?.category === 'measure')
      problem('error', `Dimension "${own}" refers to measure "${reference}"`);
  }
  const isUnknown = (name: string): boolean =>
    !name.includes('.') && !name.endsWith('*') && !view.fields.has(name);
  for (const [filtered] of filtersOf(field.node))
    if (isUnknown(filtered)) problem('error', `Unknown field "${filtered}" in filters of "${own}"`);
  for (const drilled of listOf(field.node, 'drill_fields').filter(isUnknown))
    problem('warning', `Unknown field "${drilled}" in drill_fields of "${own}"`);
}

export const referencesIn = (sql: string): string[] =>
  [...sql.matchAll(REFERENCE)].map(([, name = '']) => name);
