// Publishes an uploaded file as a data source, as a job of the server.
import { at, fields, textOf } from './answers.ts';
import { type DataSource, readDataSource } from './data-sources.ts';
import { type Job, jobOf } from './jobs.ts';
import { escapeXml, multipart, multipartHeaders } from './multipart.ts';
import type { Site } from './sessions.ts';

export interface Publish {
  readonly name: string;
  readonly project: string;
  readonly uploadSession: string;
  readonly fileType: 'hyper' | 'parquet';
  /** Replaces a source of that name in that project; without it such a source is an error (403007). */
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

/** A job that publishes, or, from a server that does it at once, the source. */
export type Published = { readonly job: Job } | { readonly source: DataSource };

/**
 * `asJob` keeps gateways from giving up on a large file (504). Never sent again by itself: the first one may have
 * worked, and its upload session is spent.
 */
export async function publish(site: Site, options: Publish): Promise<Published> {
  const { name, project, uploadSession, fileType, overwrite, signal } = options;
  const query = `uploadSessionId=${encodeURIComponent(uploadSession)}&datasourceType=${fileType}&overwrite=${overwrite}&asJob=true`;
  const payload = `<tsRequest><datasource name="${escapeXml(name)}"><project id="${escapeXml(project)}"/></datasource></tsRequest>`;
  const response = await site.change({
    method: 'POST',
    url: `${site.url}/datasources?${query}`,
    headers: multipartHeaders,
    body: multipart(payload),
    lane: site.id,
    repeatable: false,
    signal,
    purpose: `publish data source "${name}" to site "${site.name}"`,
  });
  const answer = response.json();
  const job = jobOf(answer);
  if (job) return { job };
  const source = readDataSource(fields(at(answer, 'datasource')));
  return { source: { ...source, name: source.name || textOf(name) } };
}
