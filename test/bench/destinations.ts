// Rows of the bench for the destinations that are measured against something of their product: COPY, COPY, JSON.stringify.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timeLooker } from './looker.ts';
import { benchSerialising, runLargePush } from './powerbi.ts';
import { measureMemory } from './powerbi-memory.ts';
import type { Row } from './row.ts';
import { writeInvoices } from './staging.ts';
import { benchTableau } from './tableau.ts';

const times = (value: number): string => `${value.toFixed(2)} x`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** `invoices` of three lines each into PostgreSQL. */
export async function lookerRow(invoices: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    const file = join(folder, 'invoices.jsonl');
    await writeInvoices(file, invoices);
    const { rows, ours, bare, segments } = await timeLooker(file, { folder });
    return {
      what: `destination-looker: ${rows} staged rows into PostgreSQL`,
      measured: times(bare / ours),
      wanted: '>= 0.5 x',
      method: `bare COPY of ready CSV ${seconds(bare)}, delivery ${seconds(ours)} with CSV, keys, merge and proof; ${segments} segments`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `rows` lines into .hyper files. */
export async function tableauRow(rows: number): Promise<Row> {
  const { copy, staged, spooled, whole, lines, fileBytes, peakMebibytes } = await benchTableau(rows);
  return {
    what: `destination-tableau: the spool of ${rows} record lines to .hyper`,
    measured: `${times(copy.seconds / spooled.seconds)}, ${Math.round(peakMebibytes)} MiB`,
    wanted: '>= 0.5 x, <= 400 MiB',
    method: `hyperd's COPY of a ready CSV ${seconds(copy.seconds)}, from the spool ${seconds(spooled.seconds)} (from staged rows ${seconds(staged.seconds)}, from lines ${seconds(lines.seconds)}, those in one segment ${seconds(whole.seconds)}), ${Math.round(fileBytes / 1e6)} MB, best of 3; by processor time ${times(copy.processor / spooled.processor)}`,
  };
}

/** `count` rows to bodies of requests; then a load of 232,000 edits (300,000 rows) and 20 runs of 500, and whether all figures agree. */
export async function powerBiRows(count: number): Promise<{ readonly rows: Row[]; readonly wrong: boolean }> {
  const { rows, staging, replica, bodies, bare } = await benchSerialising(count);
  const push = Math.max(...(await measureMemory('push', { rows: count })));
  const mirroring = Math.max(...(await measureMemory('open_mirroring', { rows: count })));
  const large = await runLargePush();
  const { first, least, tables } = large.requests;
  return {
    wrong: !large.agrees || large.throttled > 0 || first > least + tables + 3,
    rows: [
      {
        what: `destination-powerbi: ${rows} staged rows to bodies`,
        measured: `${times(bare / (replica + bodies))} with the replica, ${times(bare / bodies)} without`,
        wanted: '>= 0.5 x',
        method: `processor time: JSON.stringify ${seconds(bare)}, lines of records to staged rows ${seconds(staging)}, those to the replica ${seconds(replica)}, those to bodies ${seconds(bodies)}, best of 2`,
      },
      {
        what: `destination-powerbi: ${rows} rows through the program, and again`,
        measured: `${Math.round(push)} MiB, open mirroring ${Math.round(mirroring)} MiB`,
        wanted: '<= 400 MiB',
        method: 'highest resident memory of the bundled program, the emulator in another process',
      },
      {
        what: `destination-powerbi: ${large.rows} rows, then ${large.incremental.length} runs of 500 edits`,
        measured: `${large.agrees ? 'equal' : 'NOT EQUAL'}; ${large.throttled} throttled`,
        wanted: 'equal; 0 throttled',
        method: `${first} requests for ${tables} tables, ${least} of them full of rows; then ${Math.max(...large.incremental)} a run at most; ${seconds(large.seconds)} on the emulator`,
      },
    ],
  };
}
