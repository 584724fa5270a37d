// How fast record lines and staged rows become a .hyper file, against hyperd's own COPY of a ready CSV in the same run.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrivals, type ConfiguredCatalog, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type StagedTable, segments } from '@ledgerpipe/staging';
import { Engine, type Workbench } from '../../destination-tableau/hyper/engine.ts';
import { makeFile } from '../../destination-tableau/hyper/file.ts';
import { literal, parquetFiles, qualified } from '../../destination-tableau/hyper/text.ts';
import { ownTables } from '../../destination-tableau/layout/own.ts';
import { selectsOf } from '../../destination-tableau/payload.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';

export interface TableauBench {
  readonly rows: number;
  /** Seconds of `COPY ... FROM 'file.csv'` into an equal table, the file being there. */
  readonly copy: number;
  /** Seconds from staged rows to a whole .hyper file. */
  readonly staged: number;
  /** Seconds from record lines to a whole .hyper file. */
  readonly lines: number;
  readonly fileBytes: number;
  /** Highest resident memory of the process of Node, in MiB. */
  readonly peakMebibytes: number;
}

const text: JsonSchema = { type: ['null', 'string'] };

const catalog: ConfiguredCatalog = {
  streams: [
    {
      stream: {
        name: 'journal_lines',
        json_schema: {
          type: 'object',
          properties: {
            LineID: text,
            JournalNumber: { type: ['null', 'integer'] },
            Date: { type: ['null', 'string'], format: 'date' },
            AccountCode: text,
            Description: text,
            Amount: { type: ['null', 'number'], 'x-role': 'amount' },
            Posted: { type: ['null', 'boolean'] },
          },
        } as Record<string, unknown>,
        supported_sync_modes: ['incremental'],
        source_defined_primary_key: [['LineID']],
      },
      sync_mode: 'incremental',
      destination_sync_mode: 'append_dedup',
    },
  ],
};

/** Measures in a process of its own, so that its memory is known. */
export async function benchTableau(rows: number): Promise<TableauBench> {
  const child = fork(fileURLToPath(import.meta.url), ['measure', String(rows)], {
    execArgv: process.execArgv,
  });
  const [message] = (await once(child, 'message')) as [TableauBench];
  await once(child, 'close');
  return message;
}

async function measure(rows: number): Promise<TableauBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const stop = new AbortController();
  const engine = new Engine({ program: await findHyperd(), memoryMegabytes: 512, signal: stop.signal });
  try {
    await engine.use(async () => undefined);
    const input = join(folder, 'lines.jsonl');
    await writeLines(input, rows);
    const began = performance.now();
    const options = { folder, job: 'bench', segmentBytes: 8 * 1024 ** 3, segmentMilliseconds: 3_600_000 };
    const chunks = createReadStream(input, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
    for await (const segment of segments(arrivals(chunks, { catalog }), options, {
      clock: systemClock,
      say: async () => undefined,
    })) {
      const [table] = segment.tables;
      if (!table) throw new Error('staging gave no table');
      const ready = performance.now();
      const made = await makeHyper(engine, { table, folder });
      const ended = performance.now();
      // Before the CSV is made for the yardstick: that is no work of the connector.
      const peakMebibytes = peak();
      const copy = await timeCopy(engine, { table, folder });
      await segment.discard();
      return {
        rows: made.rows,
        copy,
        staged: (ended - ready) / 1000,
        lines: (ended - began) / 1000,
        fileBytes: made.bytes,
        peakMebibytes,
      };
    }
    throw new Error('staging gave no segment');
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Work {
  readonly table: StagedTable;
  readonly folder: string;
}

async function makeHyper(engine: Engine, { table, folder }: Work): Promise<{ rows: number; bytes: number }> {
  const files = await table.write(join(folder, 'rows'), { format: 'parquet' });
  const from = parquetFiles(files.map(({ path }) => path));
  const slice = { table, rows: table.rows, tombstones: table.tombstones, from: () => `FROM ${from}` };
  const tables = ownTables([table], { wide: true });
  const columns = tables[0]?.columns.map(({ name }) => name) ?? [];
  const made = await engine.use((workbench) =>
    makeFile(workbench, {
      path: join(folder, 'made.hyper'),
      tables,
      rowsOf: () => tables.flatMap((own) => selectsOf(own, [slice])).map((select) => ({ columns, select })),
    }),
  );
  return { rows: made.rows.get(table.name) ?? 0, bytes: made.bytes };
}

/** Into the same columns, from one file of the same rows, detached at the end as ours is. */
async function timeCopy(engine: Engine, { table, folder }: Work): Promise<number> {
  const files = await table.write(join(folder, 'csv'), { format: 'csv', rowsPerFile: 1e12 });
  const path = files[0]?.path ?? '';
  return await engine.use(async (workbench: Workbench) => {
    await workbench.create(join(folder, 'copied.hyper'), 'copied', 2);
    await workbench.run('CREATE SCHEMA "copied"."Extract"');
    const target = qualified('copied', 'Extract', table.name);
    const columns = ownTables([table], { wide: true }).flatMap((own) => own.columns);
    await workbench.run(
      `CREATE TABLE ${target} (${columns.map(({ name, type }) => `"${name}" ${type}`).join(', ')})`,
    );
    const began = performance.now();
    await workbench.run(
      `COPY ${target} FROM ${literal(path)} WITH (FORMAT csv, NULL '', DELIMITER ',', HEADER)`,
    );
    await workbench.detach('copied');
    return (performance.now() - began) / 1000;
  });
}

async function writeLines(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  for (let start = 0; start < rows; start += 1000) {
    const block = Array.from({ length: Math.min(1000, rows - start) }, (_, index) =>
      line(start + index),
    ).join('');
    if (!file.write(block)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  await stat(path);
}

function line(number: number): string {
  const data = {
    LineID: `${String(number).padStart(8, '0')}-4d4c-4a36-9a36-0a4bb1d5f2a1`,
    JournalNumber: Math.floor(number / 4),
    Date: new Date(1_600_000_000_000 + (number % 1000) * 86_400_000).toISOString().slice(0, 10),
    AccountCode: String(200 + (number % 90)),
    Description: `Consulting, part ${number % 5000}`,
    Amount: ((number * 7919) % 1_000_000) / 100,
    Posted: number % 3 === 0,
  };
  return `${JSON.stringify({ type: 'RECORD', record: { stream: 'journal_lines', data, emitted_at: 1_767_225_600_000 } })}\n`;
}

/** The most memory this process has held so far, in MiB (Linux). */
const peak = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , task, count = '1000000'] = process.argv;
  if (task === 'measure') process.send?.(await measure(Number(count)), () => process.disconnect());
  else {
    const { rows, copy, staged, lines, fileBytes, peakMebibytes } = await benchTableau(Number(task ?? count));
    process.stdout.write(
      `${rows} rows to .hyper (${Math.round(fileBytes / 1e6)} MB): from staged rows ${staged.toFixed(2)} s (${(copy / staged).toFixed(2)} x COPY), from lines ${lines.toFixed(2)} s (${(copy / lines).toFixed(2)} x COPY), COPY of a ready CSV ${copy.toFixed(2)} s, Node ${Math.round(peakMebibytes)} MiB\n`,
    );
  }
}
