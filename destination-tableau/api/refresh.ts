// Refreshes extracts that are built on the data sources, and says what a schedule on Server would need.
import { ConnectorError } from '@airbyte/cdk-typescript-shim';
import type { Dependent } from '../spec.ts';
import { codeOf, readRefusal, said } from './errors.ts';
import { jobOf } from './jobs.ts';
import type { Site } from './sessions.ts';

export interface Refreshed {
  /** `queued` already counts as refreshed: it reads what is there when it starts. */
  readonly outcome: 'started' | 'queued' | 'deferred' | 'failed';
  readonly job: string;
  readonly detail: string;
}

/** Starts a refresh. Never throws for what Tableau refuses: the data has arrived, whoever reads it. */
export async function refreshExtract(site: Site, { kind, id }: Dependent): Promise<Refreshed> {
  try {
    const response = await site.send({
      method: 'POST',
      url: `${site.url}/${kind}s/${encodeURIComponent(id)}/refresh`,
      headers: { 'content-type': 'text/xml', accept: 'application/json' },
      body: '<tsRequest/>',
      purpose: `refresh ${kind} "${id}" on site "${site.name}"`,
    });
    return { outcome: 'started', job: jobOf(response.json())?.id ?? '', detail: '' };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { outcome: outcomeOf(codeOf(error)), job: '', detail: detailOf(error) };
  }
}

/** 409093: a refresh is queued, and a second one is not needed. 429000: 60 starts an hour and site on Cloud. */
const outcomeOf = (code: string): Refreshed['outcome'] =>
  code === '409093' ? 'queued' : code.startsWith('429') ? 'deferred' : 'failed';

function detailOf(error: ConnectorError): string {
  if (error.status === undefined || error.body === undefined) return error.message;
  return said(readRefusal({ status: error.status, text: () => error.body ?? '' }));
}
