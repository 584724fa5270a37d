// `ledgerpipe replay`: reads again what a job, an event or a document was about, and delivers it as a replay.
import { asConnectorError, configError } from '@airbyte/cdk-typescript-shim';
import { openProgress, systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Command, InvalidArgumentError } from 'commander';
import { stopSignal } from '../checks/stop.ts';
import { replaysOf } from '../run/replay.ts';
import { performOwn } from '../run/sync.ts';
import { readSettings, type Settings } from '../settings/index.ts';
import type { Job, Store } from '../store/index.ts';
import { openVaultedStore } from '../vault/open.ts';
import { routingOf } from '../webhooks/routing.ts';

interface Options {
  readonly file: string;
  readonly job?: number;
  readonly event?: string;
  readonly record?: string;
  readonly failed?: boolean;
  readonly pipeline?: string;
  readonly later?: boolean;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('read again what a job, an event or a document was about, and deliver it anew')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .option('--job <number>', 'what that job read, or went on to read', numberOf)
    .option('--event <id>', 'the record that this webhook event is about')
    .option('--record <key>', 'the record of that key or document number, such as INV-0042')
    .option('--failed', 'every job that failed and that nothing has made up for')
    .option('--pipeline <name>', 'only within this pipeline, with --record and --failed')
    .option('--later', 'only add the jobs: a runner that serves takes them')
    .action(async ({ file, later = false, ...what }: Options) => {
      const settings = await readSettings(file, process.env);
      const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
      try {
        const jobs = await addReplays(what, { settings, store });
        if (!later) process.exitCode = (await perform(jobs, { settings, store })) ? 0 : 1;
      } finally {
        await store.close();
      }
    });
}

interface Ports {
  readonly settings: Settings;
  readonly store: Store;
}

async function addReplays(
  what: Omit<Options, 'file' | 'later'>,
  { settings, store }: Ports,
): Promise<readonly Job[]> {
  const routing = routingOf(settings.pipelines);
  const replays = await replaysOf(what, {
    store,
    now: systemClock.now(),
    pipelinesOf: (event) => routing.of(event).map(({ pipeline }) => pipeline),
  });
  const jobs: Job[] = [];
  for (const replay of replays) {
    if (!settings.pipelines[replay.pipeline])
      throw configError(`Cannot replay for pipeline "${replay.pipeline}": the file has no such pipeline`);
    const job = await store.jobs.add(replay);
    jobs.push(job);
    const of = replay.replayOf === undefined ? '' : ` as a replay of job ${replay.replayOf}`;
    say(`Added job ${job.id} of ${job.pipeline}${of}: ${subject(job)}`);
  }
  if (jobs.length === 0) say('Nothing to replay: no job has failed that a later one has not made up for');
  return jobs;
}

const subject = ({ records, streams }: Job): string =>
  records
    ? `${records.length} ${records.length === 1 ? 'record' : 'records'}`
    : streams
      ? `streams ${streams.join(', ')}`
      : 'all streams, from their last states';

/** One after another; a job that fails does not stop the others. */
async function perform(jobs: readonly Job[], { settings, store }: Ports): Promise<boolean> {
  const signal = stopSignal();
  let complete = true;
  for (const { id, pipeline: name } of jobs) {
    const pipeline = settings.pipelines[name];
    if (!pipeline || signal.aborted) continue;
    const progress = await openProgress('read');
    try {
      const ports = { settings, store, signal, progress, clock: systemClock, performed: () => undefined };
      const ended = await performOwn(pipeline, { id, added: true }, ports);
      say(`Job ${id} of ${name}: ${ended.state}, ${ended.read} read, ${ended.committed} committed`);
      if (ended.failure) complain(ended.failure.message);
      complete &&= ended.state === 'done';
    } catch (thrown) {
      complain(asConnectorError(thrown).message);
      complete = false;
    } finally {
      progress.end();
    }
  }
  return complete && !signal.aborted;
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give the number of a job');
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (message: string): void => void process.stderr.write(`error: ${message}\n`);
