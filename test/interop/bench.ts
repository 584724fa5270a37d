// What every judge needs: the sandbox, the programs, configurations for one test, and the counts to compare with.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { streams } from '../../source-xero/streams.ts';
import { type Books, type BookTotals, bookTotals } from '../books/index.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { fileOf } from '../program.ts';
import { openSandbox, type Sandbox } from '../sandbox/open.ts';
import { linkPrograms, type ProgramName } from './programs.ts';

export type Counts = Readonly<Record<string, number>>;

export interface Bench {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly programs: Readonly<Record<ProgramName, string>>;
  /** Path of the source's configuration, with journals: every stream there is. */
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
export async function openBench({ documents = 60 }: { documents?: number } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-interop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const sandbox = await openSandbox({ folder, documents, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  // As for an app of Xero's Advanced tier: the journals are a stream too.
  Object.assign(sandbox.xero.switches, { journals: true });
  const schema = 'judged';
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as object;
  const configs = {
    source: { ...(await read(sandbox.configs['source-xero'])), journals: true },
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
  return {
    folder,
    sandbox,
    programs: await linkPrograms(join(folder, 'bin')),
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

const reported: ReadonlySet<string> = new Set(
  streams.filter(({ how }) => how.by === 'report').map(({ name }) => name),
);

/** Rows that the books hold, for every stream but the reports, which are not rows of the books. */
export function bookRows(books: readonly Books[]): Counts {
  const counts: Record<string, number> = {};
  for (const one of books) {
    const totals = bookTotals(one).streams;
    for (const { name } of streams)
      if (!reported.has(name)) counts[name] = (counts[name] ?? 0) + rowsOf(name, { books: one, totals });
  }
  return counts;
}

function rowsOf(
  stream: string,
  { books, totals }: { readonly books: Books; readonly totals: BookTotals['streams'] },
): number {
  switch (stream) {
    case 'organisations':
      return 1;
    case 'tracking_options':
      return totals.tracking_categories?.lines ?? 0;
    case 'repeating_invoices':
      // Xero lists no deleted ones unless it is asked for them.
      return books.repeatingInvoices.filter(({ status }) => status !== 'deleted').length;
    default:
      return totals[stream]?.rows ?? 0;
  }
}

/** `counts` without the reports. */
export const withoutReports = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([name]) => !reported.has(name)));

export const sum = (counts: Counts): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
