// A query as the API takes it, and as it is given back.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { beyond, invalid, missing } from '../answers.ts';

export interface QueryBody {
  readonly model: string;
  readonly view: string;
  readonly fields: readonly string[];
  readonly filters: Readonly<Record<string, string>>;
  readonly sorts: readonly string[];
  readonly pivots: readonly string[];
  /** "500", "-1" for all; null: the default of the instance. */
  readonly limit: string | null;
  readonly queryTimezone: string | null;
  /** The fields of the body as they came, for the description. */
  readonly given: Readonly<Record<string, unknown>>;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Parts of a query that change its figures and are not imitated: refused instead of ignored. */
const refused = ['filter_expression', 'dynamic_fields', 'fill_fields', 'subtotals', 'total', 'row_total'];

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  value === '[]' ||
  (Array.isArray(value) && value.length === 0);

export function queryOf(body: Readonly<Record<string, unknown>>): QueryBody {
  const { model, view } = body;
  const absent = [
    ...(typeof model === 'string' ? [] : ['model']),
    ...(typeof view === 'string' ? [] : ['view']),
  ];
  if (typeof model !== 'string' || typeof view !== 'string') throw invalid(...absent.map(missing));
  const filters = isObject(body.filters) ? body.filters : {};
  return {
    ...{ model, view, fields: texts(body.fields), sorts: texts(body.sorts), pivots: texts(body.pivots) },
    filters: Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)])),
    limit: body.limit === undefined || body.limit === null ? null : String(body.limit),
    queryTimezone: typeof body.query_timezone === 'string' ? body.query_timezone : null,
    given: body,
  };
}

/** Said when a query runs, not when it is made: a dashboard may hold what nobody runs here. */
export function refuseBeyond({ given }: QueryBody): void {
  for (const name of refused) if (!isEmpty(given[name])) throw beyond(`"${name}" of a query`);
}

const kept = [
  ...['model', 'view', 'fields', 'pivots', 'fill_fields', 'filters', 'filter_expression', 'sorts', 'limit'],
  ...['column_limit', 'total', 'row_total', 'subtotals', 'vis_config', 'filter_config', 'dynamic_fields'],
  ...['query_timezone', 'visible_ui_sections'],
];

export function describeQuery(id: string, { given }: QueryBody): Record<string, unknown> {
  const fields = Object.fromEntries(kept.map((name) => [name, given[name] ?? null]));
  return { can: { run: true, explore: true }, id, slug: id, ...fields, has_table_calculations: false };
}
