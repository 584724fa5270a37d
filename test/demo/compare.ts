// Compares what landed in a destination with the books it came from: to the cent, per organisation.
import Table from 'cli-table3';
import type { Books } from '../books/index.ts';
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';
import { databricksEngine } from './databricks.ts';
import { doubledKeys, type Engine, type Figures, rowCounts } from './figures.ts';
import { type DemoSource, demoSources } from './sources.ts';
import { xeroBooks } from './xero-figures.ts';

export interface Landed {
  /** The tables with their living rows, for a person. */
  readonly text: string;
  readonly figures: Figures;
}

/** What the destination holds: row counts of every table, and the figures an accountant would ask for. */
export async function landedIn(
  engine: Engine,
  { figures, keys }: Pick<DemoSource, 'figures' | 'keys'>,
): Promise<Landed> {
  return {
    text: countTable(await rowCounts(engine)),
    figures: new Map([...(await figures(engine)), ...(await doubledKeys(engine, keys))]),
  };
}

/** What came from Xero into Databricks. */
export const landed = (databricks: DatabricksEmulator, schema?: string): Promise<Landed> =>
  landedIn(databricksEngine(databricks, schema), demoSources.xero);

export function countTable(counts: readonly (readonly [string, number])[]): string {
  const filled = counts.filter(([, rows]) => rows > 0);
  const third = Math.ceil(filled.length / 3);
  const table = new Table({
    head: ['table', 'rows', 'table', 'rows', 'table', 'rows'],
    colAligns: ['left', 'right', 'left', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (let index = 0; index < third; index++) {
    const row = [0, 1, 2].flatMap((column) => filled[index + column * third] ?? ['', '']);
    table.push(row.map(String));
  }
  return `${table.toString()}\n${counts.length} tables, ${counts.reduce((sum, [, rows]) => sum + rows, 0)} rows`;
}

export interface Comparison {
  readonly text: string;
  readonly agrees: boolean;
  readonly compared: number;
}

/** Every figure of the books beside what landed from Xero. */
export const compare = (books: readonly Books[], { figures }: Landed): Comparison =>
  compareFigures(new Map(books.flatMap((one) => [...xeroBooks(one)])), figures, {
    destination: 'Databricks',
    organisations: new Map(books.map(({ company }) => [company.id, company.name])),
  });

/** Every expected figure beside the one found; the receivable and payable ones are shown, differences always. */
export function compareFigures(
  expected: Figures,
  found: Figures,
  {
    destination,
    organisations,
    shown = /^(receivable|payable)/,
  }: {
    readonly destination: string;
    readonly organisations: ReadonlyMap<string, string>;
    /** Figures that are shown though they agree. */
    readonly shown?: RegExp;
  },
): Comparison {
  const table = new Table({
    head: ['organisation', 'figure', 'books', destination, ''],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  let differing = 0;
  for (const key of [...new Set([...expected.keys(), ...found.keys()])].sort()) {
    const [tenant = '', ...rest] = key.split(' ');
    const figure = rest.join(' ');
    const [wanted, here] = [expected.get(key) ?? '0.00', found.get(key) ?? '0.00'];
    const same = wanted === here;
    if (!same) differing += 1;
    if (!same || shown.test(figure))
      table.push([organisations.get(tenant) ?? tenant, figure, wanted, here, same ? 'equal' : 'DIFFERS']);
  }
  return {
    text: `${table.toString()}\n${expected.size} figures compared, ${differing} differ`,
    agrees: differing === 0 && expected.size > 0,
    compared: expected.size,
  };
}
