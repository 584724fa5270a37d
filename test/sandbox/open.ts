// The sandbox: an emulator per product on loopback, and a ready configuration for each connector.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Books, generateBooks } from '../books/index.ts';
import type { XeroLimits } from '../emulators/xero/index.ts';
import { openDatabricks } from './databricks.ts';
import { openLooker } from './looker.ts';
import { openPowerBi } from './powerbi.ts';
import type { ProductOptions } from './product.ts';
import { openQuickbooks } from './quickbooks.ts';
import { openTableau } from './tableau.ts';
import { openXero } from './xero.ts';

const products = {
  xero: openXero,
  quickbooks: openQuickbooks,
  databricks: openDatabricks,
  looker: openLooker,
  powerbi: openPowerBi,
  tableau: openTableau,
};

export type ProductName = keyof typeof products;

type Opened<P extends ProductName> = Awaited<ReturnType<(typeof products)[P]>>;

export const productNames = Object.keys(products) as readonly ProductName[];

export interface SandboxOptions<P extends ProductName = ProductName> {
  /** Folder of the configurations; made when it is not there. */
  readonly folder: string;
  /** Documents in the books of each company. */
  readonly documents: number;
  /** How many companies, each an organisation of its own. */
  readonly companies?: number;
  readonly seed?: number;
  /** Xero and Databricks unless given. */
  readonly products?: readonly P[];
  readonly xeroLimits?: Partial<XeroLimits>;
  /** Off: statements are parsed but not run, for benchmarks. */
  readonly execute?: boolean;
  /** Loopback ports; free ones unless given. */
  readonly ports?: { readonly [Name in ProductName]?: number };
}

export type Sandbox<P extends ProductName = 'xero' | 'databricks'> = {
  readonly books: readonly Books[];
  /** Paths of the written configurations, by connector. */
  readonly configs: { readonly [Connector in Opened<P>['connector']]: string };
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
} & { readonly [Name in P]: Opened<Name>['emulator'] };

const companyNames = ['Kererū Trading Ltd', 'Tūī & Söhne GmbH', 'Pīwakawaka "Fantail" Co'];

export async function openSandbox<P extends ProductName = 'xero' | 'databricks'>({
  folder,
  documents,
  companies = 2,
  seed = 1,
  products: names = ['xero', 'databricks'] as unknown as readonly P[],
  execute = true,
  ports = {},
  xeroLimits,
}: SandboxOptions<P>): Promise<Sandbox<P>> {
  await mkdir(folder, { recursive: true });
  const books = Array.from({ length: companies }, (_, index) =>
    generateBooks({
      seed: seed + index,
      documents,
      company: { name: companyNames[index] ?? `Company ${index + 1} Ltd` },
    }),
  );
  const shared = { books, clock: systemClock, folder, execute, ...(xeroLimits ? { xeroLimits } : {}) };
  const opened = new Map<ProductName, Opened<ProductName>>();
  for (const name of names) {
    const open: (options: ProductOptions) => Promise<Opened<ProductName>> = products[name];
    const port = ports[name];
    opened.set(name, await open({ ...shared, port: port === undefined ? {} : { port } }));
  }
  const configs: Record<string, string> = {};
  for (const { connector, config } of opened.values())
    configs[connector] = await writeConfig(folder, connector, config);
  const close = async () => {
    for (const product of opened.values()) await product.close();
  };
  return {
    ...Object.fromEntries([...opened].map(([name, { emulator }]) => [name, emulator])),
    books,
    configs,
    close,
    [Symbol.asyncDispose]: close,
  } as unknown as Sandbox<P>;
}

async function writeConfig(folder: string, connector: string, config: object): Promise<string> {
  const path = join(folder, `${connector}.json`);
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return path;
}
