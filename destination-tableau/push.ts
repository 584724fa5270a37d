// Publishes a file until it is certain that it is there, also when Tableau's answer was lost on the way.
import { ConnectorError, configError, transientError } from '@airbyte/cdk-typescript-shim';
import { pause } from '@airbyte/cdk-typescript-shim/kit';
import type { DataSource } from './api/data-sources.ts';
import { findDataSource } from './api/data-sources.ts';
import { codeOf } from './api/errors.ts';
import { follow, type Job } from './api/jobs.ts';
import { type Published, publish } from './api/publish.ts';
import { upload } from './api/uploads.ts';
import { type Audited, toldBy } from './audit.ts';
import type { Run, Target } from './run.ts';

export interface Push {
  readonly name: string;
  /** The source that is published over. */
  readonly existing?: DataSource | undefined;
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly fileType: 'hyper' | 'parquet';
  readonly batches: Audited['batches'];
}

const attempts = 3;

/** Resolves with the published source. */
export async function push(run: Run, target: Target, request: Push): Promise<DataSource> {
  const { clock } = run.context;
  const started = new Date(clock.now()).toISOString();
  for (let attempt = 1; ; attempt += 1) {
    const done = await pushOnce(run, target, { ...request, attempt });
    if (done) {
      target.sources.put(done.source);
      await tell(run, target, { ...request, ...done, started });
      run.changed.add(target.site.id);
      return done.source;
    }
    if (attempt >= attempts)
      throw transientError(
        `Cannot publish data source "${request.name}" to site "${target.site.name}": Tableau did not say whether it worked, and it did not appear, run again later`,
      );
  }
}

interface Pushed {
  readonly source: DataSource;
  readonly job: Job | undefined;
  readonly outcome: 'done' | 'unconfirmed';
}

/** Undefined: it did not happen, as far as one can see. */
async function pushOnce(
  run: Run,
  target: Target,
  request: Push & { readonly attempt: number },
): Promise<Pushed | undefined> {
  const { site, project } = target;
  const { clock, signal, config } = run.context;
  const { name, path, fileType, existing, attempt } = request;
  const uploadSession = await upload(site, path, {
    clock,
    signal,
    chunkBytes: config.chunk_megabytes * 1_000_000,
  });
  let made: Published;
  try {
    // A second attempt replaces what the first one may yet bring.
    const overwrite = existing !== undefined || attempt > 1;
    made = await publish(site, { name, project: project.id, uploadSession, fileType, overwrite, signal });
  } catch (error) {
    // A gateway that gave up (504) says nothing about the publish behind it; neither does a lost answer.
    const isTaken = codeOf(error) === '403007';
    const mayBeThere = isTaken ? attempt > 1 : error instanceof ConnectorError && error.kind === 'transient';
    if (!mayBeThere) throw error;
    const source = await appeared(run, target, { ...request, certain: false });
    return source && { source, job: undefined, outcome: 'unconfirmed' };
  }
  if ('source' in made) return { source: made.source, job: undefined, outcome: 'done' };
  const milliseconds = config.job_minutes * 60_000;
  const ended = await follow(site, made.job, { clock, signal, milliseconds });
  if (ended.kind === 'failed') throw refused(request, target, ended.job);
  const source = await appeared(run, target, { ...request, certain: ended.kind === 'done' });
  return source && { source, job: ended.job, outcome: ended.kind === 'done' ? 'done' : 'unconfirmed' };
}

/**
 * Pauses between looks, in milliseconds. What was just published may be missing from lists for some seconds; behind a
 * gateway that gave up (after a minute, mostly) a large file may take minutes, and a second publish helps nobody.
 */
const looks = [500, 1_000, 2_000, 4_000, 8_000, 15_000, ...Array.from({ length: 9 }, () => 30_000)] as const;

/** The source once it is there and newer than before. `certain`: the job has ended, so being there is enough. */
async function appeared(
  run: Run,
  { site, project, sources }: Target,
  { name, existing, certain }: Push & { readonly certain: boolean },
): Promise<DataSource | undefined> {
  for (const wait of [0, ...looks]) {
    if (wait > 0) await pause(run.context.clock, wait, { signals: [run.context.signal] });
    const found = existing ? await findDataSource(site, existing.id) : await listed();
    if (found && (certain || found.updatedAt !== existing?.updatedAt)) return found;
  }
  return undefined;

  async function listed(): Promise<DataSource | undefined> {
    await sources.relist(site);
    return sources.find(site, project.id, name);
  }
}

function refused({ name }: Push, { site, project }: Target, job: Job): Error {
  const said = job.notes ? `Tableau said "${job.notes}"` : 'Tableau gave no reason';
  const remedy =
    job.errorCode.startsWith('403') || /403007/.test(job.notes)
      ? 'choose another "name_prefix" or project'
      : 'look at the job in the background tasks of the site';
  return configError(
    `Cannot publish data source "${name}" to project "${project.name}" of site "${site.name}": ${said} (job "${job.id}", code ${job.errorCode || job.finishCode}), ${remedy}`,
  );
}

async function tell(
  run: Run,
  { site, project }: Target,
  { name, rows, bytes, batches, source, job, outcome, started }: Push & Pushed & { readonly started: string },
): Promise<void> {
  const entry: Audited = {
    event: 'data source published',
    outcome,
    site: site.name,
    site_id: site.id,
    project: project.name,
    data_source: name,
    data_source_id: source.id,
    request_id: null,
    ...toldBy(job),
    ...(outcome === 'unconfirmed'
      ? { evidence: `the data source is there, updated ${source.updatedAt}` }
      : {}),
    actions: ['publish'],
    rows,
    bytes,
    started,
    ended: new Date(run.context.clock.now()).toISOString(),
    batches,
  };
  await run.log('INFO', JSON.stringify(entry));
}
