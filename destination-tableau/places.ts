// Places: where rows go, by tenant. Several tenants may share one; rows of no listed tenant go to the first.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import type { Config, Credentials } from './spec.ts';

export interface Place {
  /** Content URL of the site. */
  readonly site: string;
  readonly credentials: Credentials;
  /** Path of the project. */
  readonly project: string;
  readonly prefix: string;
  /** Rows of these tenants; `others`: of all tenants but these. */
  readonly tenants: { readonly kind: 'these' | 'others'; readonly list: readonly string[] };
}

/** The default place first; tenants with the same place share it. Throws a config error for a tenant listed twice. */
export function placesOf(config: Config): readonly Place[] {
  const { site, project, name_prefix, credentials, routes } = config;
  const byKey = new Map<string, { place: Omit<Place, 'tenants'>; tenants: string[] }>();
  const home = { site, project, prefix: name_prefix, credentials };
  const homeKey = keyOf(home);
  const seen = new Set<string>();
  for (const route of routes) {
    if (seen.has(route.tenant))
      throw configError(`Config field "routes" lists tenant "${route.tenant}" twice: leave one out`);
    seen.add(route.tenant);
    const place = {
      site: route.site ?? site,
      project: route.project ?? project,
      prefix: route.name_prefix ?? name_prefix,
      credentials: route.credentials ?? credentials,
    };
    const known = byKey.get(keyOf(place)) ?? { place, tenants: [] };
    known.tenants.push(route.tenant);
    byKey.set(keyOf(place), known);
  }
  const elsewhere = [...byKey].filter(([key]) => key !== homeKey).map(([, routed]) => routed);
  const listed = elsewhere.flatMap(({ tenants }) => tenants);
  return [
    { ...home, tenants: { kind: 'others', list: listed } },
    ...elsewhere.map(
      ({ place, tenants }): Place => ({ ...place, tenants: { kind: 'these', list: tenants } }),
    ),
  ];
}

const keyOf = ({ site, project, prefix }: Omit<Place, 'tenants' | 'credentials'>): string =>
  JSON.stringify([site.toLowerCase(), project.toLowerCase(), prefix.toLowerCase()]);

/** Fields in which our sources say whose record it is. */
const tenantFields: ReadonlySet<string> = new Set(['TenantID', 'RealmID']);

/** The main table's column that says whose a record is, if it has one. */
export const tenantColumn = ({ columns }: TablePlan): string | undefined =>
  columns.find(({ path, meta }) => !meta && path.length === 1 && tenantFields.has(path[0] ?? ''))?.name;
