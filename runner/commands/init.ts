// `ledgerpipe init`: asks what is to be moved, and writes a commented ledgerpipe.yaml; nothing is overwritten.
import { access, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Command } from 'commander';
import { type Draft, draftText, productOf, productsOf } from '../settings/draft.ts';
import { askedFields } from '../settings/draft-config.ts';
import { suggestion } from '../settings/nearest.ts';
import { isProgram } from '../settings/specs.ts';
import { version } from '../version.ts';

export interface InitOptions {
  readonly from?: string;
  readonly to?: string;
  readonly name?: string;
}

/** Asks a person; an empty answer stands for the text in brackets. */
export type Ask = (question: string) => Promise<string>;

export function register(program: Command): void {
  program
    .command('init')
    .description('write a commented ledgerpipe.yaml to start from')
    .option('--file <file>', 'the file to write', 'ledgerpipe.yaml')
    .option('--from <source>', `where records come from: ${productsOf('source').join(', ')}, or a program`)
    .option('--to <destination>', `where they go: ${productsOf('destination').join(', ')}, or a program`)
    .option('--name <pipeline>', 'name of the pipeline; default: FROM-to-TO')
    .action(async ({ file, ...options }: InitOptions & { readonly file: string }) => {
      const asked = process.stdin.isTTY && options.from === undefined && options.to === undefined;
      const name = asked ? await initAtTerminal(file, options) : await init(file, options);
      process.stdout.write(
        `Wrote ${file}: fill in its settings as the comments say, then run "ledgerpipe sync ${name}"\n`,
      );
    });
}

async function initAtTerminal(file: string, options: InitOptions): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await init(file, options, (question) => terminal.question(question));
  } finally {
    terminal.close();
  }
}

/** Writes the file and gives the pipeline's name. Throws a config error when there is a file already. */
export async function init(file: string, options: InitOptions, ask?: Ask): Promise<string> {
  if (await isThere(file)) throw existing(file);
  const draft = await (ask ? asked(options, ask) : unasked(options));
  if (!/^[A-Za-z0-9_-]+$/.test(draft.name))
    throw configError(`Cannot name a pipeline "${draft.name}": use letters, digits, "_" and "-"`);
  try {
    await writeFile(file, draftText({ ...draft, schema: await schemaPlace(file) }), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existing(file);
    const { code } = error as NodeJS.ErrnoException;
    throw configError(`Cannot write "${file}": the folder cannot be written to (${code}), choose another`);
  }
  return draft.name;
}

const existing = (file: string): Error =>
  configError(`Cannot write "${file}": it exists already, choose another name with --file`);

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

type Unplaced = Omit<Draft, 'schema'>;

function unasked({ from = 'xero', to = 'databricks', name }: InitOptions): Unplaced {
  const source = connectorOf('source', from);
  const destination = connectorOf('destination', to);
  return {
    ...{ source, destination, given: { source: {}, destination: {} } },
    name: name ?? `${productOf(source)}-to-${productOf(destination)}`,
  };
}

/** The connector that a person calls `xero`, `source-xero` or `./program`. */
function connectorOf(kind: 'source' | 'destination', text: string): string {
  if (isProgram(text)) return text;
  const product = text.replace(`${kind}-`, '');
  const known = productsOf(kind);
  if (known.includes(product)) return `${kind}-${product}`;
  throw configError(`Cannot start a pipeline with the ${kind} "${text}": ${suggestion(product, known)}`);
}

async function asked(options: InitOptions, ask: Ask): Promise<Unplaced> {
  const pick = async (kind: 'source' | 'destination', question: string, given: string | undefined) =>
    given === undefined ? await choose(ask, question, productsOf(kind)) : given;
  const from = await pick('source', 'Where do the records come from?', options.from);
  const to = await pick('destination', 'Where do they go?', options.to);
  const draft = unasked({ ...options, from, to });
  const name = options.name ?? ((await ask(`Name of the pipeline [${draft.name}]: `)).trim() || draft.name);
  const given = {
    source: await answers(ask, draft.source),
    destination: await answers(ask, draft.destination),
  };
  return { ...draft, name, given };
}

/** Answers by field. What is left empty becomes a variable of the environment. */
async function answers(ask: Ask, connector: string): Promise<Readonly<Record<string, string>>> {
  const given: Record<string, string> = {};
  const seen = new Set<string>();
  for (;;) {
    // The shape that was chosen decides which fields come next.
    const field = askedFields(connector, given).find(({ path }) => !seen.has(path));
    if (!field) return given;
    seen.add(field.path);
    const { path, title, example, choices } = field;
    const question = `${productOf(connector)}: ${title}`;
    const answer =
      choices.length > 0 ? await choose(ask, question, choices) : await plainAnswer(ask, question, example);
    if (answer) given[path] = answer;
  }
}

async function plainAnswer(ask: Ask, question: string, example: string | undefined): Promise<string> {
  const hint = example ? ` (as ${example})` : '';
  return (await ask(`${question}${hint} [from the environment]: `)).trim();
}

async function choose(ask: Ask, question: string, choices: readonly string[]): Promise<string> {
  const list = choices.map((choice, index) => `  ${index + 1}  ${choice}\n`).join('');
  for (;;) {
    const answer = (await ask(`${question}\n${list}Number or name [1]: `)).trim() || '1';
    const found = choices[Number(answer) - 1] ?? choices.find((choice) => choice === answer);
    if (found) return found;
  }
}

const packagePath = 'node_modules/@ledgerpipe/runner/schema/ledgerpipe.schema.json';

/** The schema that is installed above the file, by a relative path; else that of this version on the web. */
async function schemaPlace(file: string): Promise<string> {
  const home = dirname(resolve(file));
  for (let folder = home; ; folder = dirname(folder)) {
    const path = join(folder, packagePath);
    if (await isThere(path)) return relative(home, path);
    if (folder === dirname(folder)) break;
  }
  return `https://unpkg.com/@ledgerpipe/runner@${version}/schema/ledgerpipe.schema.json`;
}
