// Dashboards: those imported from LookML, and those that are LookML in the projects.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { stringify } from 'yaml';
import { ApiFailure, invalid, missing, notFound, nothing, wrong } from './answers.ts';
import type { Folders } from './folders.ts';
import { dashboardsIn } from './lookml/compile.ts';
import type { Node } from './lookml/parse.ts';
import type { Models } from './models.ts';
import type { Queries } from './query/queries.ts';
import { describeQuery, queryOf } from './query/request.ts';
import { type Call, type Routes, route } from './routes.ts';

interface Dashboard {
  readonly id: string;
  readonly slug: string;
  folder: string;
  source: Node;
  deleted: boolean;
  updatedAt: number;
}

export interface Dashboards {
  readonly routes: Routes;
  exists(id: string): boolean;
}

interface Parts {
  readonly folders: Folders;
  readonly models: Models;
  readonly queries: Queries;
  readonly now: () => number;
}

export function dashboards(parts: Parts): Dashboards {
  const list = new Map<string, Dashboard>();
  const lookml = (): ReadonlyMap<string, Node> =>
    new Map(parts.models.inProduction().flatMap(({ compiled }) => [...compiled.dashboards]));
  const of = (id = ''): Dashboard => {
    const found = list.get(id) ?? [...list.values()].find(({ slug }) => slug === id);
    if (!found) throw notFound();
    return found;
  };
  const show = (one: Dashboard): Record<string, unknown> => describe(one, parts);
  const fromLookml = (id: string, source: Node): Record<string, unknown> => ({
    ...describe({ id, slug: '', folder: '1', source, deleted: false, updatedAt: parts.now() }, parts),
    readonly: true,
  });
  const save = { needs: ['save_dashboards'] } as const;
  const imported = (call: Call, fresh: boolean): ReturnType<Call['answer']> =>
    call.answer(show(importOne(call.body, { list, parts, fresh })));
  const mutable = (id = ''): Dashboard => {
    if (lookml().has(id)) throw new ApiFailure(405, 'LookML dashboards are changed in their project.');
    return of(id);
  };
  const routes: Routes = {
    'GET /dashboards': route('non_query', ({ answer }) => {
      const own = [...list.values()].filter(({ deleted }) => !deleted).map(show);
      return answer([...own, ...[...lookml()].map(([id, source]) => fromLookml(id, source))].map(short));
    }),
    'GET /dashboards/search': route('non_query', ({ query, answer }) => {
      const matches = (one: Dashboard): boolean =>
        (!query.has('slug') || one.slug === query.get('slug')) &&
        (!query.has('title') || String(one.source.title) === query.get('title')) &&
        (!query.has('folder_id') || one.folder === query.get('folder_id')) &&
        one.deleted === (query.get('deleted') === 'true');
      return answer([...list.values()].filter(matches).map(show));
    }),
    'POST /dashboards/lookml': route('non_query', (call) => imported(call, false), save),
    'POST /dashboards/from_lookml': route('non_query', (call) => imported(call, true), save),
    'GET /dashboards/lookml/*': route('non_query', ({ parts: [id], answer }) => {
      const { id: dashboard_id, folder, source } = of(id);
      return answer({ dashboard_id, folder_id: folder, lookml: stringify([source]) });
    }),
    'GET /dashboards/*': route('non_query', ({ parts: [id = ''], answer }) => {
      const source = lookml().get(id);
      return answer(source ? fromLookml(id, source) : show(of(id)));
    }),
    'PATCH /dashboards/*': route(
      'non_query',
      ({ parts: [id], body, answer }) => {
        const one = mutable(id);
        if (typeof body.title === 'string') one.source = { ...one.source, title: body.title };
        if (typeof body.deleted === 'boolean') one.deleted = body.deleted;
        if (typeof body.folder_id === 'string') one.folder = body.folder_id;
        return answer(show(one));
      },
      save,
    ),
    'DELETE /dashboards/*': route(
      'non_query',
      ({ parts: [id] }) => {
        list.delete(mutable(id).id);
        return nothing();
      },
      save,
    ),
    'GET /dashboards/*/dashboard_elements': route('non_query', ({ parts: [id], answer }) =>
      answer(show(of(id)).dashboard_elements),
    ),
    'GET /dashboards/*/dashboard_filters': route('non_query', ({ parts: [id], answer }) =>
      answer(show(of(id)).dashboard_filters),
    ),
  };
  return {
    routes,
    exists: (id) => lookml().has(id) || list.has(id) || [...list.values()].some(({ slug }) => slug === id),
  };
}

