// Brings one payload into a data source: upload, update, job, and another attempt wherever the end is unknown.
import { createHash } from 'node:crypto';
import { ConnectorError, configError, transientError } from '@airbyte/cdk-typescript-shim';
import { type DataSource, findDataSource } from './api/data-sources.ts';
import { codeOf } from './api/errors.ts';
import { type Ended, follow, type Job } from './api/jobs.ts';
import { update } from './api/update.ts';
import { upload } from './api/uploads.ts';
import { type Audited, type Outcome, toldBy } from './audit.ts';
import type { Payload } from './payload.ts';
import type { Run, Target } from './run.ts';

export interface Apply {
  readonly source: DataSource;
  readonly payload: Payload;
  /** What the payload was made of: equal rows for an equal source give an equal RequestID. */
  readonly content: readonly string[];
  readonly batches: Audited['batches'];
}

/** A payload that Tableau finds too large (413). */
export class TooLarge extends Error {}

const attempts = 2;

/**
 * Every batch gives the same rows however often it is carried out, so an end that nobody knows is met by sending it
 * again: under the same RequestID where the first request may be under way, under a new one after a job that failed.
 */
export async function apply(run: Run, target: Target, request: Apply): Promise<DataSource> {
  const { clock, config } = run.context;
  let known: DataSource = request.source;
  for (let attempt = 1; ; attempt += 1) {
    const requestId = unused(run, request, attempt);
    const started = new Date(clock.now()).toISOString();
    const ended = await applyOnce(run, target, { ...request, requestId });
    const after = await findDataSource(target.site, request.source.id);
    if (!after) throw vanished(request.source, target);
    const outcome = outcomeOf(ended, { before: known, after });
    known = { ...after, tags: after.tags.length > 0 ? after.tags : request.source.tags };
    if (outcome.kind === 'again' && attempt < attempts) continue;
    const accepted = outcome.kind === 'done' || (isUntold(ended) && config.purged_jobs === 'accept');
    const told: Outcome = outcome.kind === 'done' ? outcome.outcome : accepted ? 'unconfirmed' : 'failed';
    await tell(run, target, {
      ...request,
      requestId,
      job: ended?.job,
      told,
      evidence: outcome.evidence,
      started,
    });
    if (!accepted) throw failed(request, target, ended);
    target.sources.put(known);
    run.changed.add(target.site.id);
    return known;
  }
}

/** How the job ended; undefined when the request was ignored as a duplicate of one that nobody can follow. */
async function applyOnce(
  run: Run,
  { site }: Target,
  { source, payload, requestId }: Apply & { readonly requestId: string },
): Promise<Ended | undefined> {
  const { clock, signal, config } = run.context;
  try {
    const job = await send();
    return await follow(site, job, { clock, signal, milliseconds: config.job_minutes * 60_000 });
  } catch (error) {
    if (error instanceof ConnectorError && error.status === 413)
      throw new TooLarge(error.message, { cause: error });
    // What a duplicate is answered with is not documented: a conflict says that the first request was taken.
    if (codeOf(error).startsWith('409')) return undefined;
    throw error;
  }

  async function send(): Promise<Job> {
    for (let attempt = 1; ; attempt += 1) {
      const uploadSession = payload.path
        ? await upload(site, payload.path, { clock, signal, chunkBytes: config.chunk_megabytes * 1_000_000 })
        : undefined;
      try {
        return await update(site, {
          id: source.id,
          name: source.name,
          ...(uploadSession ? { uploadSession } : {}),
          actions: payload.actions,
          requestId,
          signal,
        });
      } catch (error) {
        // The session may have been spent by a request whose answer was lost; a source that is gone is told later.
        const spent = error instanceof ConnectorError && error.status === 404 && uploadSession !== undefined;
        if (!spent || attempt > 1) throw error;
      }
    }
  }
}

