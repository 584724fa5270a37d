// Published data sources: found, looked into, tagged, downloaded.
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemError } from '@airbyte/cdk-typescript-shim';
import { at, booleanOf, type Fields, fields, listOf, textOf } from './answers.ts';
import { listAll } from './paging.ts';
import type { Site } from './sessions.ts';
import { jsonHeaders } from './sign-in.ts';

export interface DataSource {
  /** LUID; it stays when the source is published over. */
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly owner: string;
  readonly updatedAt: string;
  readonly tags: readonly string[];
  readonly hasExtracts: boolean | undefined;
}

export function readDataSource(found: Fields): DataSource {
  return {
    id: textOf(found.id),
    name: textOf(found.name),
    project: textOf(at(found, 'project', 'id')),
    owner: textOf(at(found, 'owner', 'id')),
    updatedAt: textOf(found.updatedAt),
    tags: listOf(found, 'tags', 'tag').map(({ label }) => textOf(label)),
    hasExtracts: booleanOf(found.hasExtracts),
  };
}

/** All data sources of a site: filters break on commas and colons in names, and lag behind what was just published. */
export async function listDataSources(site: Site): Promise<readonly DataSource[]> {
  const found = await listAll(site, {
    path: 'datasources',
    outer: 'datasources',
    inner: 'datasource',
    purpose: `list the data sources of site "${site.name}"`,
  });
  return found.map(readDataSource);
}

/** The data source, or undefined when it is gone. */
export async function findDataSource(site: Site, id: string): Promise<DataSource | undefined> {
  const response = await site.send({
    method: 'GET',
    url: `${site.url}/datasources/${id}`,
    headers: { accept: 'application/json' },
    accept: [404],
    purpose: `look at data source "${id}"`,
  });
  return response.status === 404 ? undefined : readDataSource(fields(at(response.json(), 'datasource')));
}

export interface SourceConnection {
  readonly id: string;
  /** `hyper` for a source that was published from a bare .hyper or Parquet file (unverified). */
  readonly type: string;
}

/** Over a file of Tableau's own, not over a database: those are refreshed from there and take no update. */
export const isLive = (type: string): boolean => ['', 'hyper', 'dataengine'].includes(type);

export async function listConnections(site: Site, id: string): Promise<readonly SourceConnection[]> {
  const response = await site.send({
    method: 'GET',
    url: `${site.url}/datasources/${id}/connections`,
    headers: { accept: 'application/json' },
    purpose: `look at the connections of data source "${id}"`,
  });
  return listOf(response.json(), 'connections', 'connection').map((connection) => ({
    id: textOf(connection.id),
    type: textOf(connection.type).toLowerCase(),
  }));
}

export async function addTags(site: Site, id: string, labels: readonly string[]): Promise<void> {
  await site.send({
    method: 'PUT',
    url: `${site.url}/datasources/${id}/tags`,
    headers: jsonHeaders,
    body: JSON.stringify({ tags: { tag: labels.map((label) => ({ label })) } }),
    purpose: `tag data source "${id}"`,
  });
}

export async function deleteTag(site: Site, id: string, label: string): Promise<void> {
  await site.send({
    method: 'DELETE',
    url: `${site.url}/datasources/${id}/tags/${encodeURIComponent(label)}`,
    headers: { accept: 'application/json' },
    accept: [404],
    purpose: `remove a tag of data source "${id}"`,
  });
}

/** Writes the source's content with its extract to `path`: a .tdsx, or the bare file that it was published from. */
export async function download(
  site: Site,
  id: string,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<void> {
  await site.transfer({
    method: 'GET',
    url: `${site.url}/datasources/${id}/content?includeExtract=true`,
    purpose: `download data source "${id}"`,
    into: (body) => writeTo(path, body),
    signal,
  });
}

async function writeTo(path: string, body: Readable): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  let full: unknown;
  // The file's own trouble comes first: the pipeline then ends the body too.
  file.once('error', (error) => {
    full = body.errored ? undefined : error;
  });
  try {
    await pipeline(body, file);
  } catch (error) {
    if (full === undefined) throw error;
    throw systemError(
      `Cannot keep a downloaded data source in "${path}": ${(full as Error).message}, free space or set "working_folder"`,
      { cause: full },
    );
  }
}
