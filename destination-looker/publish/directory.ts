// Files of the project in a folder: ours are written and removed, anybody else's stay as they are.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import { type ModelFile, marker } from '../model/index.ts';

export interface Changes {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Views of streams that this run does not have: because of them nothing was written. */
  readonly kept: readonly string[];
}

/** Views that would go: a run of some of the streams must not take the explores of the others away. */
export function viewsLost(
  before: readonly string[],
  files: readonly ModelFile[],
  { shrink }: { readonly shrink: boolean },
): readonly string[] {
  const after = new Set(files.map(({ path }) => path));
  return shrink ? [] : before.filter((path) => path.endsWith('.view.lkml') && !after.has(path));
}

/**
 * Makes the folder hold these files and no other of the model's that carry our first line; leaves it as it is where
 * that would take views away and `shrink` is not set. Throws a config error
 * before anything is written when a path is taken by a file that is not ours.
 */
export async function writeFiles(
  folder: string,
  files: readonly ModelFile[],
  { name, shrink }: { readonly name: string; readonly shrink: boolean },
): Promise<Changes> {
  const current = new Map<string, string>();
  for (const { path } of files) {
    const content = await contentOf(join(folder, path));
    if (content === undefined) continue;
    if (!isOurs(content))
      throw configError(
        `Cannot write "${path}" in "${folder}": a file that Ledgerpipe did not generate is there, move it or choose another "model.name"`,
      );
    current.set(path, content);
  }
  const before = await ownFiles(folder, name);
  const kept = viewsLost(before, files, { shrink });
  if (kept.length > 0) return { written: [], removed: [], kept };
  const written = files.filter(({ path, content }) => current.get(path) !== content);
  for (const { path, content } of written) await replace(join(folder, path), content);
  const wanted = new Set(files.map(({ path }) => path));
  const removed = before.filter((path) => !wanted.has(path));
  for (const path of removed) await rm(join(folder, path));
  return { written: written.map(({ path }) => path), removed, kept };
}

const isOurs = (content: string): boolean => content.startsWith(`${marker}\n`);

/** Whole or not at all, so that a reader never sees half a file. */
async function replace(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

async function ownFiles(folder: string, name: string): Promise<readonly string[]> {
  const found = await readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(missing);
  const paths = (found ?? [])
    .filter((entry) => entry.isFile() && /\.(lkml|lookml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const ours: string[] = [];
  for (const path of paths.sort())
    if (isOurs((await contentOf(path)) ?? '')) ours.push(relative(folder, path).split(sep).join('/'));
  return ours;
}

const contentOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(missing);

function missing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
