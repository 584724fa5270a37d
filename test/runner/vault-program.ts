// The command line with the commands of the vault and the backup alone.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { Command } from 'commander';
import { register as registerBackup } from '../../runner/commands/backup.ts';
import { register as registerVault } from '../../runner/commands/vault.ts';

const program = new Command('ledgerpipe');
registerVault(program);
registerBackup(program);
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${asConnectorError(error).message}\n`);
  process.exitCode = 1;
}
