// How fast record lines become typed Parquet tables, against a bare JSON.parse loop over the same file.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrivals, type ConfiguredCatalog, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { segments } from '@ledgerpipe/staging';
import { bareLoop, bytesOf } from './baseline.ts';

export interface StagingBench {
  readonly records: number;
  readonly bytes: number;
  /** Seconds for `split2(JSON.parse)` over the file. */
  readonly bare: number;
  /** Seconds from the file's lines to Parquet files of both tables. */
  readonly staging: number;
  /** Speed of staging, the bare loop being 1. */
  readonly ratio: number;
  /** Rows in the Parquet files, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Highest resident memory of the staging process, in MiB. */
  readonly peakMebibytes: number;
}

const text: JsonSchema = { type: ['null', 'string'] };
const amount: JsonSchema = { type: ['null', 'number'], 'x-role': 'amount' };
const date: JsonSchema = { type: ['null', 'string'], format: 'date' };

const lineItem: JsonSchema = {
  type: 'object',
  properties: {
    LineItemID: text,
    Description: text,
    Quantity: { type: ['null', 'number'], 'x-role': 'quantity' },
    UnitAmount: { type: ['null', 'number'], 'x-role': 'unit_price' },
    LineAmount: amount,
    TaxAmount: amount,
    TaxType: text,
    AccountCode: text,
    AccountID: { ...text, 'x-references': 'accounts' },
  },
};

const invoiceSchema: JsonSchema = {
  type: 'object',
  properties: {
    TenantID: text,
    InvoiceID: text,
    Type: text,
    InvoiceNumber: text,
    Contact: { type: ['null', 'object'], properties: { ContactID: text, Name: text } },
    Date: date,
    DueDate: date,
    Status: text,
    LineAmountTypes: text,
    LineItems: { type: ['null', 'array'], items: lineItem },
    SubTotal: amount,
    TotalTax: amount,
    Total: amount,
    UpdatedDateUTC: { type: ['null', 'string'], format: 'date-time' },
    CurrencyCode: text,
    CurrencyRate: { type: ['null', 'number'], 'x-role': 'rate' },
    AmountDue: amount,
    AmountPaid: amount,
    HasAttachments: { type: ['null', 'boolean'] },
  },
};

export const catalog: ConfiguredCatalog = {
  streams: [
    {
      stream: {
        name: 'invoices',
        json_schema: invoiceSchema as Record<string, unknown>,
        supported_sync_modes: ['full_refresh', 'incremental'],
        source_defined_primary_key: [['TenantID'], ['InvoiceID']],
        default_cursor_field: ['UpdatedDateUTC'],
      },
      sync_mode: 'incremental',
      destination_sync_mode: 'append_dedup',
    },
  ],
};

/** A generator of numbers in [0, 1), the same on every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** Writes RECORD lines of invoices with three line items each, about 1.3 kB a line. */
export async function writeInvoices(path: string, count: number): Promise<void> {
  const file = createWriteStream(path);
  const random = randomNumbers(42);
  let block: string[] = [];
  for (let number = 0; number < count; number += 1) {
    block.push(`${JSON.stringify(invoiceMessage(number, random))}\n`);
    if (block.length < 500) continue;
    if (!file.write(block.join(''))) await once(file, 'drain');
    block = [];
  }
  file.end(block.join(''));
  await once(file, 'finish');
}

