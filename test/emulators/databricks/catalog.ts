// Unity Catalog over REST: catalogs, schemas, tables, volumes and effective permissions, without waking a warehouse.
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, badRequest, json, notFound, page } from './answers.ts';
import { assignments, schemaBody, tableBody, volumeBody } from './catalog-bodies.ts';
import type { Grants, Privilege } from './grants.ts';
import {
  type CatalogModel,
  checkObjectName,
  fullName,
  type Schema,
  type Table,
  type Volume,
} from './model.ts';
import { SqlFailure } from './sql/errors.ts';
import type { Switches } from './switches.ts';
import type { Volumes } from './volumes.ts';

interface Surroundings {
  readonly model: CatalogModel;
  readonly grants: Grants;
  readonly volumes: Volumes;
  readonly switches: Switches;
  readonly user: string;
  readonly now: () => number;
  /** Makes a schema in the engine too. */
  readonly onSchema: (name: string) => Promise<void>;
}

type Handler = (request: EmulatorRequest, path: readonly string[]) => Answer | Promise<Answer>;
type Handlers = Readonly<Record<string, Handler>>;

/** Handlers by method and path below /api/2.1/unity-catalog/; `*` is one segment. */
export function catalogHandlers(surroundings: Surroundings): Handlers {
  const access = accessTo(surroundings);
  return {
    ...schemaHandlers(surroundings, access),
    ...tableHandlers(surroundings, access),
    ...volumeHandlers(surroundings, access),
    'GET catalogs/*': (_, [name]) => {
      checkCatalog(surroundings.model, name);
      access.demand('USE CATALOG', surroundings.model.name);
      return json(200, {
        name: surroundings.model.name,
        catalog_type: 'MANAGED_CATALOG',
        owner: 'admins',
        isolation_mode: 'OPEN',
        enable_predictive_optimization: 'INHERIT',
        securable_type: 'CATALOG',
      });
    },
    'GET effective-permissions/*/*': ({ url }, [type = '', name = '']) => {
      const kind = type.toLowerCase();
      if (kind === 'table') access.table(name);
      if (kind === 'volume') access.volume(name);
      if (kind === 'schema') access.schema(...parts(name, 2));
      if (kind === 'catalog') checkCatalog(surroundings.model, name);
      const principal = url.searchParams.get('principal');
      return json(200, { privilege_assignments: assignments(surroundings, name, principal) });
    },
  };
}

/** Look-ups that answer 404 for what is missing and 403 for what is not granted. */
interface Access {
  demand(privilege: Privilege, securable: string): void;
  schema(catalog?: string | null, name?: string | null): Schema;
  table(name: string | undefined): Table;
  volume(name: string | undefined): Volume;
}

function accessTo({ model, grants }: Surroundings): Access {
  const access: Access = {
    demand: (privilege, securable) => {
      const lacking = grants.missing(privilege, securable);
      if (lacking)
        throw new ApiFailure(403, 'PERMISSION_DENIED', {
          message: `User does not have ${lacking.privilege} on ${lacking.kind} '${lacking.name}'.`,
        });
    },
    schema: (catalog, name) => {
      checkCatalog(model, catalog);
      access.demand('USE CATALOG', model.name);
      const schema = model.schema(name ?? '');
      if (!schema) throw notFound('SCHEMA_DOES_NOT_EXIST', `Schema '${model.name}.${name}' does not exist.`);
      return schema;
    },
    table: (full) => {
      const [catalog, schema, name = ''] = parts(full, 3);
      const found = model.table(access.schema(catalog, schema).name, name);
      if (!found) throw notFound('TABLE_DOES_NOT_EXIST', `Table '${full}' does not exist.`);
      return found;
    },
    volume: (full) => {
      const [catalog, schema, name = ''] = parts(full, 3);
      const found = model.volume(access.schema(catalog, schema).name, name);
      if (!found) throw notFound('VOLUME_DOES_NOT_EXIST', `Volume '${full}' does not exist.`);
      return found;
    },
  };
  return access;
}

function schemaHandlers(surroundings: Surroundings, access: Access): Handlers {
  const { model } = surroundings;
  return {
    'GET schemas': ({ url }) => {
      checkCatalog(model, url.searchParams.get('catalog_name'));
      access.demand('USE CATALOG', model.name);
      const schemas = model.schemas().map((schema) => schemaBody(surroundings, schema));
      return listed('schemas', schemas, url);
    },
    'GET schemas/*': (_, [name]) => json(200, schemaBody(surroundings, access.schema(...parts(name, 2)))),
    'POST schemas': async ({ body }) => {
      const fields = objectOf(body);
      checkCatalog(model, textOf(fields, 'catalog_name'));
      access.demand('CREATE SCHEMA', model.name);
      const name = validName(textOf(fields, 'name'));
      if (model.schema(name))
        throw exists(surroundings, 'SCHEMA_ALREADY_EXISTS', `Schema '${name}' already exists.`);
      await surroundings.onSchema(name);
      const schema = model.putSchema(name, surroundings.now(), optionalText(fields, 'comment'));
      return json(200, schemaBody(surroundings, schema));
    },
  };
}

