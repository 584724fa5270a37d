// `ledgerpipe check`: every connector says whether it can work with its settings, one line each.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Command, InvalidArgumentError } from 'commander';
import { checkAll } from '../checks/check-all.ts';
import { stopSignal } from '../checks/stop.ts';
import { readSettings, runsOf, told } from '../settings/index.ts';
import { openVaultedStore } from '../vault/open.ts';

const defaultSeconds = 300;

interface Options {
  readonly file: string;
  readonly timeout: number;
}

export function register(program: Command): void {
  program
    .command('check')
    .description('ask every connector whether it can work with its settings')
    .argument('[pipeline]', 'one pipeline, or one of its tenants (PIPELINE.TENANT); default: all')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .option('--timeout <seconds>', 'how long one connector may take', secondsOf, defaultSeconds)
    .action(async (name: string | undefined, { file, timeout }: Options) => {
      const settings = await readSettings(file, process.env);
      for (const warning of settings.warnings) process.stderr.write(`warning: ${told(warning)}\n`);
      const runs = name === undefined ? Object.values(settings.pipelines) : runsOf(settings, name);
      const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
      try {
        const ok = await checkAll(runs, { settings, store, seconds: timeout, signal: stopSignal(), say });
        process.exitCode = ok ? 0 : 1;
      } finally {
        await store.close();
      }
    });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('give seconds, from 1 to 86400');
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
