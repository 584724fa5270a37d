// `ledgerpipe backup`: a copy of the store while the runner works.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Command } from 'commander';
import { backUp } from '../store/backup.ts';
import { readStoreSettings } from '../vault/settings.ts';

export function register(program: Command): void {
  program
    .command('backup')
    .description('copy the store to a file while runners work; secrets stay sealed, the key is not in it')
    .argument('<to>', 'the file to make')
    .option('--file <file>', 'the settings', 'ledgerpipe.yaml')
    .option('--store <url>', 'the store, without settings: a path or postgres://...')
    .action(async (to: string, options: { file: string; store?: string }) => {
      const { store } = await readStoreSettings(options, process.env);
      const { file, bytes } = await backUp(store, { to, clock: systemClock });
      const size = `${(bytes / 1_048_576).toFixed(1)} MB`;
      process.stdout.write(
        `Wrote ${file} (${size}): keep the vault's key apart from it; to restore, use it as the store\n`,
      );
    });
}
