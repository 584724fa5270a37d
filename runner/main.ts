// The command line of the runner: each command is a file of its own, loaded when it is asked for.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { Command } from 'commander';
import { version } from './version.ts';

interface CommandFile {
  register(program: Command): void;
}

/** In the order in which help shows them. */
const commands: Readonly<Record<string, () => Promise<CommandFile>>> = {
  init: () => import('./commands/init.ts'),
  check: () => import('./commands/check.ts'),
  login: () => import('./commands/login.ts'),
  sync: () => import('./commands/sync.ts'),
  serve: () => import('./commands/serve.ts'),
  status: () => import('./commands/status.ts'),
  audit: () => import('./commands/audit.ts'),
  replay: () => import('./commands/replay.ts'),
  vault: () => import('./commands/vault.ts'),
  backup: () => import('./commands/backup.ts'),
};

const program = new Command('ledgerpipe')
  .description('Carries accounting records from sources to destinations')
  .version(version)
  .showHelpAfterError();

const asked = commands[process.argv[2] ?? ''];
for (const load of asked ? [asked] : Object.values(commands)) (await load()).register(program);

try {
  await program.parseAsync();
} catch (thrown) {
  process.stderr.write(`error: ${asConnectorError(thrown).message}\n`);
  process.exitCode = 1;
}
