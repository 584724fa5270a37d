// Runs a judge: a foreign program, away from the user's home, that can reach nothing but this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';

export interface JudgeOptions {
  /** Its working folder, and its home. */
  readonly folder: string;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Folders in front of PATH. */
  readonly path?: readonly string[];
  /** Killed after so long; default 180. */
  readonly seconds?: number;
}

export interface Judged {
  /** Exit code; null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What keeps programs from reporting home; the proxy that is not there makes any call to elsewhere fail at once. */
const alone = {
  AIRBYTE_OFFLINE_MODE: '1',
  DO_NOT_TRACK: '1',
  MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
  SCARF_ANALYTICS: 'false',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost',
  NO_COLOR: '1',
  COLUMNS: '200',
};

/** Runs `program` to its end. */
export async function judge(
  program: string,
  args: readonly string[],
  { folder, input = '', env = {}, path = [], seconds = 180 }: JudgeOptions,
): Promise<Judged> {
  const child = spawn(program, args, {
    cwd: folder,
    // A group of its own: what it starts ends with it.
    detached: true,
    env: {
      ...process.env,
      ...alone,
      HOME: folder,
      AIRBYTE_TEMP_DIR: folder,
      AIRBYTE_LOGGING_ROOT: folder,
      ...env,
      PATH: [...path, process.env.PATH ?? ''].join(delimiter),
    },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, seconds * 1_000);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');

/** The last line of stdout, which our own scripts print as JSON. Throws with what the judge said when it failed. */
export function answerOf<T>({ code, stdout, stderr }: Judged): T {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || line === '')
    throw new Error(`The judge ended with code ${code}: ${(stderr || stdout).trim().slice(-3_000)}`);
  return JSON.parse(line) as T;
}