/** Creates, or overwrites by `preferred_slug` (unless a new one is asked for). */
function importOne(
  body: Readonly<Record<string, unknown>>,
  { list, parts, fresh }: { list: Map<string, Dashboard>; parts: Parts; fresh: boolean },
): Dashboard {
  if (typeof body.lookml !== 'string') throw invalid(missing('lookml'));
  const folder = typeof body.folder_id === 'string' ? body.folder_id : undefined;
  if (folder !== undefined && !parts.folders.describe(folder))
    throw invalid(wrong('folder_id', 'is no folder'));
  const problems: string[] = [];
  const [source, ...others] = dashboardsIn('lookml', {
    source: body.lookml,
    report: ({ message }) => problems.push(message),
  });
  if (!source || others.length > 0 || problems.length > 0)
    throw invalid(wrong('lookml', problems[0] ?? 'must hold one dashboard'));
  const wanted = typeof source.preferred_slug === 'string' ? source.preferred_slug : undefined;
  const same = [...list.values()].find(({ slug }) => wanted !== undefined && slug === wanted);
  if (same && fresh) throw new ApiFailure(409, `A dashboard with slug "${wanted}" already exists.`);
  if (same) {
    Object.assign(same, { source, deleted: false, updatedAt: parts.now(), folder: folder ?? same.folder });
    return same;
  }
  const id = String(list.size + 1);
  const slug = wanted ?? `slug${id.padStart(18, '0')}`;
  const made = { id, slug, folder: folder ?? '1', source, deleted: false, updatedAt: parts.now() };
  list.set(id, made);
  return made;
}

const blocksIn = (source: Node, key: string): Node[] =>
  Array.isArray(source[key]) ? source[key].filter(isObject) : [];

const textIn = (node: Node, key: string): string | null =>
  node[key] === undefined || node[key] === null ? null : String(node[key]);

function describe(one: Dashboard, { folders, queries }: Parts): Record<string, unknown> {
  const { source } = one;
  const at = new Date(one.updatedAt).toISOString();
  return {
    can: { show: true, update: true },
    ...{
      id: one.id,
      title: textIn(source, 'title'),
      description: textIn(source, 'description'),
      slug: one.slug,
    },
    ...{
      folder: folders.describe(one.folder) ?? { name: '' },
      folder_id: one.folder,
      readonly: false,
      hidden: false,
    },
    ...{ deleted: one.deleted, created_at: at, updated_at: at, url: `/dashboards/${one.slug || one.id}` },
    ...{
      crossfilter_enabled: source.crossfilter_enabled === true,
      preferred_viewer: textIn(source, 'preferred_viewer'),
    },
    dashboard_elements: blocksIn(source, 'elements').map((element, index) =>
      describeElement(element, { one, index, queries }),
    ),
    dashboard_filters: blocksIn(source, 'filters').map((filter, index) =>
      describeFilter(filter, { one, index }),
    ),
    dashboard_layouts: [],
  };
}

function describeElement(
  element: Node,
  { one, index, queries }: { one: Dashboard; index: number; queries: Queries },
): Record<string, unknown> {
  const title = textIn(element, 'title') ?? textIn(element, 'name');
  const shared = { can: {}, id: `${one.id}-${index + 1}`, dashboard_id: one.id, title };
  if (element.type === 'text' || element.model === undefined)
    return {
      ...shared,
      type: 'text',
      title_text: textIn(element, 'title_text'),
      body_text: textIn(element, 'body_text'),
    };
  const query: Record<string, unknown> = { ...element, view: element.explore, total: element.total === true };
  if (element.limit !== undefined) query.limit = String(element.limit);
  for (const key of ['row_total', 'query_timezone', 'vis_config', 'filter_config', 'dynamic_fields'])
    delete query[key];
  if (element.dynamic_fields !== undefined) query.dynamic_fields = JSON.stringify(element.dynamic_fields);
  const id = queries.keep(query);
  return { ...shared, type: 'vis', query_id: id, query: describeQuery(id, queryOf(query)) };
}

function describeFilter(
  filter: Node,
  { one, index }: { one: Dashboard; index: number },
): Record<string, unknown> {
  return {
    can: {},
    ...{
      id: `${one.id}-${index + 1}`,
      dashboard_id: one.id,
      name: textIn(filter, 'name'),
      title: textIn(filter, 'title'),
    },
    ...{
      type: textIn(filter, 'type'),
      default_value: textIn(filter, 'default_value'),
      model: textIn(filter, 'model'),
    },
    ...{
      explore: textIn(filter, 'explore'),
      dimension: textIn(filter, 'field'),
      row: index,
      required: filter.required === true,
    },
    ...{ allow_multiple_values: filter.allow_multiple_values !== false },
    listens_to_filters: Array.isArray(filter.listens_to_filters) ? filter.listens_to_filters.map(String) : [],
    ui_config: isObject(filter.ui_config) ? filter.ui_config : null,
  };
}

/** `GET /dashboards` lists the short form. */
function short(one: Record<string, unknown>): Record<string, unknown> {
  const { can, id, title, description, folder, readonly, hidden, slug } = one;
  return { can, id, title, description, folder, readonly, hidden, slug };
}
