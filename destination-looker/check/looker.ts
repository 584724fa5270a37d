// `check` of the Looker side: version, key, roles, connection and its tests, statements, model, and what a run costs.
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import { type LookerApi, pathOf } from '../api.ts';
import type { Config, LookerSettings } from '../spec.ts';
import { missingPermissions } from './permissions.ts';
import { quotaEstimate } from './quota.ts';
import { readsSchema, writesSchema } from './runner.ts';
import type { CheckContext, Step } from './step.ts';

/** Costs about six administrative calls, and two to six query calls. */
export function lookerSteps(context: CheckContext, api: LookerApi, looker: LookerSettings): readonly Step[] {
  const { config } = context;
  const about = { api, config, looker };
  return [
    () => version(api),
    () => user(about),
    () => connection(about),
    () => connectionTests(about),
    ...(config.mode === 'sql_runner' ? [() => writesSchema(context, api)] : []),
    ...(config.mode === 'warehouse' ? [() => readsSchema(context, api)] : []),
    ...(config.model && config.mode !== 'files' ? [() => model(about)] : []),
    async () => quotaEstimate(config),
  ];
}

interface About {
  readonly api: LookerApi;
  readonly config: Config;
  readonly looker: LookerSettings;
}

/** Costs no quota, and fails for a wrong address before a key is sent anywhere. */
async function version(api: LookerApi): Promise<string> {
  const answer = await api.json({
    method: 'GET',
    path: '/versions',
    purpose: 'read the version of Looker',
    quota: 'none',
  });
  const release = isObject(answer) ? answer.looker_release_version : undefined;
  return typeof release === 'string' ? `Looker ${release}` : 'Looker';
}

async function user({ api, config }: About): Promise<string> {
  const me = await api.json({ method: 'GET', path: '/user', purpose: 'read who the API key belongs to' });
  const { id, display_name: name, is_disabled: disabled } = isObject(me) ? me : {};
  if (disabled === true)
    throw configError(
      `Cannot use the API key: its user "${String(name)}" is disabled, enable it or use another key`,
    );
  const roles = await api.call({
    method: 'GET',
    path: pathOf('users', String(id), 'roles'),
    purpose: 'read the roles of the key',
    // Only those who may see users are told.
    accept: [403, 404],
  });
  const who = `API key of "${String(name ?? id)}"`;
  if (roles.status !== 200) return `${who} (roles not told)`;
  const missing = missingPermissions(config, permissionsIn(roles.json()));
  if (missing.length === 0) return `${who} with the permissions it needs`;
  throw configError(
    `Cannot use the API key of "${String(name ?? id)}": its roles lack ${missing.map((permission) => `"${permission}"`).join(', ')}, ask a Looker admin to add ${missing.length === 1 ? 'it' : 'them'} to a permission set of the user`,
  );
}

function permissionsIn(roles: unknown): ReadonlySet<string> {
  const sets = (Array.isArray(roles) ? roles : []).map((role) =>
    isObject(role) ? role.permission_set : undefined,
  );
  return new Set(
    sets.flatMap((set) =>
      isObject(set) && Array.isArray(set.permissions) ? set.permissions.map(String) : [],
    ),
  );
}

/** Looker's own databases, which must not be tested or written to. */
const internal: ReadonlySet<string> = new Set(['looker', 'looker__internal__analytics']);

async function connection({ api, config, looker }: About): Promise<string> {
  if (internal.has(looker.connection))
    throw configError(
      `Cannot use connection "${looker.connection}": it is Looker's own, give the one to your database`,
    );
  const found = await api.json({
    method: 'GET',
    path: pathOf('connections', looker.connection),
    purpose: `find the connection "${looker.connection}"`,
  });
  const about = isObject(found) ? found : {};
  const dialect = String(about.dialect_name ?? '');
  if (config.mode === 'sql_runner' && !/^(postgres|alloydb)/.test(dialect))
    throw configError(
      `Cannot write through connection "${looker.connection}": its dialect is "${dialect}", mode "sql_runner" speaks PostgreSQL; use mode "warehouse"`,
    );
  if (config.mode === 'sql_runner' && about.uses_oauth === true)
    throw configError(
      `Cannot write through connection "${looker.connection}": it signs in as each person (OAuth), give one with a database user`,
    );
  const database = about.database === undefined ? '' : ` to database "${String(about.database)}"`;
  return `connection "${looker.connection}" (${dialect || 'dialect not told'})${database}${mismatch(config, about)}`;
}

/** Looker may reach the same server by another name, so that this only makes people look. */
function mismatch({ mode, warehouse }: Config, { database }: Readonly<Record<string, unknown>>): string {
  if (mode !== 'warehouse' || warehouse?.kind !== 'postgres' || typeof database !== 'string') return '';
  return database === warehouse.database
    ? ''
    : `, but the tables go to "${warehouse.database}": is that right?`;
}

async function connectionTests({ api, looker }: About): Promise<string> {
  const results = await api.json({
    method: 'PUT',
    path: `${pathOf('connections', looker.connection)}/test`,
    query: { tests: 'connect,query' },
    purpose: `test the connection "${looker.connection}"`,
    slow: true,
  });
  const failed = (Array.isArray(results) ? results : []).filter(
    (result) => isObject(result) && result.status === 'error',
  );
  const [first] = failed;
  if (isObject(first))
    throw configError(
      `Cannot use connection "${looker.connection}": its test "${String(first.name)}" says "${String(first.message).slice(0, 300)}", mend it in Looker (Admin, Connections)`,
    );
  return 'its tests "connect" and "query"';
}

async function model({ api, config, looker }: About): Promise<string> {
  const { name = '', configure = true, deploy = 'none' } = config.model ?? {};
  const answer = await api.call({
    method: 'GET',
    path: pathOf('lookml_models', name),
    purpose: `look for the model "${name}"`,
    accept: [404],
  });
  if (answer.status === 404) {
    if (configure && deploy !== 'none') return `model "${name}" (to be configured by the first load)`;
    throw configError(
      `Cannot use model "${name}": it is not configured in Looker, or the key may not see it; let "model.configure" and "model.deploy" do it, or ask an admin (Develop, Projects)`,
    );
  }
  const found = answer.json();
  const about = isObject(found) ? found : {};
  const allowed = Array.isArray(about.allowed_db_connection_names)
    ? about.allowed_db_connection_names.map(String)
    : [];
  if (about.unlimited_db_connections === true || allowed.includes(looker.connection))
    return `model "${name}"`;
  if (configure) return `model "${name}" (connection "${looker.connection}" to be allowed by the first load)`;
  throw configError(
    `Cannot use model "${name}": it may not use connection "${looker.connection}", allow it in the model's configuration`,
  );
}
