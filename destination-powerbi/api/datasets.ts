// Workspaces, push semantic models (datasets) and what hangs on them.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, Send } from '@airbyte/cdk-typescript-shim/kit';
import type { Api } from '../api.ts';

export interface Workspace {
  readonly id: string;
  readonly name: string;
}

export interface Dataset {
  readonly id: string;
  readonly name: string;
  /** False: not a push semantic model. Undefined: not told. */
  readonly addRowsAPIEnabled?: boolean;
}

export interface Report {
  readonly id: string;
  readonly name: string;
  readonly datasetId: string;
}

/** Paths below .../v1.0/myorg; a service principal has no "My workspace", so every path names a group. */
const root = ({ addresses }: Api): string => `${addresses.api}/v1.0/myorg`;
export const groupPath = (api: Api, workspace: string): string =>
  `${root(api)}/groups/${encodeURIComponent(workspace)}`;
export const datasetPath = (api: Api, workspace: string, dataset: string): string =>
  `${groupPath(api, workspace)}/datasets/${encodeURIComponent(dataset)}`;

async function list<T>(send: Send, request: HttpRequest): Promise<readonly T[]> {
  const body = (await send(request)).json();
  return isObject(body) && Array.isArray(body.value) ? (body.value as readonly T[]) : [];
}

/** Every workspace the principal can see (GET /groups shows no others), a page of 1,000 at a time. */
export async function listWorkspaces(api: Api, { patient = true } = {}): Promise<readonly Workspace[]> {
  const found: Workspace[] = [];
  const top = 1000;
  for (;;) {
    const page = await list<Workspace>(patient ? api.send : api.ask, {
      method: 'GET',
      url: `${root(api)}/groups?%24top=${top}&%24skip=${found.length}`,
      purpose: 'list the workspaces of the service principal',
    });
    found.push(...page);
    if (page.length < top) return found;
  }
}

export interface WorkspaceUser {
  readonly identifier?: string;
  readonly principalType?: string;
  readonly groupUserAccessRight?: string;
}

/** Undefined when the principal may not ask: what it tells is advice, not proof. */
export async function listUsers(api: Api, workspace: string): Promise<readonly WorkspaceUser[] | undefined> {
  const response = await api.ask({
    method: 'GET',
    url: `${groupPath(api, workspace)}/users`,
    purpose: 'list the users of the workspace',
    accept: [400, 401, 403, 404],
  });
  if (response.status !== 200) return undefined;
  const body = response.json();
  return isObject(body) && Array.isArray(body.value) ? (body.value as readonly WorkspaceUser[]) : [];
}

export const listDatasets = (api: Api, workspace: string): Promise<readonly Dataset[]> =>
  list(api.send, {
    method: 'GET',
    url: `${groupPath(api, workspace)}/datasets`,
    purpose: 'list the semantic models of the workspace',
  });

/** The semantic model of that ID; undefined when it is gone. */
export async function getDataset(api: Api, workspace: string, dataset: string): Promise<Dataset | undefined> {
  const response = await api.send({
    method: 'GET',
    url: datasetPath(api, workspace, dataset),
    purpose: 'read the semantic model',
    accept: [404],
  });
  return response.status === 404 ? undefined : (response.json() as Dataset);
}

/** One attempt: names are not unique, so a repetition could make a second one. */
export async function createDataset(
  api: Api,
  workspace: string,
  { body, retention }: { readonly body: unknown; readonly retention: string },
): Promise<Dataset> {
  const response = await api.post({
    method: 'POST',
    url: `${groupPath(api, workspace)}/datasets?defaultRetentionPolicy=${retention}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    purpose: 'create the semantic model',
  });
  return response.json() as Dataset;
}

export async function deleteDataset(api: Api, workspace: string, dataset: string): Promise<void> {
  await api.send({
    method: 'DELETE',
    url: datasetPath(api, workspace, dataset),
    purpose: 'delete the semantic model',
    accept: [404],
  });
}

export async function listTables(
  api: Api,
  workspace: string,
  dataset: string,
): Promise<readonly { readonly name: string }[]> {
  return await list(api.send, {
    method: 'GET',
    url: `${datasetPath(api, workspace, dataset)}/tables`,
    purpose: 'list the tables of the semantic model',
  });
}

export const listReports = (api: Api, workspace: string): Promise<readonly Report[]> =>
  list(api.send, {
    method: 'GET',
    url: `${groupPath(api, workspace)}/reports`,
    purpose: 'list the reports of the workspace',
  });

export async function rebindReport(
  api: Api,
  workspace: string,
  { report, dataset }: { readonly report: Report; readonly dataset: string },
): Promise<void> {
  await api.send({
    method: 'POST',
    url: `${groupPath(api, workspace)}/reports/${encodeURIComponent(report.id)}/Rebind`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ datasetId: dataset }),
    purpose: `bind the report "${report.name}" to the new semantic model`,
    repeatable: true,
  });
}
