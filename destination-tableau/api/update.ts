// Update Data in Hyper Data Source: a batch of actions that the server carries out whole or not at all.
import { systemError } from '@airbyte/cdk-typescript-shim';
import { type Job, jobOf } from './jobs.ts';
import type { Site } from './sessions.ts';
import { jsonHeaders } from './sign-in.ts';

export type Constant =
  | { readonly type: 'string'; readonly v: string }
  | { readonly type: 'integer'; readonly v: number };

export type Condition =
  | { readonly op: string; readonly 'target-col': string; readonly 'source-col': string }
  | { readonly op: string; readonly 'target-col': string; readonly const: Constant }
  | { readonly op: 'and' | 'or' | 'not'; readonly args: readonly Condition[] };

/** One step; the names are those of the vendor. */
export interface Action {
  readonly action: 'insert' | 'update' | 'upsert' | 'delete' | 'replace';
  readonly 'target-schema': string;
  readonly 'target-table': string;
  readonly 'source-schema'?: string;
  readonly 'source-table'?: string;
  readonly condition?: Condition;
}

export interface Update {
  readonly id: string;
  readonly name: string;
  /** Absent when no action reads a table of a file. */
  readonly uploadSession?: string;
  readonly actions: readonly Action[];
  /** A second request of the same ID within 24 hours is ignored as a duplicate. */
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** Sends the batch; its RequestID makes it safe to send again. */
export async function update(site: Site, options: Update): Promise<Job> {
  const { id, name, uploadSession, actions, requestId, signal } = options;
  const query = uploadSession ? `?uploadSessionId=${encodeURIComponent(uploadSession)}` : '';
  const purpose = `update data source "${name}" on site "${site.name}"`;
  const response = await site.change({
    method: 'PATCH',
    url: `${site.url}/datasources/${id}/data${query}`,
    headers: { ...jsonHeaders, requestid: requestId },
    body: JSON.stringify({ actions }),
    lane: site.id,
    repeatable: true,
    signal,
    purpose,
  });
  const job = jobOf(response.json());
  if (job) return job;
  throw systemError(
    `Cannot ${purpose}: Tableau answered ${response.status} without a job, report it with the log`,
  );
}
