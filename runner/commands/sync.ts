// `ledgerpipe sync`: runs a pipeline once, and tells in a table what moved.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { openProgress, systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Command } from 'commander';
import { stopSignal } from '../checks/stop.ts';
import type { Performed } from '../run/perform.ts';
import { summary } from '../run/summary.ts';
import { sync } from '../run/sync.ts';
import { type PipelineSettings, readSettings, runsOf, type Settings } from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import { openVaultedStore } from '../vault/open.ts';

export function register(program: Command): void {
  program
    .command('sync')
    .description('run a pipeline once')
    .argument('<pipeline>', 'its name in the file, or PIPELINE.TENANT for one of its tenants')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .action(async (name: string, { file }: { readonly file: string }) => {
      const settings = await readSettings(file, process.env);
      const runs = runsOf(settings, name);
      const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
      try {
        const signal = stopSignal();
        let complete = true;
        for (const run of runs)
          if (!signal.aborted) complete = (await syncOne(run, { settings, store, signal })) && complete;
        process.exitCode = complete && !signal.aborted ? 0 : 1;
      } finally {
        await store.close();
      }
    });
}

interface SyncOne {
  readonly settings: Settings;
  readonly store: Store;
  readonly signal: AbortSignal;
}

/** A tenant that fails does not stop the others. */
async function syncOne(run: PipelineSettings, { settings, store, signal }: SyncOne): Promise<boolean> {
  const progress = await openProgress('read');
  const performed: Performed[] = [];
  try {
    const job = await sync(run, {
      settings,
      store,
      signal,
      clock: systemClock,
      progress,
      performed: (one) => void performed.push(one),
    }).finally(() => progress.end());
    for (const one of performed) tell(one);
    if (performed.at(-1)?.job.id !== job.id && !signal.aborted)
      say(`${run.name}: another runner did job ${job.id}, ${job.committed} records committed`);
    return job.state === 'done';
  } catch (thrown) {
    for (const one of performed) tell(one);
    complain(asConnectorError(thrown).message);
    return false;
  }
}

function tell({ job, tally, error, kept }: Performed): void {
  if (error) complain(error.message);
  else say(summary(job.pipeline, tally));
  if (!kept) complain(`Job ${job.id} of "${job.pipeline}" was taken by another runner while it ran`);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (message: string): void => void process.stderr.write(`error: ${message}\n`);
