// The same books through open mirroring: a pipeline of its own to the same workspace, and the mirror as tables to ask.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { literal, quoted } from '../emulators/onelake/engine.ts';
import type { PowerBiEmulator } from '../emulators/powerbi/index.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';
import { mirrorDelivery, type PowerBiSandbox } from '../sandbox/powerbi.ts';
import type { Engine } from './figures.ts';
import type { DemoSource, RunningSource } from './sources.ts';

export interface MirrorSync {
  /** What the runner and the connectors said, where it failed. */
  readonly failed?: string;
  /** Files that were laid into the landing zone. */
  readonly files: number;
}

/** Brings the mirror up to the books. The source has a state of its own here: it reads as if nobody had before. */
export async function syncMirror(
  powerbi: PowerBiSandbox,
  source: DemoSource & RunningSource,
): Promise<MirrorSync> {
  const folder = join(powerbi.folder, 'mirror');
  await mkdir(folder, { recursive: true });
  const route = { from: source.from, to: 'powerbi' } as const;
  const configs = Object.fromEntries(
    [`source-${route.from}`, 'destination-powerbi'].map((name) => [
      name,
      join(powerbi.folder, `${name}.json`),
    ]),
  );
  const file = await writePipeline(
    { configs },
    { folder, ...route, source: source.config, destination: { delivery: mirrorDelivery } },
  );
  const before = laidDown(powerbi);
  const { code, output } = await startSync(file, { route }).ended;
  return { files: laidDown(powerbi) - before, ...(code === 0 ? {} : { failed: output }) };
}

/** Files get their number by a rename. */
const laidDown = ({ requests }: PowerBiEmulator): number =>
  requests.filter(({ headers }) => headers['x-ms-rename-source'] !== undefined).length;

/** Runs `work` over the tables of the one mirrored database as they are now. */
export async function withMirrorEngine<T>(
  powerbi: PowerBiSandbox,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '512MB', threads: '2' });
  const connection = await instance.connect();
  const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const names: string[] = [];
    const rowsPath = join(powerbi.folder, 'mirrored.jsonl');
    const [database] = powerbi.databases;
    await database?.replication.catchUp();
    for (const { name, columns } of database?.replication.tables ?? []) {
      const rows = await powerbi.mirrored(name);
      await writeFile(rowsPath, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const texts = [...columns.keys()].map((column) => `${literal(column)}: 'VARCHAR'`);
      const typed = [...columns].map(
        ([column, type]) => `CAST(${quoted(column)} AS ${type}) AS ${quoted(column)}`,
      );
      await connection.run(
        `CREATE TABLE ${quoted(name)} AS SELECT ${typed.join(', ')} FROM read_json(${literal(rowsPath)}, format = 'newline_delimited', columns = {${texts.join(', ')}})`,
      );
      names.push(name);
    }
    return await work({
      query,
      table: quoted,
      names: async () => names.sort(),
      // A mirror keeps its keys in the metadata of the landing zone.
      keys: async () => [],
      living: () => 'TRUE',
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
