// One job from end to end: its connectors, what they move, what the store remembers of it, and how it ended.
import { join } from 'node:path';
import {
  asConnectorError,
  type Clock,
  type ConfiguredCatalog,
  type ConnectorError,
  isObject,
} from '@airbyte/cdk-typescript-shim';
import type { Progress } from '@airbyte/cdk-typescript-shim/kit';
import { commandOf } from '../registry.ts';
import {
  keepRotations,
  type PipelineSettings,
  refuseProblems,
  type Settings,
  secretOf,
  withRotations,
  withVault,
} from '../settings/index.ts';
import { specOf } from '../settings/specs.ts';
import type { Job, JobOutcome, Store } from '../store/contract.ts';
import { openTrail } from './audit/open.ts';
import type { Trail } from './audit/trail.ts';
import { configure, discovered } from './catalog.ts';
import { startChild } from './child.ts';
import { openRunFiles, type RunFiles } from './files.ts';
import { type HeldLease, holdLease } from './lease.ts';
import { forgetChildren, noteChildren, stopOrphans } from './orphans.ts';
import { outcomeOf } from './outcome.ts';
import { endAtOnce, stopOn } from './stopping.ts';
import { type End, Tally } from './tally.ts';
import { type Ends, type LogEntry, transfer } from './transfer.ts';

export interface JobPorts {
  readonly settings: Pick<Settings, 'file' | 'folder' | 'retry'>;
  readonly store: Store;
  readonly clock: Clock;
  /** Aborted to stop in order: what was read is committed, the job waits to go on. */
  readonly signal: AbortSignal;
  /** As the job was claimed. */
  readonly owner: string;
  readonly leaseMilliseconds: number;
  /** See `LeaseOptions`. */
  readonly shared?: boolean;
  readonly progress: Progress;
  /** Hears the JSON that either end logs. */
  readonly told?: (end: End, entry: LogEntry) => void;
  /** Off: nothing is kept of single records. */
  readonly audit?: boolean;
}

export interface Performed {
  readonly job: Job;
  readonly tally: Tally;
  readonly outcome: JobOutcome;
  /** False: another runner has taken the job, and the outcome is theirs to tell. */
  readonly kept: boolean;
  /** Why it could not begin or go on. */
  readonly error?: ConnectorError;
}

/**
 * Performs a claimed job and ends it in the store. Whatever goes wrong with it is its outcome; rejects only when the
 * store cannot be written.
 */
export async function performJob(job: Job, pipeline: PipelineSettings, ports: JobPorts): Promise<Performed> {
  const { store, clock, owner, settings } = ports;
  const lease = holdLease(job, {
    jobs: store.jobs,
    owner,
    clock,
    milliseconds: ports.leaseMilliseconds,
    shared: ports.shared ?? false,
  });
  const tally = new Tally();
  try {
    const error = await run({ job, pipeline, tally, lease }, ports);
    const stopped = ports.signal.aborted;
    const outcome = outcomeOf(job, { tally, error, stopped, now: clock.now(), retry: settings.retry });
    // Events first: a job that dies in between is taken up again, and then says so again.
    if (!lease.lost.aborted) await settleEvents(job, { outcome, store });
    const kept = !lease.lost.aborted && (await store.jobs.finish(job.id, owner, outcome));
    return { job, tally, outcome, kept, ...(error && { error }) };
  } finally {
    lease.release();
  }
}

interface Run {
  readonly job: Job;
  readonly pipeline: PipelineSettings;
  readonly tally: Tally;
  readonly lease: HeldLease;
}

/** Gives why it could not begin or go on, when that is so. */
async function run(about: Run, ports: JobPorts): Promise<ConnectorError | undefined> {
  const folder = join(ports.settings.folder, about.pipeline.name);
  try {
    refuseProblems(ports.settings, about.pipeline);
    const files = await openRunFiles(folder, () => stopOrphans(folder));
    try {
      await runWith(files, about, { ...ports, folder });
    } finally {
      await files.remove();
      await forgetChildren(folder);
    }
    return undefined;
  } catch (thrown) {
    return asConnectorError(thrown);
  }
}

type RunPorts = JobPorts & { readonly folder: string };

