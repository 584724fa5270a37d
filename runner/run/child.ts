// A connector as a child process: started in its own process group, its messages read, its end awaited.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { lineBlocks, linesOf, type Message } from '@airbyte/cdk-typescript-shim';

export interface Child {
  readonly name: string;
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** How it ended; 127 stands for a program that could not be started. Never rejects. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>;
}

const stderrKept = 4_096;

/**
 * Starts a connector. Its own process group keeps a Ctrl-C at the terminal from reaching it before the runner has
 * stopped it in order; if the runner dies, the broken pipes stop it.
 */
export function startChild(
  name: string,
  [command, ...base]: readonly [string, ...string[]],
  args: readonly string[],
): Child {
  const child = spawn(command, [...base, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment(),
  });
  // A child that ended early breaks its pipes; its exit code tells why.
  child.stdin.on('error', () => undefined);
  // Node throws away what a child that has ended printed, unless somebody listens by then: flushStdio in
  // https://github.com/nodejs/node/blob/v20.19.0/lib/internal/child_process.js
  child.stdout.on('readable', () => undefined);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-stderrKept);
  });
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), stderr }));
    child.once('error', (error) => resolve({ code: 127, stderr: error.message }));
  });
  return { name, process: child, ended };
}

/** What opens the vault is no connector's business. */
function environment(): NodeJS.ProcessEnv {
  const { LEDGERPIPE_KEY: _, LEDGERPIPE_NEW_KEY: __, ...rest } = process.env;
  return rest;
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? (signal === 'SIGTERM' ? 143 : 137);

/** The messages that a child prints; other lines are left out. */
export async function* messagesOf({ process: child }: Child): AsyncGenerator<Message> {
  for await (const block of lineBlocks(child.stdout))
    for (const { start, end } of linesOf(block)) {
      const message = parse(block.toString('utf8', start, end));
      if (message) yield message;
    }
}

function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}
