// A ledgerpipe.yaml over the sandbox's ready configurations, for tests that start the command line.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

export type Config = Record<string, unknown>;

export const configAt = async (path: string): Promise<Config> =>
  JSON.parse(await readFile(path, 'utf8')) as Config;

/** Writes the pipelines into the folder, with the store below it, and gives the file's path. */
export async function writePipelines(folder: string, pipelines: Config): Promise<string> {
  const file = join(folder, 'ledgerpipe.yaml');
  await writeFile(file, stringify({ store: join(folder, 'store'), pipelines }));
  return file;
}

/** A program of a few lines that stands for a connector. */
export async function programOf(folder: string, name: string, lines: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!${process.execPath}\n${lines}\n`, { mode: 0o755 });
  return path;
}
