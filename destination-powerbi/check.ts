// `check`: nine steps from the token to the tables, each named when it is verified, each with its remedy when it is not.
import { type CheckResult, type Context, checked, configError } from '@airbyte/cdk-typescript-shim';
import {
  createDataset,
  type Dataset,
  deleteDataset,
  getDataset,
  listDatasets,
  listTables,
  listUsers,
  listWorkspaces,
  type Workspace,
} from './api/datasets.ts';
import { findMirror, requireFabric } from './api/fabric.ts';
import { scalar } from './api/queries.ts';
import { lastSequence } from './api/rows.ts';
import { claimsOf } from './api/tokens.ts';
import { type Api, connect } from './api.ts';
import { syncTable } from './model/calendar.ts';
import { onlyOne, requirePush } from './push/find.ts';
import { pushSettings } from './push/settings.ts';
import { findWorkspace, refuseMyWorkspace } from './run.ts';
import type { Config, PushMode } from './spec.ts';

interface Checked {
  readonly api: Api;
  readonly config: Config;
  /** Milliseconds since the epoch. */
  readonly now: number;
  workspace: Workspace | undefined;
  dataset: Dataset | undefined;
}

/** A step says what it verified, or nothing where it has nothing to say, or throws with the remedy. */
type Step = (checked: Checked) => Promise<string | undefined>;

/** Writes nothing but with the setting "write_probe". */
export async function check({ config, clock, signal }: Context<Config>): Promise<CheckResult> {
  return await checked(async (verified) => {
    const api = connect(config, {
      clock,
      signal,
      patient: false,
      audit: () => undefined,
      onWait: () => undefined,
    });
    const about: Checked = { api, config, now: clock.now(), workspace: undefined, dataset: undefined };
    for (const step of config.delivery.mode === 'push' ? pushSteps : mirrorSteps) {
      const found = await step(about);
      if (found !== undefined) verified(found);
    }
  });
}

const token: Step = async ({ api, config }) => {
  if (/^common$|^organizations$/i.test(config.tenant_id.trim()))
    throw configError(
      `Cannot use tenant "${config.tenant_id}": service principals sign in to their own tenant, put its ID or domain into "tenant_id"`,
    );
  await api.tokens.token();
  return 'token';
};

const claims: Step = async ({ api }) => {
  const { tid, appid, oid } = claimsOf(await api.tokens.token());
  return tid && appid ? `application ${appid} (object ${oid ?? 'unknown'}) in tenant ${tid}` : undefined;
};

const workspace: Step = async (checked) => {
  const { api, config } = checked;
  if (config.workspace_name) refuseMyWorkspace(config.workspace_name);
  const visible = await listWorkspaces(api, { patient: false });
  const id = await findWorkspace(api, config);
  const found = visible.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (!found)
    throw configError(
      `Cannot find the workspace "${id}" among the ${visible.length} that the service principal sees: check "workspace_id", and add the service principal to the workspace as Member`,
    );
  checked.workspace = found;
  return `workspace "${found.name}"`;
};

const writers = ['Admin', 'Member', 'Contributor'];

/** Advice: a role by way of a group shows no row, and low roles may not ask. */
const role: Step = async ({ api, workspace: place }) => {
  const users = await listUsers(api, place?.id ?? '');
  const { oid, appid } = claimsOf(await api.tokens.token());
  const own = users?.find(({ identifier }) => identifier !== undefined && [oid, appid].includes(identifier));
  const right = own?.groupUserAccessRight;
  if (right === undefined) return 'role not told (it may come by a group)';
  if (writers.includes(right)) return `role ${right}`;
  throw configError(
    `Cannot write to the workspace "${place?.name}": the service principal is ${right} there, make it Member or Contributor`,
  );
};

const dataset: Step = async (checked) => {
  const { api, workspace: place } = checked;
  const { id, name } = pushSettings(checked.config.delivery as PushMode);
  const found = id
    ? await getDataset(api, place?.id ?? '', id)
    : onlyOne(await listDatasets(api, place?.id ?? ''), name);
  if (id && !found)
    throw configError(
      `Cannot find the semantic model "${id}": check "delivery.dataset_id", and that it is in this workspace`,
    );
  if (!found) return `no semantic model "${name}" yet, it will be made`;
  requirePush(found);
  checked.dataset = found;
  return `push semantic model "${found.name}" (${found.id})`;
};

/** Which streams come is not known before `write`, but a model of ours has these. */
const tables: Step = async ({ api, workspace: place, dataset: found }) => {
  if (!found) return undefined;
  const names = (await listTables(api, place?.id ?? '', found.id)).map(({ name }) => name);
  const missing = ['Calendar', 'AgingBucket', syncTable].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw configError(
      `Cannot use the semantic model "${found.name}": it lacks the tables ${missing.map((name) => `"${name}"`).join(', ')} and none can be added, choose another "delivery.dataset_name" and it will be made`,
    );
  return `${names.length} tables`;
};

const probes: Step = async ({ api, config, workspace: place, dataset: found }) => {
  if (!found) return undefined;
  const address = { workspace: place?.id ?? '', dataset: found.id };
  const numbers = await lastSequence(api, { ...address, table: syncTable }, config.client_id);
  const queries = await scalar({ ...api, send: api.ask }, address, '1');
  return [
    numbers === undefined ? 'no sequence numbers (batch ids are used instead)' : 'sequence numbers',
    queries === undefined
      ? 'no DAX queries (allow "Semantic Model Execute Queries REST API" in the tenant to have deliveries verified)'
      : 'DAX queries',
  ].join('; ');
};

const writeProbe: Step = async ({ api, config, workspace: place }) => {
  if (!config.write_probe) return undefined;
  const body = {
    name: 'Ledgerpipe check',
    defaultMode: 'Push',
    tables: [{ name: 'Probe', columns: [{ name: 'Value', dataType: 'String' }] }],
  };
  const made = await createDataset(api, place?.id ?? '', { body, retention: 'None' });
  await deleteDataset(api, place?.id ?? '', made.id);
  return 'a semantic model made and deleted';
};

/** The last day on which Microsoft makes push semantic models ("Real-time streaming in Power BI"). */
const endOfCreation = Date.parse('2027-11-01T00:00:00Z');

const deprecation: Step = async ({ dataset: found, now }) => {
  const note = 'note: Microsoft makes no new push semantic models after 31 October 2027';
  if (found) return `${note}, this one stays`;
  return now < endOfCreation
    ? `${note}, make this one before then or use "open_mirroring"`
    : `${note}: making this one will most likely be refused, name an existing one in "delivery.dataset_id" or set "delivery.mode" to "open_mirroring"`;
};

const pushSteps: readonly Step[] = [
  token,
  claims,
  workspace,
  role,
  dataset,
  tables,
  probes,
  writeProbe,
  deprecation,
];

const fabric: Step = async ({ api, config, workspace: place }) => {
  if (config.delivery.mode !== 'open_mirroring') return undefined;
  await requireFabric(api, place?.id ?? '');
  const found = await findMirror(api, place?.id ?? '', config.delivery);
  return found
    ? `mirrored database "${found.displayName}" (${found.id})`
    : `no mirrored database "${config.delivery.database_name ?? 'Ledgerpipe'}" yet, it will be made`;
};

const mirrorSteps: readonly Step[] = [token, claims, workspace, role, fabric];
