// What an explore consists of, and whether a project is right: both read off the compiled LookML.
import { createHash } from 'node:crypto';
import { notFound, nothing } from './answers.ts';
import {
  type Explore,
  type Field,
  humanized,
  type Model,
  type ProjectProblem,
  type View,
} from './lookml/model.ts';
import { blocks, filtersOf, listOf, textOf } from './lookml/parse.ts';
import { compiled, type Models } from './models.ts';
import type { Project, Workspace } from './projects/project.ts';
import type { Projects } from './projects/projects.ts';
import { kindOf } from './query/dimension.ts';
import { type Call, type Routes, route } from './routes.ts';

export function exploreRoutes({
  models,
  projects,
  dialect,
}: {
  models: Models;
  projects: Projects;
  dialect: string;
}): Routes {
  return {
    'GET /lookml_models/*/explores/*': route(
      'non_query',
      ({ parts: [name = '', exploreName = ''], caller, answer }) => {
        const model = models.find(name, caller);
        const explore = model.explores.get(exploreName);
        if (!explore) throw notFound();
        const project = models.configured.get(name)?.project ?? '';
        return answer(describeExplore(explore, { model, project, dialect }));
      },
      { needs: ['explore'] },
    ),
    ...validationRoutes(projects),
    'GET /projects/*/manifest': route(
      'non_query',
      (call) => {
        const { files } = projects.get(call.parts[0] ?? '').workspace(call.caller);
        if (!files.has('manifest.lkml')) throw notFound();
        return call.answer({ can: {}, name: compiled(files).manifest ?? null, imports: [] });
      },
      { needs: ['develop'] },
    ),
    'POST /projects/*/manifest/lock_all': route('non_query', () => nothing(), { needs: ['develop'] }),
    'GET /projects/*/lookml_tests': route('non_query', ({ answer }) => answer([]), { needs: ['develop'] }),
    'GET /projects/*/lookml_tests/run': route('non_query', ({ answer }) => answer([]), {
      needs: ['develop'],
    }),
  };
}

function validationRoutes(projects: Projects): Routes {
  const cached = new WeakMap<Workspace, { digest: string; body: Record<string, unknown> }>();
  const of = (call: Call): { project: Project; workspace: Workspace } => {
    const project = projects.get(call.parts[0] ?? '');
    return { project, workspace: project.workspace(call.caller) };
  };
  const digestOf = ({ files }: Workspace): string =>
    createHash('sha1')
      .update(JSON.stringify([...files]))
      .digest('hex');
  return {
    'POST /projects/*/validate': route(
      'non_query',
      (call) => {
        const { workspace } = of(call);
        const digest = digestOf(workspace);
        const errors = compiled(workspace.files).problems.map(describeProblem);
        const body = { errors, project_digest: digest, models_not_validated: [], computation_time: 0.05 };
        cached.set(workspace, { digest, body });
        return call.answer(body);
      },
      { needs: ['develop'] },
    ),
    'GET /projects/*/validate': route(
      'non_query',
      (call) => {
        const { workspace } = of(call);
        const found = cached.get(workspace);
        if (!found) return nothing();
        return call.answer({ ...found.body, stale: found.digest !== digestOf(workspace) });
      },
      { needs: ['develop'] },
    ),
  };
}

function describeProblem(problem: ProjectProblem): Record<string, unknown> {
  const { severity, message, file, line, model, explore, field } = problem;
  return {
    ...{
      code: 'lookml_problem',
      severity,
      kind: message.startsWith('Syntax') ? 'syntax' : 'lookml',
      message,
    },
    ...{
      sanitized_message: message.replace(/"[^"]*"/g, '"..."'),
      file_path: file,
      line_number: line ?? null,
    },
    ...{ model_id: model ?? null, explore: explore ?? null, field_name: field ?? null },
    ...{ help_url: 'https://cloud.google.com/looker/docs/lookml-validation', params: {} },
  };
}

interface Context {
  readonly model: Model;
  readonly project: string;
  readonly dialect: string;
}

