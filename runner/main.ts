// The command line of the runner: ledgerpipe init, ledgerpipe sync.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { openProgress } from '@airbyte/cdk-typescript-shim/kit';
import { Command } from 'commander';
import { init } from './init.ts';
import { readSettings } from './settings.ts';
import { summary } from './summary.ts';
import { sync } from './sync.ts';
import { version } from './version.ts';

const fileOption = ['--file <file>', 'the pipelines', 'ledgerpipe.yaml'] as const;

const program = new Command('ledgerpipe')
  .description('Carries accounting records from sources to destinations')
  .version(version)
  .showHelpAfterError();

program
  .command('init')
  .description('write a commented ledgerpipe.yaml to start from')
  .option(...fileOption)
  .action(({ file }: { file: string }) =>
    end(async () => {
      await init(file);
      process.stdout.write(
        `Wrote ${file}: fill in its settings, then run "ledgerpipe sync xero-to-databricks"\n`,
      );
      return 0;
    }),
  );

program
  .command('sync')
  .description('run a pipeline once')
  .argument('<pipeline>', 'its name in the file')
  .option(...fileOption)
  .action((name: string, { file }: { file: string }) =>
    end(async () => {
      const settings = await readSettings(file, process.env);
      const progress = await openProgress('read');
      const tally = await sync(settings, name, { progress, signal: stopSignal() }).finally(() =>
        progress.end(),
      );
      process.stdout.write(`${summary(name, tally)}\n`);
      return tally.ok ? 0 : 1;
    }),
  );

await program.parseAsync();

/** The first Ctrl-C or SIGTERM stops in order; the second one kills. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => controller.abort(new Error(`Stopped by ${name}`)));
  return controller.signal;
}

async function end(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (thrown) {
    process.stderr.write(`error: ${asConnectorError(thrown).message}\n`);
    process.exitCode = 1;
  }
}
