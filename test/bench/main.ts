// `npm run bench`: ratios against a yardstick of the same run, and call counts beside the peers', as one table.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { connectors } from '../../runner/registry.ts';
import { benchAudit, timeAuditedRelay } from './audit.ts';
import { bareLoop } from './baseline.ts';
import { countCalls, countQuickbooksCalls, peers, quickbooksIdle, quickbooksPeers } from './calls.ts';
import { lookerRow, powerBiRows, tableauRow } from './destinations.ts';
import { runLarge } from './large.ts';
import { sweepMoving } from './quickbooks-sweep.ts';
import { timeRelay } from './relay.ts';
import type { Row } from './row.ts';
import { serveRow } from './serve.ts';
import { faultsRow } from './serve-faults.ts';
import { benchStaging, catalog, writeInvoices } from './staging.ts';
import { medianStart } from './startup.ts';
import { webhookRow } from './webhooks.ts';
import { timeWrite } from './write.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    documents: { type: 'string', default: '200000' },
    sweeps: { type: 'string', default: '100' },
    kills: { type: 'string', default: '100' },
    rows: { type: 'string', default: '50000' },
    only: { type: 'string', multiple: true },
  },
});
const records = Number(values.records);
const rounds = 3;

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
    const audited = await best(() => timeAuditedRelay(file, catalog));
    rows.push({
      what: `runner: relay of ${records} records, each noted for the audit trail`,
      measured: times(bare / audited),
      wanted: '>= 1 x',
      method: `bare loop ${seconds(bare)}, relay ${seconds(audited)}, best of ${rounds}`,
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
  for (const connector of connectors) {
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

if (wanted('audit')) {
  const { share, with: audited, without } = await benchAudit(Number(values.documents) / 10);
  rows.push({
    what: `runner: audit trail of a sync of ${audited.records} records`,
    measured: `${(share * 100).toFixed(0)} % of the sync`,
    wanted: '<= 20 %',
    method: `processor time of the runner ${without.processor.toFixed(1)} s without and ${audited.processor.toFixed(1)} s with it, sync ${without.seconds.toFixed(1)} s and ${audited.seconds.toFixed(1)} s, best of 2`,
  });
}

if (wanted('webhooks')) {
  const { wrong: failed, ...row } = await webhookRow(10_000, 1_000);
  wrong ||= failed;
  rows.push(row);
}

if (wanted('serve')) rows.push(await serveRow());

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

// Minutes each: only where they are asked for by name.
if (values.only?.includes('looker')) rows.push(await lookerRow(records / 10));
if (values.only?.includes('tableau')) rows.push(await tableauRow(records));
if (values.only?.includes('powerbi')) {
  const found = await powerBiRows(records / 4);
  rows.push(...found.rows);
  wrong ||= found.wrong;
}

// Half an hour: only where it is asked for by name.
if (values.only?.includes('faults')) {
  const { wrong: failed, ...row } = await faultsRow(Number(values.kills));
  wrong ||= failed;
  rows.push(row);
}

// A quarter of an hour: only where it is asked for by name.
if (values.only?.includes('quickbooks')) await benchSweeps(Number(values.sweeps), Number(values.rows));

print(
  ['what', 'measured', 'wanted', 'method'],
  rows.map((row) => [row.what, row.measured, row.wanted, row.method]),
);

if (wanted('calls')) {
  const counts = await countCalls(13_400);
  process.stdout.write('\nCalls to read n documents of one paged endpoint for the first time, by formula:\n');
  printPeers(peers);
  const { first, idle, invoices } = counts;
  process.stdout.write(
    `Counted: ${invoices} invoices and bills in ${first.invoices} calls (every stream: ${first.all}); nothing changed: ${idle.invoices} (every stream: ${idle.all}) and ${idle.statements} statements\n`,
  );
  const company = await countQuickbooksCalls(13_400);
  process.stdout.write('\nCalls to read n rows of one QuickBooks table for the first time, by formula:\n');
  printPeers(quickbooksPeers, ['0 new of 28 tables', quickbooksIdle]);
  process.stdout.write(
    `Counted: all tables of a company of ${company.rows} rows (${company.invoices} invoices) in ${company.first.tables} calls, and ${company.first.reports} for a year of 8 reports; nothing changed: ${company.idle.tables} calls and ${company.idle.statements} statements\n`,
  );
}
process.exitCode = wrong ? 1 : 0;

async function benchSweeps(count: number, size: number): Promise<void> {
  const swept = await sweepMoving({
    runs: count,
    rows: size,
    onRun: ({ seed, difference }) => {
      if (difference) process.stderr.write(`Sweep of seed ${seed}: ${difference}\n`);
    },
  });
  const sum = (of: (run: (typeof swept.runs)[number]) => number): number =>
    swept.runs.reduce((total, run) => total + of(run), 0);
  const equal = swept.runs.filter(({ difference }) => difference === undefined).length;
  wrong ||= equal < count;
  const [inserts, edits, deletes] = [
    sum((run) => run.inserts),
    sum((run) => run.edits),
    sum((run) => run.deletes),
  ];
  rows.push({
    what: `source-quickbooks: ${count} first reads of ${Math.min(...swept.runs.map((run) => run.rows))} rows and more while they change`,
    measured: `${equal} of ${count} equal the books`,
    wanted: 'all',
    method: `${sum((run) => run.calls)} calls; between them ${inserts} inserts, ${edits} edits, ${deletes} deletes; ${seconds(swept.seconds * 1000)}`,
  });
}

async function best(measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure());
  return Math.min(...found);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A column for each peer, and a row for each n; a row of figures that depend on no n comes first. */
function printPeers<Name extends string>(
  formulas: Readonly<Record<Name, (n: number) => number>>,
  fixed?: readonly [what: string, calls: Readonly<Record<Name, number>>],
): void {
  const names = Object.keys(formulas) as Name[];
  const counted = [100, 1_000, 10_000, 100_000, 500_000].map((n) => [
    String(n),
    ...names.map((name) => String(formulas[name](n))),
  ]);
  const first = fixed ? [[fixed[0], ...names.map((name) => String(fixed[1][name]))]] : [];
  print(['n', ...names], [...first, ...counted]);
}

function print(head: readonly string[], lines: readonly (readonly string[])[]): void {
  if (lines.length === 0) return;
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const line of lines) table.push([...line]);
  process.stdout.write(`${table.toString()}\n`);
}