function describeExplore(explore: Explore, context: Context): Record<string, unknown> {
  const { model, project, dialect } = context;
  const base = model.views.get(explore.view);
  const places: { alias: string; view: View; label: string }[] = [];
  const add = (alias: string, name: string, label: string | undefined): void => {
    const view = model.views.get(name);
    if (view) places.push({ alias, view, label: label ?? view.label });
  };
  add(explore.alias, explore.view, textOf(explore.node, 'view_label') ?? explore.label);
  for (const join of explore.joins)
    add(join.alias, join.view, join.label ?? model.views.get(join.view)?.label);
  const fields = places.flatMap((place) =>
    [...place.view.fields.values()].map((field) => describeField(field, { ...place, context })),
  );
  const of = (category: string): unknown[] => fields.filter((field) => field.category === category);
  const filters = (kind: string): unknown[] =>
    blocks(explore.node, kind).flatMap((block) => filtersOf(block).map(([name, value]) => ({ name, value })));
  return {
    ...{
      id: `${model.name}::${explore.name}`,
      name: explore.name,
      label: explore.label,
      title: explore.label,
    },
    ...{ description: textOf(explore.node, 'description') ?? null, hidden: explore.node.hidden === true },
    ...{ model_name: model.name, view_name: base?.name ?? explore.view, project_name: project },
    ...{ connection_name: model.connection, dialect_name: dialect, sql_table_name: base?.table ?? null },
    ...{
      scopes: places.map(({ alias }) => alias),
      tags: listOf(explore.node, 'tags'),
      source_file: explore.file,
    },
    ...{
      group_label: textOf(explore.node, 'group_label') ?? model.label,
      can_total: true,
      can_pivot_in_db: true,
    },
    ...{ can_develop: true, can_see_lookml: true, can_save: true, can_explain: true, can_subtotal: true },
    ...{ has_timezone_support: true, supports_cost_estimate: false, files: [...model.files], errors: null },
    always_filter: filters('always_filter'),
    conditionally_filter: filters('conditionally_filter'),
    fields: {
      dimensions: of('dimension'),
      measures: of('measure'),
      filters: of('filter'),
      parameters: of('parameter'),
    },
    joins: explore.joins.map((join) => ({
      ...{ name: join.alias, from: join.view, type: join.type, relationship: join.relationship },
      ...{ sql_on: join.sqlOn ?? null, required_joins: [...join.requires], view_label: join.label ?? null },
    })),
  };
}

function describeField(
  field: Field,
  { alias, view, label, context }: { alias: string; view: View; label: string; context: Context },
): Record<string, unknown> {
  const { node, category, group } = field;
  const numeric =
    category === 'measure'
      ? !['string', 'list', 'date', 'yesno'].includes(field.type)
      : isNumeric(field, { alias, view });
  const view_label = textOf(node, 'view_label') ?? label;
  return {
    ...{
      name: `${alias}.${field.name}`,
      category,
      type: typeOf(field),
      view: alias,
      original_view: view.name,
    },
    ...{ label: `${view_label} ${field.label}`, label_short: field.label, view_label, scope: alias },
    ...{
      description: textOf(node, 'description') ?? null,
      hidden: field.hidden,
      primary_key: field.primaryKey,
    },
    ...{
      measure: category === 'measure',
      parameter: category === 'parameter',
      is_filter: category === 'filter',
    },
    ...{
      is_numeric: numeric,
      align: numeric ? 'right' : 'left',
      sql: field.sql ?? null,
      tags: listOf(node, 'tags'),
    },
    ...{
      is_timeframe: group !== undefined && field.type === 'time',
      dimension_group: group ? `${alias}.${group.name}` : null,
    },
    ...{
      field_group_label: textOf(node, 'group_label') ?? (group ? humanized(group.name) : null),
      sortable: true,
    },
    ...{
      field_group_variant: textOf(node, 'group_item_label') ?? (group ? humanized(group.frame) : field.label),
    },
    ...{
      value_format: textOf(node, 'value_format') ?? null,
      value_format_name: textOf(node, 'value_format_name') ?? null,
    },
    ...{
      drill_fields: listOf(node, 'drill_fields'),
      can_filter: true,
      suggestable: !numeric,
      dynamic: false,
    },
    ...{
      project_name: context.project,
      source_file: field.file,
      source_file_path: `${context.project}/${field.file}`,
    },
    ...{
      suggest_dimension: `${alias}.${field.name}`,
      suggest_explore: alias,
      week_start_day: 'monday',
      times_used: 0,
    },
    ...{
      has_allowed_values: false,
      is_fiscal: group?.frame.startsWith('fiscal') ?? false,
      fiscal_month_offset: context.model.fiscalOffset,
    },
  };
}

const isNumeric = (field: Field, { alias, view }: { alias: string; view: View }): boolean =>
  field.category === 'dimension' && kindOf({ field, alias, view }) === 'number';

const typeOf = ({ type, group }: Field): string =>
  group && type === 'time' ? `date_${group.frame}` : group ? 'number' : type;