async function runWith(files: RunFiles, about: Run, ports: RunPorts): Promise<void> {
  const { job, pipeline, tally, lease } = about;
  const { store, clock, signal, audit = true } = ports;
  const written = await withVault(pipeline.source.config, store.secrets);
  const { ends, catalog, rejects } = await start(files, { ...about, written }, ports);
  stopOn({ stop: signal, lost: lease.lost }, ends);
  const trail = audit
    ? await trailOf(ends, () => openTrail({ job, catalog, rejects }, { store, clock }))
    : undefined;
  await transfer(ends, {
    tally,
    progress: ports.progress,
    told: ports.told,
    trail,
    keepRotation: (rotated) => keepRotations(store.secrets, secretOf(pipeline), { written, rotated }),
    keepState: async (state) => {
      if (!job.records && !lease.lost.aborted) await store.states.keep(pipeline.name, state, job.id);
    },
  });
  const settled = await trail?.ended((stream) => tally.isComplete(stream));
  for (const [stream, count] of settled ?? []) tally.settledAtEnd(stream, count);
}

/** Without it nothing may pass. */
async function trailOf(ends: Ends, open: () => Promise<Trail>): Promise<Trail> {
  try {
    return await open();
  } catch (error) {
    await endAtOnce(ends);
    throw error;
  }
}

interface Started {
  readonly ends: Ends;
  readonly catalog: ConfiguredCatalog;
  /** File in which the destination keeps the lines that it cannot use. */
  readonly rejects: string | undefined;
}

/** Asks the source what it offers, then starts both ends with what they need. */
async function start(
  files: RunFiles,
  { job, pipeline, written }: Run & { readonly written: Readonly<Record<string, unknown>> },
  { store, folder }: RunPorts,
): Promise<Started> {
  const { source, destination } = pipeline;
  const { records, streams } = job;
  const command = commandOf(source.connector);
  if (mayRotate(written)) await proveVault(store, secretOf(pipeline));
  const current = await withRotations(store.secrets, secretOf(pipeline), written);
  const config = await files.write('source.json', current);
  const finding = startChild(source.connector, command, ['discover', '--config', config]);
  await noteChildren(folder, [finding]);
  const choice = { streams, moved: pipeline.streams, records, job: job.id };
  const catalog = configure(await discovered(finding), choice);
  const catalogFile = await files.write('catalog.json', catalog);
  const states = records ? [] : await store.states.of(pipeline.name);
  const rejects = rejectFile(pipeline, { folder, job });
  const target = { ...rejects.setting, ...(await withVault(destination.config, store.secrets)) };
  const targetFile = await files.write('destination.json', target);
  const reading = [
    ...['read', '--config', config, '--catalog', catalogFile],
    ...(states.length > 0 ? ['--state', await files.write('state.json', states)] : []),
    ...(records ? ['--only', await files.writeLines('only.jsonl', records)] : []),
  ];
  const writing = ['write', '--config', targetFile, '--catalog', catalogFile];
  const ends = {
    source: startChild(source.connector, command, reading),
    destination: startChild(destination.connector, commandOf(destination.connector), writing),
  };
  await noteChildren(folder, [ends.source, ends.destination]);
  return { ends, catalog, rejects: rejects.file };
}

const mayRotate = (part: unknown): boolean =>
  isObject(part) && ('refresh_token' in part || Object.values(part).some(mayRotate));

/** A vault without its key is refused now, not when the source has a new token and the old one is spent. */
async function proveVault({ secrets }: Store, name: string): Promise<void> {
  if ((await secrets.get(name)) === undefined) await secrets.put(name, []);
}

/** Where the destination puts lines that it cannot use: the trail reads there whose they were. */
function rejectFile(
  { destination: { connector, config } }: PipelineSettings,
  { folder, job }: { readonly folder: string; readonly job: Job },
): { readonly file?: string; readonly setting: Readonly<Record<string, unknown>> } {
  if (typeof config.reject_file === 'string') return { file: config.reject_file, setting: {} };
  const offers = specOf(connector)?.properties?.reject_file !== undefined;
  const file = join(folder, `rejects-${job.id}.jsonl`);
  return offers ? { file, setting: { reject_file: file } } : { setting: {} };
}

async function settleEvents(
  { id, events }: Job,
  { outcome, store }: { readonly outcome: JobOutcome; readonly store: Store },
): Promise<void> {
  if (!events?.length) return;
  if (outcome.state === 'done') await store.events.mark(events, 'done', id);
  if (outcome.state === 'failed' || outcome.state === 'parked') await store.events.mark(events, 'parked', id);
}
