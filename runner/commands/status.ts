// `ledgerpipe status`: how each pipeline stands, what waits, and how fresh its streams are.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Command } from 'commander';
import { statusOf } from '../run/status.ts';
import { statusText } from '../run/status-text.ts';
import { readSettings } from '../settings/index.ts';
import { openVaultedStore } from '../vault/open.ts';

export function register(program: Command): void {
  program
    .command('status')
    .description('how each pipeline stands: its last job, what waits, how fresh it is')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .option('--json', 'as one JSON object, with every stream')
    .action(async ({ file, json }: { readonly file: string; readonly json?: boolean }) => {
      const settings = await readSettings(file, process.env);
      const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
      try {
        const status = await statusOf(settings, { store, now: systemClock.now() });
        process.stdout.write(`${json ? JSON.stringify(status, null, 2) : statusText(status)}\n`);
      } finally {
        await store.close();
      }
    });
}
