// The data sources of the Tableau emulator as tables, for figures: copies of the stored files, asked by a hyperd.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HyperTable, quoted, readTables, startHyperd } from '../emulators/hyperd/index.ts';
import type { TableauEmulator } from '../emulators/tableau/index.ts';
import type { Engine } from './figures.ts';

interface Found extends HyperTable {
  /** Its name in a query. */
  readonly full: string;
}

/** Runs `work` over the tables of all data sources as they are now; a table that several hold counts once. */
export async function withTableauEngine<T>(
  tableau: TableauEmulator,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-demo-'));
  const hyperd = await startHyperd();
  try {
    const session = await hyperd.connect();
    const tables = new Map<string, Found>();
    for (const [index, { file }] of tableau.sources().entries()) {
      if (file === undefined) continue;
      const alias = `source${index}`;
      const copy = join(folder, `${alias}.hyper`);
      await copyFile(file, copy);
      await session.attach(copy, alias);
      for (const table of await readTables(session, alias))
        tables.set(table.name, {
          ...table,
          full: `${quoted(alias)}.${quoted(table.schema)}.${quoted(table.name)}`,
        });
    }
    const found = (name: string): Found => {
      const table = tables.get(name);
      if (table) return table;
      throw new Error(`No data source has a table "${name}": there are ${[...tables.keys()].join(', ')}`);
    };
    const engine: Engine = {
      query: async (sql) => (await session.query(sql)).rows,
      table: (name) => found(name).full,
      // The connector adds a table that joins the others to one fact: no record is a row of it.
      names: async () =>
        [...tables.values()]
          .filter(holdsRecords)
          .map(({ name }) => name)
          .sort(),
      keys: async (name) => found(name).key,
      living: () => 'TRUE',
    };
    const result = await work(engine);
    await session.close();
    return result;
  } finally {
    await hyperd.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const holdsRecords = ({ columns }: HyperTable): boolean =>
  columns.some(({ name }) => name === '_airbyte_extracted_at');
