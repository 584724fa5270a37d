// Connectors that a killed run left behind: stopped before the next run starts, so that no two write at once.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Child } from './child.ts';

const file = 'children.json';
const graceMilliseconds = 10_000;
const pollMilliseconds = 100;

interface Noted {
  readonly group: number;
  /** When it began, as the system counts; absent where that cannot be known. */
  readonly began?: string;
}

/** Notes the connectors of this run. */
export async function noteChildren(folder: string, children: readonly Child[]): Promise<void> {
  const noted: Noted[] = [];
  for (const { process: child } of children) {
    if (child.pid === undefined) continue;
    const began = await beginning(child.pid);
    noted.push({ group: child.pid, ...(began !== undefined && { began }) });
  }
  await writeFile(join(folder, file), JSON.stringify(noted), { mode: 0o600 });
}

/** The run is over and so are its connectors. */
export const forgetChildren = (folder: string): Promise<void> => rm(join(folder, file), { force: true });

/**
 * Stops what the last run noted and never forgot: SIGTERM, so that a destination cancels what it has under way, then
 * SIGKILL after `grace` milliseconds. Each connector leads its own process group and began when it was noted, so that
 * a number that was given away since, in a new container above all, is not mistaken for it.
 */
export async function stopOrphans(folder: string, grace = graceMilliseconds): Promise<void> {
  const groups: number[] = [];
  for (const { group, began } of await notedChildren(folder))
    if ((await beginning(group)) === began) groups.push(group);
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const deadline = performance.now() + grace;
  while (groups.some((group) => signalGroup(group, 0)) && performance.now() < deadline)
    await delay(pollMilliseconds);
  for (const group of groups) signalGroup(group, 'SIGKILL');
  await forgetChildren(folder);
}

async function notedChildren(folder: string): Promise<readonly Noted[]> {
  try {
    const noted: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    return Array.isArray(noted) ? noted.filter(isNoted) : [];
  } catch {
    // No file: the last run ended in order. A torn one: it was killed while writing it, a moment after the start.
    return [];
  }
}

const isNoted = (entry: unknown): entry is Noted =>
  isObject(entry) && Number.isInteger(entry.group) && Number(entry.group) > 1;

/** Ticks since the machine started; undefined where there is no /proc, or no such process. */
async function beginning(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name comes second, in brackets, and may hold anything; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
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
