// What the audit trail costs: the relay with every record noted, and a whole sync with and without the trail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ConfiguredCatalog } from '@airbyte/cdk-typescript-shim';
import { Noter, type RecordLine } from '../../runner/run/audit/notes.ts';
import { relay } from '../../runner/run/relay.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox } from '../sandbox/open.ts';
import { pipelineName, writePipeline } from '../sandbox/pipeline.ts';
import { bytesOf } from './baseline.ts';

/** Milliseconds that the relay takes over the lines of `file` when it notes each record of the catalog's one stream. */
export async function timeAuditedRelay(
  file: string,
  { streams: [stream] }: ConfiguredCatalog,
): Promise<number> {
  if (!stream) throw new Error('the catalog has no stream');
  const noter = new Noter(stream);
  const keys = new Set<string>();
  let records = 0;
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const began = performance.now();
  await relay(bytesOf(file), sink, {
    records: (_, count) => {
      records += count;
    },
    message() {},
    record: (_: string, block: Buffer, line: RecordLine) => {
      const note = noter.note(block, line);
      if (note && keys.size < 1_000) keys.add(note.key);
    },
  });
  const took = performance.now() - began;
  if (records === 0 || keys.size === 0) throw new Error(`${file} was not relayed`);
  return took;
}

export interface SyncCost {
  /** Wall clock of the sync, and processor time of the runner alone, in seconds. */
  readonly seconds: number;
  readonly processor: number;
  readonly records: number;
}

export interface AuditCost {
  readonly without: SyncCost;
  readonly with: SyncCost;
  /** What the trail adds, as a part of the sync without it. */
  readonly share: number;
}

const program = fileURLToPath(new URL('audit-sync.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url));

/** Syncs the same books into empty schemas, in turn with and without the trail, and takes the best of each. */
export async function benchAudit(documents: number, rounds = 2): Promise<AuditCost> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const sandbox = await openSandbox({
    folder,
    documents,
    companies: 1,
    xeroLimits: UNLIMITED,
    execute: false,
  });
  const forget = setInterval(() => {
    for (const request of sandbox.xero.requests) request.answer = undefined;
  }, 500);
  try {
    const costs: Record<'on' | 'off', SyncCost[]> = { on: [], off: [] };
    for (let round = 0; round < rounds; round++)
      for (const audit of ['off', 'on'] as const) {
        const home = await mkdtemp(join(folder, 'run-'));
        const file = await writePipeline(sandbox, {
          folder: home,
          destination: { schema: `ledger_${audit}_${round}` },
        });
        costs[audit].push(await syncOnce(file, audit));
      }
    const [without, audited] = [best(costs.off), best(costs.on)];
    return { without, with: audited, share: (audited.processor - without.processor) / without.seconds };
  } finally {
    clearInterval(forget);
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function syncOnce(file: string, audit: 'on' | 'off'): Promise<SyncCost> {
  const child = spawn(process.execPath, ['--import', tsx, program, file, pipelineName(), audit], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(output) as SyncCost;
}

const best = (costs: readonly SyncCost[]): SyncCost =>
  costs.reduce((least, cost) => ({
    records: cost.records,
    seconds: Math.min(least.seconds, cost.seconds),
    processor: Math.min(least.processor, cost.processor),
  }));
