// The books of a source in a real PostgreSQL, and the explores of the generated model over them, in Looker.
import { onTestFinished } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { type ModelFile, modelOf, projectFiles } from '../../destination-looker/model/index.ts';
import { errorsOf, writeAll } from '../conformance/in-process.ts';
import { startLooker } from '../emulators/looker/index.ts';
import { type Postgres, startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { options, type SourceName, tablesOf } from './model-setup.ts';
import { type Read, readBooks, recentBooks } from './publish-books.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface World {
  readonly read: Read;
  readonly postgres: Postgres;
  readonly files: readonly ModelFile[];
  /** Rows of a query through an explore; figures are text with every digit. */
  ask(
    explore: string,
    fields: readonly string[],
    filters?: Readonly<Record<string, string>>,
  ): Promise<readonly Row[]>;
}

export const warehouseOf = ({ port, database, writer, reader }: Postgres) => ({
  kind: 'postgres',
  host: '127.0.0.1',
  port,
  database,
  ...writer,
  ssl_mode: 'disable',
  reader: reader.user,
});

/** Loads the books and puts the model into production; what it opens is closed when the test ends. */
export async function openWorld(
  from: SourceName,
  { documents = 250, streams }: { documents?: number; streams: readonly string[] },
): Promise<World> {
  const folder = await temporaryFolder();
  const postgres = await startPostgres();
  onTestFinished(() => postgres.close());
  const read = await readBooks(from, recentBooks(documents), { folder, streams });
  const written = await writeAll(destination, {
    config: { mode: 'warehouse', warehouse: warehouseOf(postgres), schema: 'ledger', working_folder: folder },
    clock: read.clock,
    catalog: read.catalog,
    input: read.lines,
  });
  if (errorsOf(written).length > 0) throw new Error(JSON.stringify(errorsOf(written)));
  const catalog = { streams: read.catalog.streams.map(({ stream }) => stream) };
  const tracking = read.books.trackingCategories.map(({ id, name }) => ({ id, name }));
  const files = projectFiles(modelOf(tablesOf(catalog), { ...options, tracking }), { dashboard: true });
  const looker = await startLooker({ clock: read.clock, postgres });
  onTestFinished(() => looker.close());
  await looker.publish('ledgerpipe', Object.fromEntries(files.map(({ path, content }) => [path, content])));
  const { problems } = looker.lookml('ledgerpipe');
  if (problems.length > 0) throw new Error(JSON.stringify(problems.slice(0, 5)));
  return {
    read,
    postgres,
    files,
    ask: (explore, fields, filters = {}) =>
      looker.query({ model: options.name, view: explore, fields, filters, limit: '-1' }),
  };
}
