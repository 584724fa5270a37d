// Connectors that a killed run left behind: stopped before the next run starts, so that no two write at once.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.ts';

const file = 'children.json';
const graceMilliseconds = 10_000;
const pollMilliseconds = 100;

/** Notes the connectors of this run. */
export async function noteChildren(folder: string, children: readonly Child[]): Promise<void> {
  const groups = children.map(({ process: child }) => child.pid).filter((pid) => pid !== undefined);
  await writeFile(join(folder, file), JSON.stringify(groups), { mode: 0o600 });
}

/** The run is over and so are its connectors. */
export const forgetChildren = (folder: string): Promise<void> => rm(join(folder, file), { force: true });

/**
 * Stops what the last run noted and never forgot: SIGTERM, so that a destination cancels what it has under way, then
 * SIGKILL. Each connector leads its own process group, so a pid that was given away since is not mistaken for it.
 */
export async function stopOrphans(folder: string): Promise<void> {
  const groups = await notedGroups(folder);
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const deadline = performance.now() + graceMilliseconds;
  while (groups.some((group) => signalGroup(group, 0)) && performance.now() < deadline)
    await delay(pollMilliseconds);
  for (const group of groups) signalGroup(group, 'SIGKILL');
  await forgetChildren(folder);
}

async function notedGroups(folder: string): Promise<readonly number[]> {
  try {
    const noted: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    return Array.isArray(noted) ? noted.filter((pid): pid is number => Number.isInteger(pid) && pid > 1) : [];
  } catch {
    // No file: the last run ended in order. A torn one: it was killed while writing it, a moment after the start.
    return [];
  }
}

/** Signals a whole process group; false when there is none of that number. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
