// The command line of a tap or target: flags without verbs, as Meltano and singer-python's runners give them.
import { Option, Command as Program } from 'commander';
import type { Destination, JsonSchema, Source } from '../../index.ts';
import { type AboutFormat, aboutFormats, aboutOf, formatAbout } from './about.ts';
import type { Plugin } from './context.ts';
import { ownSettings } from './own-settings.ts';
import { executeSinger, type SingerCommand } from './run.ts';
import { discover, sync } from './tap.ts';
import { target } from './target.ts';
import { testConnection, testSchemas } from './test.ts';

interface Flags {
  readonly config: readonly string[];
  readonly about?: boolean;
  readonly format: AboutFormat;
  readonly discover?: boolean;
  readonly catalog?: string;
  readonly properties?: string;
  readonly state?: string;
  readonly test?: string | boolean;
  readonly input?: string;
}

/** Runs the tap or target that argv asks for and ends the process with its exit code. */
export async function serveSinger(connector: Source<never> | Destination<never>): Promise<void> {
  const kind = 'read' in connector ? 'tap' : 'target';
  const name = `${kind}-${connector.name.replace(/^(source|destination)-/, '')}`;
  const own = ownSettings(kind, connector.spec.connectionSpecification as JsonSchema);
  const program = new Program(name)
    .description(`${connector.name} as a Singer ${kind}`)
    .version(`${name} v${connector.version}`, '--version', 'print the version')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'CRITICAL ')) })
    .option('-c, --config <file>', 'settings, a JSON file, or ENV for variables; may be repeated', added, [])
    .option('--about', 'print what the plugin can do and the settings it takes')
    .addOption(new Option('--format <format>', 'of --about').choices(aboutFormats).default('text'));
  const run = ({ config: configs, ...flags }: Flags): Promise<void> => {
    const plugin: Plugin = { name, own, configs };
    if (flags.about)
      return executeSinger(
        printed(formatAbout(aboutOf(connector, { plugin: name, kind, own }), flags.format)),
      );
    return executeSinger(
      'read' in connector ? tapCommand(connector, plugin, flags) : target(connector, plugin, flags),
    );
  };
  if (kind === 'tap') addTapFlags(program);
  else program.option('--input <file>', 'read messages from a file instead of stdin');
  await program.action(run).parseAsync();
}

function addTapFlags(program: Program): void {
  program
    .option('-d, --discover', 'print the catalog')
    .option('--catalog <file>', 'streams and fields to read, as --discover printed them, with your selection')
    .option('-p, --properties <file>', 'older name of --catalog')
    .option('-s, --state <file>', 'value of the last STATE')
    .option('--test [what]', 'read one record of each stream, or "schema": print the schemas')
    .addOption(new Option('--dev', 'accepted for singer-python').hideHelp());
}

function tapCommand(
  source: Source<never>,
  plugin: Plugin,
  { discover: discovers, test, catalog: named, properties, state }: Omit<Flags, 'config'>,
): SingerCommand {
  const catalog = named ?? properties;
  const files = { ...(catalog ? { catalog } : {}), ...(state ? { state } : {}) };
  if (discovers) return discover(source, plugin);
  if (test === 'schema') return testSchemas(source, plugin, files);
  return test ? testConnection(source, plugin, files) : sync(source, plugin, files);
}

const added = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const printed =
  (text: string): SingerCommand =>
  async ({ out }) => {
    await out.write(text);
    return 0;
  };
