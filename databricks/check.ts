// `check`: token, warehouse, catalog, schema, volume, privileges and a written file, one by one, without a warehouse.
import { type CheckResult, type Context, checked, configError } from '@airbyte/cdk-typescript-shim';
import {
  createSchema,
  createVolume,
  effectivePrivileges,
  findSecurable,
  principalNames,
  type Securable,
} from './api/catalog.ts';
import { deleteFile, putFile } from './api/files.ts';
import { findWarehouse } from './api/warehouses.ts';
import { type Api, connect, warehouseOf } from './api.ts';
import { placeOf } from './run.ts';
import type { DatabricksSettings } from './settings.ts';
import { fullName } from './sql/names.ts';

/** Everything a step may need, and where it is found. */
interface Checked {
  readonly api: Api;
  readonly config: DatabricksSettings;
  readonly place: ReturnType<typeof placeOf>;
  /** Names under which the principal holds privileges; empty when Databricks does not tell. */
  readonly principals: Promise<readonly string[]>;
}

/** A step says what it verified, or throws with the remedy. */
type Step = (checked: Checked) => Promise<string>;

/** Never starts the warehouse. Makes the schema and the volume when they are missing and the principal may. */
export async function check(
  { config, clock }: Context<DatabricksSettings>,
  { agent }: { readonly agent: string },
): Promise<CheckResult> {
  return await checked(async (verified) => {
    const api = connect({ host: config.host, authentication: config.authentication, clock, agent });
    const about: Checked = { api, config, place: placeOf(config), principals: whoSignsIn(api, config) };
    // Awaited by the steps that need it; until then a failure is not "unhandled".
    about.principals.catch(() => undefined);
    for (const step of steps) verified(await step(about));
  });
}

async function whoSignsIn(api: Api, { authentication }: DatabricksSettings): Promise<readonly string[]> {
  const own = authentication.auth_type === 'oauth_m2m' ? [authentication.client_id] : [];
  return [...own, ...(await principalNames(api))];
}

const token: Step = async ({ principals }) => {
  const [name] = await principals;
  return name ? `token of "${name}"` : 'token';
};

const warehouse: Step = async ({ api, config }) => {
  const id = warehouseOf(config);
  const { name, state, health, summary } = await findWarehouse(api, id);
  if (state === 'DELETED' || state === 'DELETING')
    throw configError(`Cannot use the SQL warehouse "${name}": it is deleted, put another in "warehouse_id"`);
  if (health === 'FAILED')
    throw configError(
      `Cannot use the SQL warehouse "${name}": it failed to start${summary ? ` (${summary})` : ''}, mend it in Databricks`,
    );
  const starts = state === 'RUNNING' ? '' : ', starts with the first statement';
  return `SQL warehouse "${name}" (${state.toLowerCase()}${starts})`;
};

const catalog: Step = async ({ api, place }) => {
  if (await findSecurable(api, 'catalog', place.catalog)) return `catalog "${place.catalog}"`;
  throw configError(
    `Cannot find the catalog "${place.catalog}": check the setting "catalog", or grant USE CATALOG on it`,
  );
};

const schema: Step = async ({ api, place }) => {
  const name = `${place.catalog}.${place.schema}`;
  if (await findSecurable(api, 'schema', name)) return `schema "${name}"`;
  await createSchema(api, place);
  return `schema "${name}" (made)`;
};

const volume: Step = async ({ api, place }) => {
  const name = fullName(place, place.volume);
  if (await findSecurable(api, 'volume', name)) return `volume "${name}"`;
  await createVolume(api, place, place.volume);
  return `volume "${name}" (made)`;
};

/** A privilege held on a securable, which `name` gives from the settings. */
const privilege =
  (kind: Securable, wanted: string): Step =>
  async ({ api, place, principals }) => {
    const path = [place.catalog, place.schema, place.volume];
    const name = path.slice(0, { catalog: 1, schema: 2, volume: 3 }[kind]).join('.');
    const held = await holds({ api, kind, name, wanted, principals: await principals });
    if (held === undefined) return `${wanted} on ${kind} "${name}" (not told)`;
    if (held) return `${wanted} on ${kind} "${name}"`;
    const quoted = name
      .split('.')
      .map((part) => `\`${part}\``)
      .join('.');
    throw configError(
      `Cannot load tables: the principal lacks ${wanted} on ${kind} "${name}", ask its owner to run: GRANT ${wanted} ON ${kind.toUpperCase()} ${quoted} TO the principal that signs in`,
    );
  };

/** Whether one of the principal's names has the privilege, owns the securable, or has all; undefined: not told. */
async function holds({
  api,
  kind,
  name,
  wanted,
  principals,
}: {
  readonly api: Api;
  readonly kind: Securable;
  readonly name: string;
  readonly wanted: string;
  readonly principals: readonly string[];
}): Promise<boolean | undefined> {
  const names = new Set([...principals, 'account users'].map((principal) => principal.toLowerCase()));
  const owner = (await findSecurable(api, kind, name))?.owner.toLowerCase() ?? '';
  if (names.has(owner)) return true;
  const grants = await effectivePrivileges(api, kind, name);
  if (grants === undefined || principals.length === 0) return undefined;
  return grants
    .filter(({ principal }) => names.has(principal.toLowerCase()))
    .some(({ privileges }) => privileges.includes(wanted) || privileges.includes('ALL PRIVILEGES'));
}

const probe: Step = async ({ api, place }) => {
  const path = `/Volumes/${place.catalog}/${place.schema}/${place.volume}/ledgerpipe-check.txt`;
  await putFile(api, path, 'Written by check, and deleted at once.\n');
  await deleteFile(api, path);
  return 'a file written to the volume and deleted';
};

const steps: readonly Step[] = [
  token,
  warehouse,
  catalog,
  schema,
  volume,
  privilege('catalog', 'USE CATALOG'),
  privilege('schema', 'USE SCHEMA'),
  privilege('schema', 'CREATE TABLE'),
  privilege('volume', 'READ VOLUME'),
  privilege('volume', 'WRITE VOLUME'),
  probe,
];
