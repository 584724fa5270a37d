// The files a run hands to its connectors: in a private folder, gone when the run is over.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunFiles {
  write(name: string, value: unknown): Promise<string>;
  remove(): Promise<void>;
}

const prefix = 'run-';

/** Opens the folder of this run below `parent` and removes what a killed run left there. */
export async function openRunFiles(parent: string): Promise<RunFiles> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent))
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(parent, prefix));
  return {
    async write(name, value) {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify(value), { mode: 0o600 });
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
