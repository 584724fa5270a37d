// DAX queries: read-back for proof. They may be switched off in the tenant, and then prove nothing.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Api } from '../api.ts';
import { datasetPath } from './datasets.ts';

export interface QueryAddress {
  readonly workspace: string;
  readonly dataset: string;
}

/**
 * The value of `EVALUATE ROW("n", <expression>)`; undefined when queries are not allowed, not possible on this model, or
 * fail. Caps: 120 queries a minute.
 */
export async function scalar(
  api: Api,
  { workspace, dataset }: QueryAddress,
  expression: string,
): Promise<number | undefined> {
  const response = await api.send({
    method: 'POST',
    url: `${datasetPath(api, workspace, dataset)}/executeQueries`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      queries: [{ query: `EVALUATE ROW("n", ${expression})` }],
      serializerSettings: { includeNulls: true },
    }),
    purpose: 'read the model back by DAX',
    repeatable: true,
    accept: [400, 401, 403, 404],
  });
  if (response.status !== 200) return undefined;
  const row = firstRow(response.json());
  if (row === undefined) return undefined;
  const [value] = Object.values(row);
  // COUNTROWS of nothing is BLANK.
  return value === null || value === undefined ? 0 : Number(value);
}

function firstRow(body: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(body) || body.error !== undefined || !Array.isArray(body.results)) return undefined;
  const [result] = body.results as readonly unknown[];
  if (!isObject(result) || result.error !== undefined || !Array.isArray(result.tables)) return undefined;
  const [table] = result.tables as readonly unknown[];
  if (!isObject(table) || !Array.isArray(table.rows)) return undefined;
  const [row] = table.rows as readonly unknown[];
  return isObject(row) ? row : {};
}

/** A table's name in DAX. */
export const daxTable = (name: string): string => `'${name.replaceAll("'", "''")}'`;
/** A column's name in DAX. */
export const daxColumn = (table: string, column: string): string =>
  `${daxTable(table)}[${column.replaceAll(']', ']]')}]`;
export const daxText = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export const countRows = (table: string): string => `COUNTROWS(${daxTable(table)})`;

export const countBatch = (table: string, batch: string): string =>
  `COUNTROWS(FILTER(${daxTable(table)}, ${daxColumn(table, '_batch_id')} = ${daxText(batch)}))`;
