// Runs a connector as callers do: a child process, its lines and its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import { bundled } from './bundled.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly messages: readonly Message[];
}

export interface Started {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<Ended>;
}

/** Starts a TypeScript main (bundled first) or a .js with `args`; `input` is written to its stdin, which then ends. */
export function start(
  main: string,
  args: readonly string[],
  { input, env }: { input?: string | Buffer; env?: Record<string, string> } = {},
): Started {
  const file = new URL(main, import.meta.url).pathname;
  const child = spawn(process.execPath, [file.endsWith('.ts') ? bundled(file) : file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.end(input);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    const text = Buffer.concat(stdout).toString('utf8');
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: text,
      stderr: Buffer.concat(stderr).toString('utf8'),
      get messages() {
        return text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Message);
      },
    };
  });
  return { child, ended };
}

export const run = (...args: Parameters<typeof start>): Promise<Ended> => start(...args).ended;

/** A folder for the running test, removed when it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes `value` as JSON (text as it is) into a new file of the folder and gives its path. */
export async function fileOf(folder: string, name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}
