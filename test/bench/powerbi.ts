// How fast staged rows become bodies for Power BI, against a bare JSON.stringify of the same rows; and the large load.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { arrivals, type Declaration, encodeLine, type Message } from '@airbyte/cdk-typescript-shim';
import { systemClock, validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { segments } from '@ledgerpipe/staging';
import { stagingMemory } from '../../destination-powerbi/carry.ts';
import destination from '../../destination-powerbi/index.ts';
import { modelOf } from '../../destination-powerbi/model/layout.ts';
import { replicaMemory } from '../../destination-powerbi/push/open.ts';
import { writeLines } from '../../destination-powerbi/push/serialise.ts';
import { slices } from '../../destination-powerbi/push/slices.ts';
import { Store } from '../../destination-powerbi/store/store.ts';
import { take } from '../../destination-powerbi/take.ts';
import { figures } from '../destination-powerbi/figures.ts';
import { Ledger, catalog as ledgerCatalog } from '../destination-powerbi/ledger.ts';
import { steppingClock } from '../destination-powerbi/workspace.ts';
import { startPowerBi } from '../emulators/powerbi/index.ts';
import { bytesOf } from './baseline.ts';
import { measureMemory } from './powerbi-memory.ts';
import { catalog, writeInvoices } from './staging.ts';

export interface SerialisingRun {
  readonly rows: number;
  /** Seconds from the lines of records to staged tables, from those to the replica, from that to bodies. */
  readonly staging: number;
  readonly replica: number;
  readonly bodies: number;
  readonly bytes: number;
  readonly peakMebibytes: number;
}

export interface SerialisingBench extends SerialisingRun {
  /** Seconds of JSON.stringify for the same rows in the same batches. */
  readonly bare: number;
}

/** Four rows an invoice: itself and three lines. */
const rowsPerInvoice = 4;

/** Seconds of processor time: other programs on the machine do not count. Of all threads, which is the stricter measure. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function serialise(
  path: string,
  folder: string,
  keep: (body: Buffer) => void,
): Promise<SerialisingRun> {
  const declared: Declaration[] = [];
  async function* noting() {
    for await (const arrival of arrivals(bytesOf(path), { catalog })) {
      if (arrival.kind === 'declare') declared.push(arrival.declaration);
      yield arrival;
    }
  }
  const store = await Store.open(join(folder, 'replica'), ['bench'], replicaMemory);
  const ports = { clock: systemClock, say: async () => undefined };
  const seconds = { staging: 0, replica: 0, bodies: 0 };
  let last = spent();
  const lap = (of: keyof typeof seconds): void => {
    seconds[of] += spent() - last;
    last = spent();
  };
  const options = { job: 'bench', folder, memory: stagingMemory };
  let model: ReturnType<typeof modelOf> | undefined;
  for await (const segment of segments(noting(), options, ports)) {
    lap('staging');
    model ??= modelOf(declared, {
      names: 'original',
      strategy: 'auto',
      overLimit: 'drop',
      fiscalYearEnd: '12-31',
    });
    for (const { name, plan } of model.tables)
      await store.begin(name, { stream: plan?.declaration.stream ?? '', mode: plan?.mode ?? 'own' });
    await take({ store, tables: model.tables }, segment);
    await segment.discard();
    lap('replica');
  }
  let [rows, bytes] = [0, 0];
  for (const table of model?.tables ?? []) {
    if (!table.plan) continue;
    const lines = join(store.folder, 'lines.jsonl');
    await writeLines(store, { table, after: 0, sorted: false }, lines);
    for await (const slice of slices(lines, { rows: 10_000, bytes: 12 << 20 })) {
      const body = slice.body('0123456789abcdef01234567');
      rows += slice.ords.length;
      bytes += body.length;
      keep(body);
    }
    await rm(lines);
  }
  lap('bodies');
  store.close();
  return { rows, bytes, ...seconds, peakMebibytes: process.resourceUsage().maxRSS / 1024 };
}

/** The rows of the bodies again as bodies, by JSON.stringify alone. */
async function bare(path: string, folder: string): Promise<number> {
  let seconds = 0;
  await serialise(path, folder, (body) => {
    const parsed: unknown = JSON.parse(body.toString());
    const began = spent();
    Buffer.from(JSON.stringify(parsed));
    seconds += spent() - began;
  });
  return seconds;
}

/** The measuring process prints its result as JSON: a channel between processes belongs to `staging.ts`. */
async function inChild<T>(...args: readonly string[]): Promise<T> {
  const own = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, own, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout)) as T;
}