function tableHandlers(surroundings: Surroundings, access: Access): Handlers {
  const { model } = surroundings;
  return {
    'GET tables': ({ url }) => {
      const asked = url.searchParams;
      const schema = access.schema(asked.get('catalog_name'), asked.get('schema_name'));
      const tables = model.tables(schema.name).map((table) => tableBody(surroundings, table));
      const omits = asked.get('omit_columns') === 'true';
      return listed('tables', omits ? tables.map(({ columns: _, ...table }) => table) : tables, url);
    },
    'GET tables/*': (_, [name]) => {
      const table = access.table(name);
      access.demand('SELECT', fullName(model, table));
      return json(200, tableBody(surroundings, table));
    },
    'GET tables/*/exists': (_, [full]) => {
      const [catalog, schema, name = ''] = parts(full, 3);
      const table = model.table(access.schema(catalog, schema).name, name);
      return json(200, { table_exists: table !== undefined });
    },
  };
}

function volumeHandlers(surroundings: Surroundings, access: Access): Handlers {
  const { model, volumes } = surroundings;
  return {
    'GET volumes': ({ url }) => {
      const asked = url.searchParams;
      const schema = access.schema(asked.get('catalog_name'), asked.get('schema_name'));
      const all = model.volumes(schema.name).map((volume) => volumeBody(surroundings, volume));
      return listed('volumes', all, url);
    },
    'GET volumes/*': (_, [name]) => json(200, volumeBody(surroundings, access.volume(name))),
    'POST volumes': ({ body }) => {
      const fields = objectOf(body);
      const schema = access.schema(textOf(fields, 'catalog_name'), textOf(fields, 'schema_name'));
      access.demand('CREATE VOLUME', `${model.name}.${schema.name}`);
      if (textOf(fields, 'volume_type') !== 'MANAGED')
        throw badRequest('Only MANAGED volumes are available here.');
      const name = validName(textOf(fields, 'name'));
      if (model.volume(schema.name, name))
        throw exists(surroundings, 'VOLUME_ALREADY_EXISTS', `Volume '${name}' already exists.`);
      volumes.create(schema.name, name);
      const about = { createdAt: surroundings.now(), comment: optionalText(fields, 'comment') };
      return json(200, volumeBody(surroundings, model.putVolume(schema.name, name, about)));
    },
    'DELETE volumes/*': (_, [name]) => {
      const volume = access.volume(name);
      access.demand('MANAGE', fullName(model, volume));
      model.dropVolume(volume.schema, volume.name);
      volumes.remove(volume.schema, volume.name);
      return json(200, {});
    },
  };
}

function parts(name: string | undefined, count: number): string[] {
  const found = (name ?? '').split('.');
  if (found.length !== count) throw badRequest(`"${name}" is not a full name of ${count} parts.`);
  return found;
}

function checkCatalog(model: CatalogModel, name: string | null | undefined): void {
  if (name?.toLowerCase() !== model.name)
    throw notFound('CATALOG_DOES_NOT_EXIST', `Catalog '${name}' does not exist.`);
}

function exists({ switches }: Surroundings, code: string, message: string): ApiFailure {
  return new ApiFailure(switches.alreadyExistsStatus, code, { message });
}

function objectOf(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the same refusal.
  }
  throw new ApiFailure(400, 'MALFORMED_REQUEST', { message: 'Expected a JSON object.' });
}

function textOf(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw badRequest(`${name} is required.`);
  return value;
}

function optionalText(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function validName(name: string): string {
  try {
    checkObjectName(name);
    return name;
  } catch (error) {
    throw badRequest(error instanceof SqlFailure ? error.message : String(error));
  }
}

/** One page; without `max_results` everything comes at once. */
function listed(key: string, items: readonly Record<string, unknown>[], url: URL): Answer {
  const asked = Number(url.searchParams.get('max_results') ?? 0);
  if (!Number.isInteger(asked) || asked < 0) throw badRequest('max_results must not be negative.');
  const { items: shown, ...next } = page(items, {
    size: asked || 10_000,
    token: url.searchParams.get('page_token'),
  });
  return json(200, { ...(shown.length > 0 ? { [key]: shown } : {}), ...next });
}
