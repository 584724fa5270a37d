// The files a run hands to its connectors: in a private folder, gone when the run is over.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunFiles {
  write(name: string, value: unknown): Promise<string>;
  /** As JSON lines. */
  writeLines(name: string, values: readonly unknown[]): Promise<string>;
  remove(): Promise<void>;
}

const prefix = 'run-';

/**
 * Opens the folder of this run below `parent` and removes what a killed run left there, once `before` has stopped the
 * programs that may still use it.
 */
export async function openRunFiles(parent: string, before: () => Promise<void>): Promise<RunFiles> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await before();
  for (const name of await readdir(parent))
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(parent, prefix));
  const keep = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return {
    write: (name, value) => keep(name, JSON.stringify(value)),
    writeLines: (name, values) => keep(name, values.map((value) => `${JSON.stringify(value)}\n`).join('')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
