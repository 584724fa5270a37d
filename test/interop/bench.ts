// What every judge needs: the sandbox, the programs, configurations for one test, and the counts to compare with.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { fileOf } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import type { WholeSandbox } from './agreement.ts';
import { type Origin, origins } from './origins.ts';
import { linkPrograms, type ProgramName } from './programs.ts';

export type Counts = Readonly<Record<string, number>>;

export interface Bench {
  readonly folder: string;
  readonly sandbox: WholeSandbox;
  readonly origin: Origin;
  readonly programs: Readonly<Record<ProgramName, string>>;
  /** Paths of the source as an Airbyte and as a Singer program. */
  readonly read: string;
  readonly tap: string;
  /** Path of the source's configuration: every stream there is. */
  readonly source: string;
  /** Path of the destination's configuration. */
  readonly destination: string;
  /** Name of the schema that the destination writes to. */
  readonly schema: string;
  /** Rows of a table of that schema; undefined: there is no such table. */
  rows(table: string): Promise<number | undefined>;
  /** Rows as the destination holds them. */
  values(table: string, columns: string, order?: string): Promise<Record<string, unknown>[]>;
  /** Writes a new file of JSON into the folder and gives its path. */
  file(name: string, value: unknown): Promise<string>;
  /** Path of a changed copy of the source's or destination's configuration. */
  changed(which: 'source' | 'destination', changes: object): Promise<string>;
}

/** Opens a sandbox of two companies for the running test, in a folder that goes when the test ends. */
export async function openBench({
  documents = 60,
  from = 'xero',
}: {
  documents?: number;
  from?: SourceName;
} = {}): Promise<Bench> {
  const origin = origins[from];
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-interop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const products = ['xero', 'quickbooks', 'databricks'] as const;
  const sandbox = await openSandbox({ folder, documents, products, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  // As for an app of Xero's Advanced tier: the journals are a stream too.
  Object.assign(sandbox.xero.switches, { journals: true });
  const schema = 'judged';
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as object;
  const configs = {
    source: { ...(await read(sandbox.configs[`source-${from}`])), ...origin.config },
    destination: { ...(await read(sandbox.configs['destination-databricks'])), schema },
  };
  let copies = 0;
  const changed: Bench['changed'] = (which, changes) => {
    copies += 1;
    return fileOf(folder, `${which}-${copies}.json`, { ...configs[which], ...changes });
  };
  const place = `"${sandbox.databricks.catalog}"."${schema}"`;
  const values: Bench['values'] = (table, columns, order = '1') =>
    sandbox.databricks.query(`SELECT ${columns} FROM ${place}."${table}" ORDER BY ${order}`);
  const programs = await linkPrograms(join(folder, 'bin'));
  return {
    folder,
    sandbox,
    origin,
    programs,
    read: programs[`source-${from}`],
    tap: programs[`tap-${from}`],
    source: await changed('source', {}),
    destination: await changed('destination', {}),
    schema,
    file: (name, value) => fileOf(folder, name, value),
    changed,
    values,
    async rows(table) {
      const [found] = await sandbox.databricks.query(
        `SELECT count(*) AS n FROM information_schema.tables
         WHERE table_catalog = '${sandbox.databricks.catalog}' AND table_schema = '${schema}' AND table_name = '${table}'`,
      );
      if (Number(found?.n) === 0) return undefined;
      const [row] = await values(table, 'count(*) AS n');
      return Number(row?.n);
    },
  };
}

/** `counts` without the reports. */
export const withoutReports = (counts: Counts, { reports }: Origin): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([name]) => !reports.includes(name)));

export const sum = (counts: Counts): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
