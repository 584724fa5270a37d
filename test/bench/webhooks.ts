// Events at a given pace against the endpoints on one core: how soon they are answered, and that all are there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { openStore } from '../../runner/store/index.ts';
import { type Delivery, storm } from '../runner/webhooks-storm.ts';
import type { Row } from './row.ts';

const programOf = (name: string): string => fileURLToPath(new URL(`webhooks-${name}.ts`, import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url));
const keys = { xero: 'key-of-the-bench', quickbooks: 'verifier-token-of-the-bench' };
const tenants = 10;

export interface WebhookBench {
  /** Milliseconds until the answer, of all deliveries, least first. */
  readonly answers: readonly number[];
  /** The same of a server that does nothing with them, at the same pace: what the machine itself takes. */
  readonly bare: readonly number[];
  readonly deliveries: number;
  readonly forged: number;
  readonly seconds: number;
  /** Right ones that were not answered 200, forged ones that were not answered 401. */
  readonly wrong: number;
  /** Events that are not done in the end, and those that nobody signed. */
  readonly lost: number;
  readonly unsigned: number;
  /** Jobs by which the tenant with most of them was read, and how many windows there were. */
  readonly reads: number;
  readonly windows: number;
  readonly processor: number;
  readonly mebibytes: number;
}

/** One event in each body, which is the worst case: `pace` deliveries a second, whether answered or not. */
export async function benchWebhooks({
  events,
  pace,
}: {
  readonly events: number;
  readonly pace: number;
}): Promise<WebhookBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    const url = `sqlite:${join(folder, 'store.db')}`;
    const deliveries = storm({ seed: 9, events, tenants, most: 1, keys });
    const bare = await timeBare(deliveries.slice(0, events / 2), pace);
    const server = await startServer('serve', [url, keys.xero, keys.quickbooks, String(tenants)]);
    // The first requests compile what they run through.
    await sendAll(server.address, storm({ seed: 10, events: 300, tenants, most: 1, keys: unknownKeys }), 500);
    const began = performance.now();
    const answers = await sendAll(server.address, deliveries, pace);
    const seconds = (performance.now() - began) / 1000;
    const { processor, memory } = await server.stop();
    return {
      answers: sorted(answers),
      bare,
      deliveries: deliveries.length,
      forged: deliveries.filter(({ forged }) => forged).length,
      seconds,
      wrong: answers.filter(({ delivery, status }) => status !== (delivery.forged ? 401 : 200)).length,
      ...(await judged(url, { deliveries, seconds })),
      processor,
      mebibytes: memory,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sorted = (answers: readonly Answered[]): readonly number[] =>
  answers.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);

async function timeBare(deliveries: readonly Delivery[], pace: number): Promise<readonly number[]> {
  const server = await startServer('bare', []);
  const answers = await sendAll(server.address, deliveries, pace);
  await server.stop();
  return sorted(answers);
}

const unknownKeys = { xero: 'another', quickbooks: 'another too' };

async function judged(
  url: string,
  { deliveries, seconds }: { readonly deliveries: readonly Delivery[]; readonly seconds: number },
): Promise<Pick<WebhookBench, 'lost' | 'unsigned' | 'reads' | 'windows'>> {
  const store = await openStore({ url, clock: systemClock });
  const jobs = await store.jobs.list({ limit: 100_000 });
  const found = await store.events.list(jobs.flatMap((job) => job.events ?? []));
  await store.close();
  const done = new Set(
    found.filter(({ state }) => state === 'done').map(({ tenant, record }) => `${tenant}/${record}`),
  );
  const right = new Set(deliveries.flatMap(({ forged, records }) => (forged ? [] : records)));
  const byPipeline = new Map<string, number>();
  for (const { pipeline, cause } of jobs)
    if (cause === 'webhook') byPipeline.set(pipeline, (byPipeline.get(pipeline) ?? 0) + 1);
  return {
    lost: [...right].filter((record) => !done.has(record)).length,
    unsigned: [...done].filter((record) => !right.has(record)).length,
    reads: Math.max(...byPipeline.values()),
    windows: Math.ceil(seconds / 2) + 1,
  };
}

interface Server {
  readonly address: string;
  stop(): Promise<{ readonly processor: number; readonly memory: number }>;
}

/** On the first core alone, where the system can say so. */
async function startServer(name: string, options: readonly string[]): Promise<Server> {
  const command = [process.execPath, '--import', tsx, programOf(name), ...options];
  const [first = '', ...rest] = process.platform === 'linux' ? ['taskset', '-c', '0', ...command] : command;
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return {
    address: await line(),
    async stop() {
      const ended = once(child, 'close');
      child.stdin.end();
      const spent = JSON.parse(await line()) as { processor: number; memory: number };
      await ended;
      return spent;
    },
  };
}

interface Answered {
  readonly delivery: Delivery;
  readonly status: number;
  readonly milliseconds: number;
}

/** Each at its time, counted from then on: a sender does not wait for the answers of others. */
async function sendAll(address: string, deliveries: readonly Delivery[], pace: number): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const began = performance.now();
  const answers: Promise<Answered>[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    const at = began + (index * 1000) / pace;
    const early = at - performance.now();
    if (early > 1) await delay(early);
    answers.push(sendOne(address, delivery, { agent, at }));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

function sendOne(
  address: string,
  delivery: Delivery,
  { agent, at }: { readonly agent: Agent; readonly at: number },
): Promise<Answered> {
  const { source, headers, body } = delivery;
  return new Promise((resolve, reject) => {
    const call = request(
      `${address}/webhooks/${source}`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        response.resume().on('end', () => {
          const milliseconds = performance.now() - at;
          resolve({ delivery, status: response.statusCode ?? 0, milliseconds });
        });
      },
    );
    call.on('error', reject).end(body);
  });
}

/** The row of the bench's table; `wrong`: something was lost, or taken unsigned. */
export async function webhookRow(events: number, pace: number): Promise<Row & { readonly wrong: boolean }> {
  const found = await benchWebhooks({ events, pace });
  const at = (share: number, times = found.answers): string =>
    (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  const sent = found.deliveries / found.seconds;
  return {
    what: `runner: ${events} webhook events, ${found.deliveries - found.forged - events} duplicates, ${found.forged} forged, ${Math.round(sent)} a second on one core`,
    measured: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ${found.lost} lost, ${found.unsigned} unsigned`,
    wanted: 'p99 < 100 ms; 0 lost, 0 unsigned',
    method: `SQLite, synchronous FULL; a server that does nothing: p99 ${at(0.99, found.bare)} ms; ${found.processor.toFixed(1)} s of processor time in ${found.seconds.toFixed(1)} s, ${Math.round(found.mebibytes)} MiB; ${found.reads} reads of a tenant at most in ${found.windows} windows; ${found.wrong} wrong answers`,
    wrong: found.lost + found.unsigned + found.wrong > 0 || found.reads > found.windows,
  };
}
