// Runs the example connectors under Singer names: what npm's second `bin` entry does.
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundled } from '../bundled.ts';
import { type Ended, fileOf, run, type Started, start, temporaryFolder } from '../program.ts';

const mains = {
  tap: resolve(import.meta.dirname, '../example-source/main.ts'),
  target: resolve(import.meta.dirname, '../example-destination/main.ts'),
  books: resolve(import.meta.dirname, 'books/main.ts'),
};

type Options = Parameters<typeof start>[2];

export const secret = 'a-very-secret-key';
export const tapConfig = { rows: 5, api_key: secret, state_every: 2 };

/** A symbolic link to a connector's main, whose name says what it is. */
async function linked(main: string, name: string): Promise<string> {
  const link = join(await temporaryFolder(), `${name}.mjs`);
  await symlink(bundled(main), link);
  return link;
}

export const tap = async (args: readonly string[], options?: Options): Promise<Ended> =>
  run(await linked(mains.tap, 'tap-example'), args, options);

export const startTap = async (args: readonly string[], options?: Options): Promise<Started> =>
  start(await linked(mains.tap, 'tap-example'), args, options);

export const books = async (args: readonly string[], options?: Options): Promise<Ended> =>
  run(await linked(mains.books, 'tap-books'), args, options);

export const target = async (args: readonly string[], options?: Options): Promise<Ended> =>
  run(await linked(mains.target, 'target-example'), args, options);

export const startTarget = async (args: readonly string[], options?: Options): Promise<Started> =>
  start(await linked(mains.target, 'target-example'), args, options);

/** A new configuration file. */
export const configFile = async (value: unknown = tapConfig): Promise<string> =>
  fileOf(await temporaryFolder(), 'config.json', value);

export interface Line {
  readonly type: string;
  readonly stream?: string;
  readonly schema?: { readonly properties: Readonly<Record<string, unknown>> };
  readonly record?: Readonly<Record<string, unknown>>;
  readonly value?: { readonly bookmarks: unknown; readonly currently_syncing: unknown };
  readonly version?: number;
}

export const linesOf = ({ stdout }: Pick<Ended, 'stdout'>): readonly Line[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** The types of the lines, repetitions told once. */
export const kinds = (ended: Pick<Ended, 'stdout'>): readonly string[] =>
  linesOf(ended)
    .map(({ type }) => type)
    .filter((type, index, all) => type !== all[index - 1]);

export const criticals = ({ stderr }: Pick<Ended, 'stderr'>): readonly string[] =>
  stderr.split('\n').filter((line) => line.startsWith('CRITICAL '));