/** The request's ID; within a run, where nothing is repeated, one that no earlier change of the run has had. */
function unused({ sent }: Run, request: Apply, attempt: number): string {
  let id = requestIdOf(request, attempt);
  for (let round = 1; sent.has(id); round += 1) id = requestIdOf(request, attempt + attempts * round);
  sent.add(id);
  return id;
}

/**
 * Deterministic, so that a repetition is recognised; the source's state is part of it, or rows that changed and
 * changed back within 24 hours would be taken for a duplicate of the first time.
 */
function requestIdOf({ source, content }: Apply, attempt: number): string {
  const text = JSON.stringify([source.id, source.updatedAt, content, attempt]);
  const hash = createHash('sha256').update(text).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

type Verdict =
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly evidence?: string }
  | { readonly kind: 'again'; readonly evidence?: string };

function outcomeOf(
  ended: Ended | undefined,
  { before, after }: { readonly before: DataSource; readonly after: DataSource },
): Verdict {
  if (ended?.kind === 'done') return { kind: 'done', outcome: 'done' };
  if (ended?.kind === 'failed') return { kind: 'again' };
  const why =
    ended?.kind === 'unclear' ? 'the job ended with code 3, as only Bridge has it' : 'the job is forgotten';
  if (after.updatedAt !== before.updatedAt && ended)
    return {
      kind: 'done',
      outcome: 'unconfirmed',
      evidence: `${why}; the data source was updated ${after.updatedAt}`,
    };
  return { kind: 'again', evidence: `${why} and the data source shows no change` };
}

/** The job has ended, and nobody said how. */
const isUntold = (ended: Ended | undefined): boolean => ended?.kind === 'purged' || ended?.kind === 'unclear';

const vanished = ({ name }: DataSource, { site }: Target): Error =>
  transientError(
    `Cannot update data source "${name}" on site "${site.name}": it was deleted meanwhile, run again to publish it anew`,
  );

function failed({ source }: Apply, { site }: Target, ended: Ended | undefined): Error {
  const job = ended?.job;
  const wanted = `Cannot update data source "${source.name}" on site "${site.name}"`;
  if (!job || isUntold(ended))
    return transientError(
      `${wanted}: ${ended?.kind === 'unclear' ? `job "${job?.id}" ended with code 3, which says nothing of an update, and no change is to be seen` : 'Tableau forgot the job before it told its end'}, run again, or set "purged_jobs" to "accept"`,
    );
  const said = job.notes ? `Tableau said "${job.notes}"` : 'Tableau gave no reason';
  const about = `${said} (job "${job.id}", code ${job.errorCode || job.finishCode})`;
  const cancelled = job.finishCode === 2;
  const crashed = /0800[16]/.test(job.notes);
  if (cancelled || crashed || job.notes === '')
    return transientError(`${wanted}: ${about}, ${cancelled ? 'somebody cancelled it: ' : ''}run again`);
  return configError(
    `${wanted}: ${about}, if its tables were changed by hand delete the data source, so that the next run publishes it anew`,
  );
}

interface Told extends Apply {
  readonly requestId: string;
  readonly job: Job | undefined;
  readonly told: Outcome;
  readonly evidence: string | undefined;
  readonly started: string;
}

async function tell(run: Run, { site, project }: Target, about: Told): Promise<void> {
  const { source, payload, requestId, job, told, evidence, started, batches } = about;
  const entry: Audited = {
    event: 'data source updated',
    outcome: told,
    site: site.name,
    site_id: site.id,
    project: project.name,
    data_source: source.name,
    data_source_id: source.id,
    request_id: requestId,
    ...toldBy(job),
    ...(evidence ? { evidence } : {}),
    actions: payload.actions.map((action) => `${action.action} ${action['target-table']}`),
    rows: payload.rows,
    bytes: payload.bytes,
    started,
    ended: new Date(run.context.clock.now()).toISOString(),
    batches,
  };
  await run.log(told === 'done' ? 'INFO' : 'WARN', JSON.stringify(entry));
}
