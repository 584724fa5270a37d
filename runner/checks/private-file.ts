// A configuration on disk for as long as a program reads it: for its owner alone, and gone when a killed run left it.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PrivateFile {
  readonly path: string;
  remove(): Promise<void>;
}

const prefix = 'config-';

/** Writes `value` as JSON below `folder`, mode 0600, and removes what processes that are gone left there. */
export async function openPrivateFile(folder: string, value: unknown): Promise<PrivateFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder))
    if (isLeft(name)) await rm(join(folder, name), { recursive: true, force: true });
  const own = await mkdtemp(join(folder, `${prefix}${process.pid}-`));
  const path = join(own, 'config.json');
  await writeFile(path, JSON.stringify(value), { mode: 0o600 });
  return { path, remove: () => rm(own, { recursive: true, force: true }) };
}

function isLeft(name: string): boolean {
  const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
