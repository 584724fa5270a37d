// Where temporary files of tests lie: in memory, where the system keeps a folder there and has room in it.
import { readFileSync, statfsSync } from 'node:fs';

const folder = '/dev/shm';

/** The files of one run stay under a tenth of this. */
const enough = 4 * 1024 ** 3;

/**
 * Vitest calls this before the first test. Tests make and remove files by the ten thousand (each PostgreSQL is a
 * thousand), which on a disk takes a third of their time. Nothing changes when the caller chose a folder, when memory
 * is short, or when no program may be run from it (containers mount it so; the tests put their PostgreSQL there).
 */
export function setup(): void {
  if (!process.env.TMPDIR && isSpacious()) process.env.TMPDIR = folder;
}

function isSpacious(): boolean {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
    const [, , kind, options = ''] =
      mounts.map((line) => line.split(' ')).find(([, at]) => at === folder) ?? [];
    if (kind !== 'tmpfs' || options.split(',').includes('noexec')) return false;
    const { bavail, bsize } = statfsSync(folder);
    return Math.min(bavail * bsize, process.availableMemory()) >= enough;
  } catch {
    return false;
  }
}
