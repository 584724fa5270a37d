// Unity Catalog's REST API: what exists and who may use it, without waking a warehouse.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpResponse } from '@airbyte/cdk-typescript-shim/kit';
import type { Api } from '../api.ts';
import type { CurrentTable } from '../sql/layout.ts';
import { fullName, type Place } from '../sql/names.ts';
import { readType } from '../sql/types.ts';
import { readRefusal } from './errors.ts';

interface Query {
  readonly purpose: string;
  readonly accept?: readonly number[];
}

const root = '/api/2.1/unity-catalog';

const get = ({ url, send }: Api, path: string, query: Query): Promise<HttpResponse> =>
  send({ method: 'GET', url: `${url}${root}${path}`, ...query });

const post = (
  { url, send }: Api,
  path: string,
  query: Query & { readonly body: unknown },
): Promise<HttpResponse> =>
  send({
    method: 'POST',
    url: `${url}${root}${path}`,
    headers: { 'content-type': 'application/json' },
    ...query,
    body: JSON.stringify(query.body),
    repeatable: true,
  });

export type Securable = 'catalog' | 'schema' | 'volume';

const collections = { catalog: 'catalogs', schema: 'schemas', volume: 'volumes' } as const;

/** A securable's owner, or undefined when there is none of that name. */
export async function findSecurable(
  api: Api,
  kind: Securable,
  name: string,
): Promise<{ readonly owner: string } | undefined> {
  const purpose = `read the ${kind} "${name}"`;
  const response = await get(api, `/${collections[kind]}/${encodeURIComponent(name)}`, {
    purpose,
    accept: [404],
  });
  if (response.status === 404) return undefined;
  const found = response.json();
  return { owner: isObject(found) && typeof found.owner === 'string' ? found.owner : '' };
}

/** Makes a schema, or leaves the one that is there. */
export async function createSchema(api: Api, { catalog, schema }: Place): Promise<void> {
  const body = { name: schema, catalog_name: catalog };
  await createUnlessThere(api, '/schemas', { body, purpose: `create the schema "${catalog}.${schema}"` });
}

/** Makes a managed volume, or leaves the one that is there. */
export async function createVolume(api: Api, place: Place, volume: string): Promise<void> {
  const body = {
    catalog_name: place.catalog,
    schema_name: place.schema,
    name: volume,
    volume_type: 'MANAGED',
    comment: 'Files that Ledgerpipe stages for loading, and deletes afterwards',
  };
  await createUnlessThere(api, '/volumes', {
    body,
    purpose: `create the volume "${fullName(place, volume)}"`,
  });
}

/** Others may create it at the same moment: "already exists" comes as 409, or 400 in older versions. */
async function createUnlessThere(
  api: Api,
  path: string,
  query: Query & { readonly body: unknown },
): Promise<void> {
  const response = await post(api, path, { ...query, accept: [400, 409] });
  if (response.status < 300) return;
  const { code, message } = readRefusal(response);
  if (!/ALREADY_EXISTS/.test(code) && !/already exists/i.test(message)) await post(api, path, query);
}

