// `ledgerpipe serve` with a thousand tenants: seconds until it is ready, its memory, and what it costs while nothing happens.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Row } from './row.ts';

const main = new URL('../../runner/dist/main.js', import.meta.url).pathname;

export interface Idle {
  /** From the start of the process to its line "ready". */
  readonly startSeconds: number;
  readonly mebibytes: number;
  /** Share of one core over the measured seconds. */
  readonly processor: number;
}

/** A pipeline over that many organisations of Xero, each with a schema of its own, every one with two schedules. */
export async function writeTenants(folder: string, count: number): Promise<string> {
  const tenants = Array.from({ length: count }, (_, index) => ({
    tenant: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name: `tenant${index}`,
    destination: { schema: `tenant_${index}` },
  }));
  const credentials = { auth_type: 'client_credentials', client_id: 'a', client_secret: 'secret' };
  const databricks = {
    ...{ host: 'dbc.example.com', warehouse_id: '0123456789abcdef', catalog: 'books', schema: 'all' },
    credentials: { auth_type: 'pat', token: 'secret' },
  };
  const books = {
    source: { connector: 'source-xero', config: { credentials } },
    destination: { connector: 'destination-databricks', config: databricks },
    // The default ones, but for the hour: none may fire while it is measured.
    schedules: [
      { streams: 'facts', cron: '0 0 1 1 *', jitter_seconds: 60 },
      { streams: 'reference', cron: '20 1 1 1 *', jitter_seconds: 600 },
    ],
    tenants,
  };
  const file = join(folder, 'ledgerpipe.yaml');
  await writeFile(
    file,
    stringify({
      store: join(folder, 'store'),
      http: { port: 0 },
      webhooks: { xero: { key: 'k' } },
      pipelines: { books },
    }),
  );
  return file;
}

/** Starts it, lets it idle for so many seconds, and stops it. */
export async function measureIdle(file: string, seconds: number): Promise<Idle> {
  const began = performance.now();
  const child = spawn(process.execPath, [main, 'serve', '--file', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await ready(child);
    const startSeconds = (performance.now() - began) / 1000;
    // The first rounds, in which everything is compiled and what is left of the start is cleaned up, do not count.
    await delay(3_000);
    const before = await processorSeconds(child);
    await delay(seconds * 1000);
    const processor = ((await processorSeconds(child)) - before) / seconds;
    return { startSeconds, mebibytes: await residentMebibytes(child), processor };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function ready({ stdout, pid }: ChildProcess): Promise<void> {
  if (!stdout) throw new Error(`Process ${pid} has no output`);
  for await (const line of createInterface({ input: stdout })) if (line.includes('"message":"ready"')) return;
  throw new Error('"ledgerpipe serve" ended before it was ready');
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, in hundredths of a second. */
async function processorSeconds({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function residentMebibytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

const tenants = 1_000;
const idleSeconds = 20;

/** The row of the bench's table. */
export async function serveRow(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    const file = await writeTenants(folder, tenants);
    const { startSeconds, mebibytes, processor } = await measureIdle(file, idleSeconds);
    return {
      what: `runner: serve with ${tenants} tenants, ${3 * tenants} schedules`,
      measured: `ready in ${startSeconds.toFixed(1)} s, ${Math.round(mebibytes)} MiB, ${(processor * 100).toFixed(1)} % of a core`,
      wanted: '< 5 s, < 250 MiB, near zero',
      method: `a process of its own, idle for ${idleSeconds} s after its first 3 s`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