/** Each measure has a process of its own; the best of two counts. */
export async function benchSerialising(rows = 300_000): Promise<SerialisingBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    const path = join(folder, 'invoices.jsonl');
    await writeInvoices(path, Math.ceil(rows / rowsPerInvoice));
    const runs: SerialisingRun[] = [];
    const stringified: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      runs.push(await inChild<SerialisingRun>('bodies', path, join(folder, `work-${round}`)));
      stringified.push(await inChild<number>('stringify', path, join(folder, `bare-${round}`)));
    }
    const [best] = runs.sort((one, other) => one.replica + one.bodies - other.replica - other.bodies);
    if (!best) throw new Error('At least one round is needed');
    return {
      ...best,
      bare: Math.min(...stringified),
      peakMebibytes: Math.max(...runs.map(({ peakMebibytes }) => peakMebibytes)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface LargePush {
  readonly rows: number;
  readonly agrees: boolean;
  readonly seconds: number;
  readonly requests: { readonly first: number; readonly least: number; readonly tables: number };
  readonly incremental: readonly number[];
  readonly throttled: number;
}

/** A first load, then runs with edits, on the emulator with a clock that waits move on; figures are asked by DAX. */
export async function runLargePush({ edits = 232_000, runs = 20 } = {}): Promise<LargePush> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const clock = steppingClock();
  const emulator = await startPowerBi({ clock, keepBodies: false });
  const config = await validateConfig(destination.spec, {
    tenant_id: emulator.tenantId,
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
    workspace_id: emulator.workspaceId,
    delivery: { mode: 'push', dataset_name: 'Finance' },
    replica_folder: join(folder, 'replica'),
    working_folder: folder,
    // Time moves by waits alone: a slow machine closes no segment and sends no half batch.
    segment_minutes: 720,
    endpoints: { login: emulator.endpoints.login, api: emulator.endpoints.powerBi },
  });
  const write = async (messages: readonly Message[]): Promise<number> => {
    const before = emulator.requests.length;
    async function* lines() {
      for (let start = 0; start < messages.length; start += 500)
        yield Buffer.from(
          messages
            .slice(start, start + 500)
            .map(encodeLine)
            .join(''),
        );
    }
    const context = {
      config: config as never,
      clock,
      signal: new AbortController().signal,
      say: async () => undefined,
    };
    for await (const _ of destination.write(context, arrivals(lines(), { catalog: ledgerCatalog() })));
    const made = emulator.requests.slice(before);
    return made.filter(({ url }) => !url.pathname.startsWith('/login/')).length;
  };
  try {
    const began = performance.now();
    const ledger = new Ledger(11);
    const first = await write(ledger.edit(edits));
    const sizes = emulator.dataset('Finance').tables.map(({ size }) => size);
    const agreed = [JSON.stringify(await figures(emulator)) === JSON.stringify(ledger.totals())];
    const incremental: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      incremental.push(await write(ledger.edit(500)));
      agreed.push(JSON.stringify(await figures(emulator)) === JSON.stringify(ledger.totals()));
    }
    return {
      rows: sizes.reduce((sum, size) => sum + size, 0),
      agrees: agreed.every(Boolean),
      seconds: (performance.now() - began) / 1000,
      requests: {
        first,
        least: sizes.reduce((sum, size) => sum + Math.ceil(size / 10_000), 0),
        tables: sizes.filter((size) => size > 0).length,
      },
      incremental,
      throttled: emulator.throttled(),
    };
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const [task, path, folder] = process.argv.slice(2);
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (task === 'bodies' && path && folder) print(await serialise(path, folder, () => undefined));
  else if (task === 'stringify' && path && folder) print(await bare(path, folder));
  else {
    if (!task || task === 'serialising') print(await benchSerialising());
    if (!task || task === 'memory')
      print({
        push: await measureMemory('push'),
        mirroring: await measureMemory('open_mirroring'),
      });
    if (!task || task === 'large') print(await runLargePush());
  }
}
