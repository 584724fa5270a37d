// Rows of a table in a push semantic model: add, truncate, change the columns, and read which batches arrived.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpResponse } from '@airbyte/cdk-typescript-shim/kit';
import type { Api } from '../api.ts';
import { type AuditFacts, factsHeader } from './audit.ts';
import { datasetPath } from './datasets.ts';

export interface TableAddress {
  readonly workspace: string;
  readonly dataset: string;
  readonly table: string;
}

const tablePath = (api: Api, { workspace, dataset, table }: TableAddress): string =>
  `${datasetPath(api, workspace, dataset)}/tables/${encodeURIComponent(table)}`;

const facts = (entry: AuditFacts): Readonly<Record<string, string>> => ({
  // Headers are Latin-1: escapes keep names of any script.
  [factsHeader]: JSON.stringify(entry).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
});

export interface RowsRequest {
  readonly body: Buffer;
  /** 0: none. */
  readonly sequence: number;
  readonly batch: string;
  readonly rows: number;
}

/**
 * Adds rows: at most 10,000 and 16 MB a request. Sent once; rejects with a LostAnswer or a 5xx when nobody knows what
 * became of it.
 */
export async function postRows(api: Api, address: TableAddress, request: RowsRequest): Promise<HttpResponse> {
  const { body, sequence, batch, rows } = request;
  return await api.post({
    method: 'POST',
    url: `${tablePath(api, address)}/rows`,
    headers: {
      'content-type': 'application/json',
      ...(sequence > 0 ? { 'X-PowerBI-PushData-SequenceNumber': String(sequence) } : {}),
      ...facts({ table: address.table, batch, sequence, rows, bytes: body.length }),
    },
    body,
    purpose: `add ${rows} rows to table "${address.table}"`,
  });
}

/** Deletes every row of the table; there is no filter. */
export async function truncateTable(api: Api, address: TableAddress): Promise<void> {
  await api.send({
    method: 'DELETE',
    url: `${tablePath(api, address)}/rows`,
    headers: facts({ table: address.table }),
    purpose: `empty table "${address.table}"`,
  });
}

/** Replaces the definition: the complete one, measures included, for what is left out may go. */
export async function putTable(api: Api, address: TableAddress, definition: unknown): Promise<void> {
  await api.send({
    method: 'PUT',
    url: tablePath(api, address),
    headers: { 'content-type': 'application/json', ...facts({ table: address.table }) },
    body: JSON.stringify(definition),
    purpose: `change the columns and measures of table "${address.table}"`,
  });
}

/**
 * The last sequence number that arrived from this application: 0 when none has, undefined when the service keeps none
 * (a preview of 2016, in no reference).
 */
export async function lastSequence(
  api: Api,
  address: TableAddress,
  clientId: string,
): Promise<number | undefined> {
  const response = await api.send({
    method: 'GET',
    url: `${tablePath(api, address)}/sequenceNumbers`,
    purpose: `read which batches arrived in table "${address.table}"`,
    accept: [400, 403, 404, 405, 501],
  });
  if (response.status !== 200) return undefined;
  const body = response.json();
  const listed = isObject(body) && Array.isArray(body.value) ? body.value.filter(isObject) : [];
  const own = listed.filter((entry) => String(entry.clientId).toLowerCase() === clientId.toLowerCase());
  return Math.max(0, ...own.map((entry) => Number(entry.sequenceNumber) || 0));
}
