// `ledgerpipe serve` as its user starts it: the bundled runner on a free port, ready when this resolves.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const ledgerpipe = new URL('../../runner/dist/main.js', import.meta.url).pathname;

export interface Serving {
  readonly pid: number;
  /** Address of its page, without a slash at the end. */
  readonly url: string;
  /** Everything it printed so far. */
  output(): string;
  /** Exit code (null: killed) when it has ended. */
  readonly ended: Promise<number | null>;
  /** Asks it to drain, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the runner of a file whose `http.port` is `port`, and waits until it says that it is ready. */
export async function startServing(
  file: string,
  {
    port,
    environment = {},
    patience = 30_000,
  }: {
    readonly port: number;
    readonly environment?: Readonly<Record<string, string>>;
    readonly patience?: number;
  },
): Promise<Serving> {
  const child = spawn(process.execPath, [ledgerpipe, 'serve', '--file', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const serving = {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
  const until = Date.now() + patience;
  while (!(await isReady(serving.url))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`"ledgerpipe serve" did not become ready:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return serving;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