interface TableAnswer {
  readonly name?: string;
  readonly table_type?: string;
  readonly data_source_format?: string;
  readonly columns?: readonly {
    readonly name?: string;
    readonly type_text?: string;
    readonly nullable?: boolean;
  }[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly table_constraints?: readonly {
    readonly primary_key_constraint?: { readonly child_columns?: readonly string[] };
    readonly foreign_key_constraint?: { readonly name?: string };
  }[];
}

/** A table as it is now; undefined when there is none. */
export async function findTable(api: Api, place: Place, table: string): Promise<FoundTable | undefined> {
  const name = fullName(place, table);
  const purpose = `read the columns of table "${name}"`;
  const response = await get(api, `/tables/${encodeURIComponent(name)}`, { purpose, accept: [404] });
  return response.status === 404 ? undefined : readTable(response.json() as TableAnswer);
}

/** All tables of the schema. */
export async function listTables(api: Api, { catalog, schema }: Place): Promise<readonly FoundTable[]> {
  const purpose = `list the tables of schema "${catalog}.${schema}"`;
  const query = { catalog_name: catalog, schema_name: schema };
  const pages = await allPages(api, '/tables', { query, purpose });
  return pages.flatMap(({ tables = [] }) => tables as readonly TableAnswer[]).map(readTable);
}

type Page = Readonly<Record<string, unknown>>;

/** Every page of a list; a page may be empty and yet not the last. None when the status is an accepted one. */
async function allPages(
  api: Api,
  path: string,
  { query, ...about }: Query & { readonly query: Readonly<Record<string, string>> },
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  let token = '';
  do {
    // max_results=0: as many as the server likes; without it lists come whole, which is announced to end.
    const asked = new URLSearchParams({
      ...query,
      max_results: '0',
      ...(token ? { page_token: token } : {}),
    });
    const response = await get(api, `${path}?${asked}`, about);
    if (response.status !== 200) break;
    const page = response.json() as Page;
    pages.push(page);
    token = typeof page.next_page_token === 'string' ? page.next_page_token : '';
  } while (token);
  return pages;
}

export interface FoundTable extends CurrentTable {
  /** MANAGED, EXTERNAL, VIEW and more. */
  readonly kind: string;
  /** DELTA and more; empty when not told. */
  readonly format: string;
}

function readTable({ name = '', columns = [], properties = {}, ...answer }: TableAnswer): FoundTable {
  const constraints = answer.table_constraints ?? [];
  const primaryKey = constraints.find((entry) => entry.primary_key_constraint)?.primary_key_constraint;
  return {
    name,
    kind: answer.table_type ?? 'MANAGED',
    format: answer.data_source_format ?? '',
    columns: columns.map((column) => ({
      name: column.name ?? '',
      type: readType(column.type_text ?? 'STRING'),
      nullable: column.nullable !== false,
    })),
    properties,
    ...(primaryKey?.child_columns ? { primaryKey: primaryKey.child_columns } : {}),
    foreignKeys: constraints.flatMap((entry) => entry.foreign_key_constraint?.name?.toLowerCase() ?? []),
  };
}

interface PrivilegeAnswer {
  readonly principal?: string;
  readonly privileges?: readonly { readonly privilege?: string }[];
}

/** Privileges on a securable, inherited ones included, by principal. Undefined when they are not told. */
export async function effectivePrivileges(
  api: Api,
  kind: Securable,
  name: string,
): Promise<readonly Grant[] | undefined> {
  const pages = await allPages(api, `/effective-permissions/${kind}/${encodeURIComponent(name)}`, {
    query: {},
    purpose: `read the privileges on ${kind} "${name}"`,
    accept: [400, 403, 404],
  });
  if (pages.length === 0) return undefined;
  return pages
    .flatMap((page) => (page.privilege_assignments ?? []) as readonly PrivilegeAnswer[])
    .map(({ principal = '', privileges = [] }) => ({
      principal,
      privileges: privileges.map(({ privilege = '' }) => privilege.replaceAll('_', ' ').toUpperCase()),
    }));
}

export interface Grant {
  readonly principal: string;
  /** Upper case, with spaces: `USE CATALOG`. */
  readonly privileges: readonly string[];
}

/** The names under which the principal that signs in may hold privileges: its own, and its groups'. */
export async function principalNames({ url, send }: Api): Promise<readonly string[]> {
  const response = await send({
    method: 'GET',
    url: `${url}/api/2.0/preview/scim/v2/Me`,
    purpose: 'read who signs in',
    accept: [400, 403, 404],
  });
  if (response.status !== 200) return [];
  const me = response.json() as {
    readonly userName?: string;
    readonly applicationId?: string;
    readonly groups?: readonly { readonly display?: string }[];
  };
  const groups = (me.groups ?? []).map(({ display }) => display);
  return [me.userName, me.applicationId, ...groups].flatMap((name) => (name ? [name] : []));
}
