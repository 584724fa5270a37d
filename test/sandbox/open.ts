// The sandbox: an emulator per product on loopback, and a ready configuration for each connector.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Books, generateBooks } from '../books/index.ts';
import { type DatabricksEmulator, startDatabricks } from '../emulators/databricks/index.ts';
import { startXero, type XeroEmulator, type XeroLimits } from '../emulators/xero/index.ts';

export interface SandboxOptions {
  /** Folder of the configurations; made when it is not there. */
  readonly folder: string;
  /** Documents in the books of each company. */
  readonly documents: number;
  /** How many companies, each an organisation of its own. */
  readonly companies?: number;
  readonly seed?: number;
  readonly xeroLimits?: Partial<XeroLimits>;
  /** Off: statements are parsed but not run, for benchmarks. */
  readonly execute?: boolean;
  /** Loopback ports; free ones unless given. */
  readonly ports?: { readonly xero?: number; readonly databricks?: number };
}

export interface Sandbox {
  readonly books: readonly Books[];
  readonly xero: XeroEmulator;
  readonly databricks: DatabricksEmulator;
  /** Paths of the written configurations, by connector. */
  readonly configs: Readonly<Record<'source-xero' | 'destination-databricks', string>>;
  close(): Promise<void>;
}

const companyNames = ['Kererū Trading Ltd', 'Tūī & Söhne GmbH', 'Pīwakawaka "Fantail" Co'];

export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { folder, documents, companies = 2, seed = 1, xeroLimits, execute = true, ports = {} } = options;
  await mkdir(folder, { recursive: true });
  const books = Array.from({ length: companies }, (_, index) =>
    generateBooks({
      seed: seed + index,
      documents,
      company: { name: companyNames[index] ?? `Company ${index + 1} Ltd` },
    }),
  );
  const clock = systemClock;
  const xero = await startXero({
    companies: books,
    clock,
    ...(xeroLimits ? { limits: xeroLimits } : {}),
    ...(ports.xero === undefined ? {} : { port: ports.xero }),
  });
  const databricks = await startDatabricks({
    clock,
    execute,
    ...(ports.databricks === undefined ? {} : { port: ports.databricks }),
  });
  return {
    books,
    xero,
    databricks,
    configs: {
      'source-xero': await writeConfig(folder, 'source-xero', await xeroConfig(xero, folder)),
      'destination-databricks': await writeConfig(
        folder,
        'destination-databricks',
        databricksConfig(databricks),
      ),
    },
    async close() {
      await xero.close();
      await databricks.close();
    },
  };
}

async function xeroConfig(xero: XeroEmulator, folder: string): Promise<object> {
  const { refresh_token } = await xero.issueTokens();
  return {
    credentials: {
      auth_type: 'oauth2',
      client_id: xero.app.clientId,
      client_secret: xero.app.clientSecret,
      refresh_token,
    },
    start_date: '2020-01-01',
    token_store: join(folder, 'xero.tokens'),
    endpoints: { api: xero.url, identity: xero.identityUrl, login: xero.url },
  };
}

const databricksConfig = (databricks: DatabricksEmulator): object => ({
  host: databricks.url,
  http_path: databricks.httpPath,
  catalog: databricks.catalog,
  schema: 'ledger',
  authentication: {
    auth_type: 'oauth_m2m',
    client_id: databricks.credentials.clientId,
    client_secret: databricks.credentials.clientSecret,
  },
});

async function writeConfig(folder: string, connector: string, config: object): Promise<string> {
  const path = join(folder, `${connector}.json`);
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return path;
}
