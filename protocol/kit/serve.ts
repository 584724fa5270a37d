// Serves a connector as a program: the one command grammar of all connectors.
import { Command as Program } from 'commander';
import { catalogMessage, type Destination, type Source, specMessage } from '../index.ts';
import { check } from './commands/check.ts';
import { openContext } from './commands/context.ts';
import { login } from './commands/login.ts';
import { type ReadFiles, read } from './commands/read.ts';
import { type WriteFiles, write } from './commands/write.ts';
import { type Command, execute } from './run.ts';
import { isSingerCall } from './singer/call.ts';

const configOption = ['--config <file>', 'configuration, a JSON object as `spec` describes it'] as const;
const catalogOption = [
  '--catalog <file>',
  'streams to move: configured, or as `discover` printed them',
] as const;

/** Runs the program that argv asks for and ends the process with its exit code. */
export async function serve<Config>(connector: Source<Config> | Destination<Config>): Promise<void> {
  // The config a connector gets has passed its own spec: from here on its type does not matter.
  const served = connector as unknown as Source<never> | Destination<never>;
  // Loaded when wanted: it has no part in how soon `spec` answers.
  if (isSingerCall(process.argv)) return (await import('./singer/program.ts')).serveSinger(served);
  const program = new Program(connector.name)
    .description(describe(served))
    .version(connector.version)
    .showHelpAfterError();
  const run = (command: Command) => execute(command);

  program
    .command('spec')
    .description('print the configuration that the connector takes')
    .action(() => run(printSpec(served)));
  program
    .command('check')
    .description('try the configuration and say what works')
    .requiredOption(...configOption)
    .action(({ config }: { config: string }) => run(check(served, config)));
  if ('read' in served) addSourceCommands(program, served, run);
  else addDestinationCommands(program, served, run);
  await program.parseAsync();
}

function addSourceCommands(
  program: Program,
  source: Source<never>,
  run: (command: Command) => Promise<void>,
) {
  program
    .command('discover')
    .description('print the streams that can be read')
    .requiredOption(...configOption)
    .action(({ config }: { config: string }) => run(discover(source, config)));
  program
    .command('read')
    .description(
      'print records and states; without --catalog: the catalog, then every stream in its best mode',
    )
    .requiredOption(...configOption)
    .option(...catalogOption)
    .option('--state <file>', 'states of the last run: an array, STATE lines, or the legacy object')
    .option(
      '--only <file>',
      'read exactly these records, JSON lines {"stream","tenant","id"}; moves no state',
    )
    .action((files: ReadFiles) => run(read(source, files)));
  if (!source.login) return;
  program
    .command('login')
    .description('give consent in the browser and complete the configuration file')
    .requiredOption(...configOption)
    .action(({ config }: { config: string }) => run(login(source, config)));
}

function addDestinationCommands(
  program: Program,
  destination: Destination<never>,
  run: (command: Command) => Promise<void>,
) {
  program
    .command('write')
    .description('take messages on stdin, print the states that became durable')
    .requiredOption(...configOption)
    .option(...catalogOption)
    .action((files: WriteFiles) => run(write(destination, files)));
}

const printSpec =
  ({ spec }: Pick<Source<never>, 'spec'>): Command =>
  async ({ output }) => {
    await output.write(specMessage({ protocol_version: '0.18.0', ...spec }));
    return 0;
  };

const discover =
  (source: Source<never>, file: string): Command =>
  async (run) => {
    const context = await openContext(source, { run, file });
    await run.output.write(catalogMessage(await source.discover(context)));
    return 0;
  };

const describe = (connector: Source<never> | Destination<never>): string =>
  'read' in connector
    ? 'A source of accounting records that speaks the Airbyte protocol'
    : 'A destination for accounting records that speaks the Airbyte protocol';
