// One way of making rows into .hyper, measured in a process of its own: ours from lines, or hyperd's COPY of a CSV.
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arrivals } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type StagedTable, segments } from '@ledgerpipe/staging';
import { Engine, type Workbench } from '../../destination-tableau/hyper/engine.ts';
import { makeFile } from '../../destination-tableau/hyper/file.ts';
import { literal, parquetFiles, qualified } from '../../destination-tableau/hyper/text.ts';
import { ownTables } from '../../destination-tableau/layout/own.ts';
import { selectsOf } from '../../destination-tableau/payload.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';
import { catalog } from './tableau-lines.ts';

/** What a way of making the same rows into .hyper took. */
export interface Making {
  readonly seconds: number;
  /** Of all processors: this process, the embedded DuckDB in it, and hyperd. */
  readonly processor: number;
}

/** From lines in one segment, from lines in those of the default settings, or from the CSV. */
export type Task = 'whole' | 'lines' | 'copy';

export interface Measured {
  readonly making: Making;
  /** From the spool: every line has been taken in. */
  readonly spooled?: Making;
  /** From staged rows. */
  readonly staged?: Making;
  readonly rows: number;
  readonly bytes: number;
  readonly peakMebibytes: number;
}

/** Measures once; `whole` leaves the CSV for `copy` in the folder. */
export async function measure(task: Task, folder: string): Promise<Measured> {
  const engine = new Engine({
    program: await findHyperd(),
    memoryMegabytes: 512,
    signal: new AbortController().signal,
  });
  const work = await mkdtemp(join(folder, `${task}-`));
  try {
    await engine.use(async () => undefined);
    return task === 'copy'
      ? await timeCopy(engine, folder)
      : await timeMaking(engine, { task, folder, work });
  } finally {
    await engine.close();
    await rm(work, { recursive: true, force: true });
  }
}

interface Work {
  readonly task: 'whole' | 'lines';
  readonly folder: string;
  readonly work: string;
}

/** One segment, or those of the default settings; the next one is made ready meanwhile, as `write` has it. */
async function timeMaking(engine: Engine, { task, folder, work }: Work): Promise<Measured> {
  // The engine is loaded, as hyperd is for its COPY.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  (await DuckDBInstance.create(':memory:', { threads: '1' })).closeSync();
  const began = clock();
  let spooled = began;
  const chunks = createReadStream(join(folder, 'lines.jsonl'), {
    highWaterMark: 1024 * 1024,
  }) as AsyncIterable<Buffer>;
  const options = { folder: work, job: 'bench', rowHashes: false, ahead: true };
  const staged = segments(
    whenOver(arrivals(chunks, { catalog }), () => {
      spooled = clock();
    }),
    task === 'whole' ? { ...options, segmentBytes: 8 * 1024 ** 3, segmentMilliseconds: 3_600_000 } : options,
    { clock: systemClock, say: async () => undefined },
  );
  let [rows, bytes] = [0, 0];
  let ready = began;
  let last: { readonly table: StagedTable; readonly files: readonly string[] } | undefined;
  for await (const segment of staged) {
    const [table] = segment.tables;
    if (!table) continue;
    ready = clock();
    const hyper = await makeHyper(engine, { table, folder: join(work, String(segment.number)) });
    rows += hyper.rows;
    bytes += hyper.bytes;
    last = { table, files: hyper.files };
    if (task === 'lines') await segment.discard();
    else {
      const made = { making: since(began), spooled: since(spooled), staged: since(ready) };
      const measured = { ...made, rows, bytes, peakMebibytes: peak() };
      await writeCsv(hyper.files, { table, path: join(folder, 'rows.csv') });
      return measured;
    }
  }
  if (!last) throw new Error('staging gave no rows');
  return { making: since(began), rows, bytes, peakMebibytes: peak() };
}

/** Passes all on, and tells when there is no more. */
async function* whenOver<T>(items: AsyncIterable<T>, over: () => void): AsyncGenerator<T> {
  yield* items;
  over();
}