function invoiceMessage(number: number, random: () => number): unknown {
  const hex = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  const id = () => [hex(), hex(), hex(), hex()].join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const cents = (value: number) => Math.round(value * 100) / 100;
  const items = [0, 1, 2].map((place) => {
    const quantity = 1 + Math.floor(random() * 9);
    const price = cents(random() * 1000);
    return {
      LineItemID: id(),
      Description: `Consulting, part ${place + 1}`,
      Quantity: quantity,
      UnitAmount: price,
      LineAmount: cents(quantity * price),
      TaxAmount: cents(quantity * price * 0.15),
      TaxType: 'OUTPUT2',
      AccountCode: '200',
      AccountID: id(),
    };
  });
  const total = cents(items.reduce((sum, item) => sum + item.LineAmount, 0));
  const day = new Date(1_600_000_000_000 + Math.floor(random() * 1e11)).toISOString();
  const data = {
    TenantID: '0f1e2d3c-0000-4000-8000-000000000001',
    InvoiceID: id(),
    Type: 'ACCREC',
    InvoiceNumber: `INV-${String(number).padStart(7, '0')}`,
    Contact: { ContactID: id(), Name: `Customer ${number % 5000}` },
    Date: day.slice(0, 10),
    DueDate: day.slice(0, 10),
    Status: 'AUTHORISED',
    LineAmountTypes: 'Exclusive',
    LineItems: items,
    SubTotal: total,
    TotalTax: cents(total * 0.15),
    Total: cents(total * 1.15),
    UpdatedDateUTC: day,
    CurrencyCode: 'NZD',
    CurrencyRate: 1,
    AmountDue: total,
    AmountPaid: 0,
    HasAttachments: false,
  };
  return { type: 'RECORD', record: { stream: 'invoices', data, emitted_at: 1_700_000_000_000 + number } };
}

interface StagingRun {
  readonly seconds: number;
  readonly rows: Record<string, number>;
  readonly peakMebibytes: number;
}

async function stagingRun(path: string, folder: string): Promise<StagingRun> {
  const began = performance.now();
  const rows: Record<string, number> = {};
  const staged = segments(
    arrivals(bytesOf(path), { catalog }),
    { job: 'bench', folder },
    { clock: systemClock, say: async (message) => console.error(JSON.stringify(message)) },
  );
  for await (const segment of staged) {
    for (const table of segment.tables) {
      const files = await table.write(join(folder, `out-${segment.number}`), { format: 'parquet' });
      rows[table.name] = files.reduce((sum, file) => sum + file.rows, rows[table.name] ?? 0);
    }
    await segment.discard();
  }
  const seconds = (performance.now() - began) / 1000;
  return { seconds, rows, peakMebibytes: process.resourceUsage().maxRSS / 1024 };
}

/** Each measure has a process of its own, so that none pays for another's memory. */
async function inChild<T>(...args: readonly string[]): Promise<T> {
  const child = fork(fileURLToPath(import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [result] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The measuring process ended with ${code} before it had a result`);
    }),
  ]);
  return result as T;
}

/** Measures both over the same generated file, one after the other; the best of `rounds` counts for each. */
export async function benchStaging({
  records = 1_000_000,
  rounds = 2,
}: {
  records?: number;
  rounds?: number;
} = {}): Promise<StagingBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    const path = join(folder, 'invoices.jsonl');
    await writeInvoices(path, records);
    const bare: number[] = [];
    const runs: StagingRun[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await inChild<number>('bare', path));
      const work = join(folder, `work-${round}`);
      runs.push(await inChild<StagingRun>('staging', path, work));
      await rm(work, { recursive: true, force: true });
    }
    const [fastest] = runs.sort((one, other) => one.seconds - other.seconds);
    if (!fastest) throw new Error('At least one round is needed');
    const bareSeconds = Math.min(...bare);
    return {
      records,
      bytes: (await stat(path)).size,
      bare: bareSeconds,
      staging: fastest.seconds,
      ratio: bareSeconds / fastest.seconds,
      rows: fastest.rows,
      peakMebibytes: Math.max(...runs.map(({ peakMebibytes }) => peakMebibytes)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [task, path, folder] = process.argv.slice(2);
if (process.send && task === 'bare' && path) process.send((await bareLoop(path)) / 1000);
else if (process.send && task === 'staging' && path && folder) process.send(await stagingRun(path, folder));
else if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const records of task ? [Number(task)] : [100_000, 1_000_000])
    console.log(await benchStaging({ records }));
if (process.send) process.disconnect();
