// `ledgerpipe login NAME`: a person's consent, given at this terminal and kept sealed in the vault.
import { configError } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Command } from 'commander';
import { logIn } from '../checks/log-in.ts';
import { type PipelineSettings, readSettings, runsOf } from '../settings/index.ts';
import { openVaultedStore } from '../vault/open.ts';

export function register(program: Command): void {
  program
    .command('login')
    .description("ask for the consent that a pipeline's source needs, and keep it in the vault")
    .argument('<pipeline>', 'its name, or PIPELINE.TENANT where every tenant gives its own consent')
    .option('--file <file>', 'the pipelines', 'ledgerpipe.yaml')
    .action(async (name: string, { file }: { readonly file: string }) => {
      const settings = await readSettings(file, process.env);
      const runs = ofOneConnection(runsOf(settings, name), name);
      const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
      try {
        const { left } = await logIn({ settings, secrets: store.secrets, runs });
        process.stdout.write(
          `The consent of "${name}" is in the vault, and that file is gone. Try it: ledgerpipe check ${name}\n`,
        );
        for (const { name: run, tenant } of left)
          process.stderr.write(`warning: the consent is not for "${tenant}": "${run}" cannot run with it\n`);
      } finally {
        await store.close();
      }
    });
}

function ofOneConnection(runs: readonly PipelineSettings[], name: string): readonly PipelineSettings[] {
  const connections = new Map(runs.map((run) => [run.connection, run.name]));
  if (connections.size === 1) return runs;
  const names = [...connections.values()];
  const shown = names.slice(0, 5).map((run) => `"${run}"`);
  const more = names.length > shown.length ? `, ... (${names.length})` : '';
  throw configError(
    `Each tenant of "${name}" gives its own consent, log in for one: ${shown.join(', ')}${more}`,
  );
}