interface Made {
  readonly rows: number;
  readonly bytes: number;
  /** The staged files behind it. */
  readonly files: readonly string[];
}

async function makeHyper(
  engine: Engine,
  { table, folder }: { readonly table: StagedTable; readonly folder: string },
): Promise<Made> {
  const files = (await table.write(folder, { format: 'parquet' })).map(({ path }) => path);
  const slice = {
    table,
    rows: table.rows,
    tombstones: table.tombstones,
    from: () => `FROM ${parquetFiles(files)} WHERE "_deleted_at" IS NULL`,
  };
  const tables = ownTables([table], { wide: true });
  const columns = tables[0]?.columns.map(({ name }) => name) ?? [];
  const made = await engine.use((workbench) =>
    makeFile(workbench, {
      path: join(folder, 'made.hyper'),
      tables,
      rowsOf: () => tables.flatMap((own) => selectsOf(own, [slice])).map((select) => ({ columns, select })),
    }),
  );
  return { rows: made.rows.get(table.name) ?? 0, bytes: made.bytes, files };
}

/** The yardstick's input: one file of the same rows in the same columns, made when nothing is measured. */
async function writeCsv(
  files: readonly string[],
  { table, path }: { readonly table: StagedTable; readonly path: string },
): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const [own] = ownTables([table], { wide: true });
  const values = (own?.filled ?? []).map(({ column: { name, type } }) =>
    type.kind === 'instant' ? `CAST("${name}" AS TIMESTAMP) AS "${name}"` : `"${name}"`,
  );
  await connection.run(
    `COPY (SELECT ${values.join(', ')} FROM read_parquet([${files.map(literal).join(', ')}])) TO ${literal(path)} (FORMAT csv, HEADER true)`,
  );
  const columns = (own?.columns ?? []).map(({ name, type }) => `"${name}" ${type}`).join(', ');
  await writeFile(`${path}.sql`, columns);
  connection.disconnectSync();
  instance.closeSync();
}

/** Into the same columns, detached at the end as ours is. */
async function timeCopy(engine: Engine, folder: string): Promise<Measured> {
  const path = join(folder, 'rows.csv');
  const columns = readFileSync(`${path}.sql`, 'utf8');
  const file = join(folder, 'copied.hyper');
  await rm(file, { force: true });
  return await engine.use(async (workbench: Workbench) => {
    await workbench.create(file, 'copied', 2);
    await workbench.run('CREATE SCHEMA "copied"."Extract"');
    const target = qualified('copied', 'Extract', 'journal_lines');
    await workbench.run(`CREATE TABLE ${target} (${columns})`);
    const began = clock();
    const rows = await workbench.run(
      `COPY ${target} FROM ${literal(path)} WITH (FORMAT csv, NULL '', DELIMITER ',', HEADER)`,
    );
    await workbench.detach('copied');
    return { making: since(began), rows, bytes: (await stat(file)).size, peakMebibytes: peak() };
  });
}

/** Now, and the processor time so far: of this process, and of hyperd, its child (Linux counts in ticks of 10 ms). */
function clock(): Making {
  const { user, system } = process.cpuUsage();
  const ticks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => ticksOf(id))
    .reduce((sum, count) => sum + count, 0);
  return { seconds: performance.now() / 1000, processor: (user + system) / 1e6 + ticks / 100 };
}

function ticksOf(id: string): number {
  try {
    const [, name = '', rest = ''] =
      /^\d+ \((.*)\) ([\s\S]*)$/.exec(readFileSync(`/proc/${id}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    if (!name.startsWith('hyperd') || Number(fields[1]) !== process.pid) return 0;
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

function since(began: Making): Making {
  const now = clock();
  return { seconds: now.seconds - began.seconds, processor: now.processor - began.processor };
}

/** The most memory this process has held so far, in MiB (Linux). */
const peak = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
