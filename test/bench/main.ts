// `npm run bench`: ratios against a yardstick of the same run, and call counts beside the peers', as one table.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { bareLoop } from './baseline.ts';
import { countCalls, peers } from './calls.ts';
import { runLarge } from './large.ts';
import { timeRelay } from './relay.ts';
import { benchStaging, catalog, writeInvoices } from './staging.ts';
import { medianStart } from './startup.ts';
import { timeWrite } from './write.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    documents: { type: 'string', default: '200000' },
    only: { type: 'string', multiple: true },
  },
});
const records = Number(values.records);
const rounds = 3;

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  readonly method: string;
}

const rows: Row[] = [];
const times = (value: number): string => `${value.toFixed(2)} x`;
const wanted = (name: string): boolean => !values.only || values.only.includes(name);
let wrong = false;

if (wanted('staging')) {
  for (const count of [records / 10, records]) {
    const { ratio, peakMebibytes, bare, staging } = await benchStaging({ records: count });
    rows.push({
      what: `staging: ${count} invoices with 3 lines each, lines to typed Parquet`,
      measured: `${times(ratio)}, ${Math.round(peakMebibytes)} MiB`,
      wanted: '>= 0.8 x, <= 400 MiB',
      method: `bare split2(JSON.parse) loop ${bare.toFixed(1)} s, staging ${staging.toFixed(1)} s, best of 2`,
    });
  }
}

const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
try {
  if (wanted('relay') || wanted('write')) await benchLines(join(folder, 'invoices.jsonl'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function benchLines(file: string): Promise<void> {
  await writeInvoices(file, records);
  const bare = await best(() => bareLoop(file));
  if (wanted('relay')) {
    const relayed = await best(() => timeRelay(file));
    rows.push({
      what: `runner: relay of ${records} records`,
      measured: times(bare / relayed),
      wanted: '>= 4 x',
      method: `bare loop ${seconds(bare)}, relay ${seconds(relayed)}, best of ${rounds}`,
    });
  }
  if (wanted('write')) {
    const written = await timeWrite(file, { catalog, folder });
    rows.push({
      what: `destination-databricks write of ${records} records, emulator without SQL`,
      measured: `${times(bare / 1000 / written.seconds)}, ${Math.round(written.peakMebibytes)} MiB`,
      wanted: '>= 0.6 x, <= 400 MiB',
      method: `bare loop ${seconds(bare)}, write ${written.seconds.toFixed(1)} s as a process, ${written.statements} statements`,
    });
  }
}

if (wanted('start')) {
  const empty = medianStart(['-e', '0']);
  for (const connector of ['source-xero', 'destination-databricks']) {
    const main = fileURLToPath(new URL(`../../${connector}/dist/main.js`, import.meta.url));
    const start = medianStart([main, 'spec']);
    rows.push({
      what: `${connector} spec`,
      measured: times(start / empty),
      wanted: '<= 2.5 x',
      method: `node -e 0 ${Math.round(empty)} ms, spec ${Math.round(start)} ms, medians of 9`,
    });
  }
}

if (wanted('large')) {
  const documents = Number(values.documents);
  const large = await runLarge(documents);
  wrong ||= !large.agrees || large.idleStatements > 0;
  rows.push({
    what: `pipeline: ${documents} documents, then nothing changed`,
    measured: `${large.agrees ? 'equal' : 'NOT EQUAL'} in ${large.compared} figures; idle: ${large.idleStatements} statements`,
    wanted: 'equal; 0 statements',
    method: `${large.calls} Xero calls, ${large.statements} statements, ${large.seconds.toFixed(0)} s on the emulators`,
  });
}

print(
  ['what', 'measured', 'wanted', 'method'],
  rows.map((row) => [row.what, row.measured, row.wanted, row.method]),
);

if (wanted('calls')) {
  const counts = await countCalls(13_400);
  const names = Object.keys(peers) as (keyof typeof peers)[];
  const formula = [100, 1_000, 10_000, 100_000, 500_000].map((n) => [
    String(n),
    ...names.map((name) => String(peers[name](n))),
  ]);
  process.stdout.write('\nCalls to read n documents of one paged endpoint for the first time, by formula:\n');
  print(['n', ...names], formula);
  const { first, idle, invoices } = counts;
  process.stdout.write(
    `Counted: ${invoices} invoices and bills in ${first.invoices} calls (every stream: ${first.all}); nothing changed: ${idle.invoices} (every stream: ${idle.all}) and ${idle.statements} statements\n`,
  );
}
process.exitCode = wrong ? 1 : 0;

async function best(measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure());
  return Math.min(...found);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function print(head: readonly string[], lines: readonly (readonly string[])[]): void {
  if (lines.length === 0) return;
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const line of lines) table.push([...line]);
  process.stdout.write(`${table.toString()}\n`);
}
