// `ledgerpipe serve`: runs the schedules, receives webhooks and shows the page, until it is told to stop.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Command, InvalidArgumentError } from 'commander';
import { ownerName } from '../run/sync.ts';
import { type OpenLog, openLog } from '../serve/log.ts';
import { mounted } from '../serve/parts.ts';
import { startRunner } from '../serve/runner.ts';
import { untilStopped } from '../serve/signals.ts';
import { readSettings, told, withVault } from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import { openVaultedStore } from '../vault/open.ts';
import { version } from '../version.ts';

interface Options {
  readonly file: string;
  readonly lanes: number;
  readonly lease: number;
  readonly drain: number;
  readonly logLevel: string;
}

/** Long enough for a machine that is short of breath, short enough for work to move soon. */
const defaultLease = 15;
/** What orchestrators give a process before they kill it. */
const defaultDrain = 30;
const fewestLanes = 2;

export function register(program: Command): void {
  program
    .command('serve')
    .description('run the schedules, receive webhooks and show the page')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .option('--lanes <number>', 'jobs at once', wholeNumber, Math.max(fewestLanes, availableParallelism()))
    .option(
      '--lease <seconds>',
      "how long a dead runner's jobs are kept from others",
      wholeNumber,
      defaultLease,
    )
    .option('--drain <seconds>', 'how long it may take to stop', wholeNumber, defaultDrain)
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .action(async (options: Options) => {
      const runner = `${ownerName()}:${randomBytes(3).toString('hex')}`;
      const log = openLog({ level: options.logLevel, runner });
      let code = 1;
      try {
        code = await serve(options, { ...log, runner });
      } finally {
        await log.end();
      }
      // Whatever is left (a job that did not end, a request to the outside) must not keep the process.
      process.exit(code);
    });
}

/** Gives the exit code. */
async function serve(options: Options, { log, end, runner }: OpenLog & { readonly runner: string }) {
  const written = await readSettings(options.file, process.env);
  for (const warning of written.warnings) log.warn({ warning: told(warning) }, 'settings');
  for (const { name, problems } of Object.values(written.pipelines))
    for (const problem of problems) log.error({ pipeline: name, problem: told(problem) }, 'cannot start');
  const store = await openVaultedStore(written, { environment: process.env, clock: systemClock });
  try {
    const settings = { ...written, ...(await withSecrets(written, store)) };
    const leaseMilliseconds = options.lease * 1000;
    const running = await startRunner({
      ...{ settings, store, log, owner: runner, version, leaseMilliseconds, lanes: options.lanes },
      ...mounted(settings, systemClock),
      clock: systemClock,
    });
    const pipelines = Object.keys(settings.pipelines).length;
    log.info({ url: running.url, version, pipelines, lanes: options.lanes }, 'ready');
    return await untilStopped(running, { log, end, seconds: options.drain });
  } finally {
    await store.close();
  }
}

type Written = Awaited<ReturnType<typeof readSettings>>;

/** Those that the runner itself needs; each run finds its own. */
async function withSecrets({ http, webhooks, on_failure }: Written, { secrets }: Store) {
  return await withVault({ http, webhooks, ...(on_failure && { on_failure }) }, secrets);
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a number from 1 to 99999');
}
