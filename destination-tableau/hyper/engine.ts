// The engine of a run: one hyperd, started when it is first needed, and connections to it.
import { ConnectorError, systemError } from '@airbyte/cdk-typescript-shim';
import type { Client, CustomTypesConfig } from 'pg';
import { type Hyperd, type HyperdOptions, startHyperd } from './hyperd.ts';
import { quoted } from './text.ts';

export type Row = Readonly<Record<string, string | null>>;

/** One connection; the files it has attached are its own. */
export interface Workbench {
  /** Runs a statement and gives the number of rows it wrote. */
  run(sql: string): Promise<number>;
  /** The rows of a query, every value as text. */
  rows(sql: string): Promise<readonly Row[]>;
  /** Opens the file as `alias`; one that is there already is opened, `create` makes a new one. */
  attach(path: string, alias: string): Promise<void>;
  create(path: string, alias: string, version: 2 | 3): Promise<void>;
  /** Writes what is pending and lets go of the file: only then is it whole on disk. */
  detach(alias: string): Promise<void>;
}

export class Engine {
  readonly #options: HyperdOptions;
  #hyperd: Promise<Hyperd> | undefined;

  constructor(options: HyperdOptions) {
    this.#options = options;
  }

  /** Does `work` over a connection of its own. Throws a system error with hyperd's own words and SQLSTATE. */
  async use<T>(work: (workbench: Workbench) => Promise<T>): Promise<T> {
    this.#hyperd ??= startHyperd(this.#options);
    const client = await connected(await this.#hyperd);
    try {
      return await work(workbenchOf(client));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await (await this.#hyperd?.catch(() => undefined))?.close();
    this.#hyperd = undefined;
  }
}

const user = 'tableau_internal_user';

/** Values stay as hyperd writes them. */
const types = { getTypeParser: () => (value: string) => value };

async function connected({ host, port }: Hyperd): Promise<Client> {
  // Loaded when it is needed: `spec` and runs without hyperd do without.
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host,
    port,
    user,
    // What is left out, pg takes from PGDATABASE, PGOPTIONS and their like, which are meant for other servers (its
    // connection-parameters.js). The user's name stands for no database at all; nobody asks for the password, but
    // without one ~/.pgpass would be looked into.
    database: user,
    password: 'none',
    options: ' ',
    ssl: false,
    sslnegotiation: 'postgres',
    application_name: 'ledgerpipe',
    client_encoding: 'UTF8',
    types: types as unknown as CustomTypesConfig,
  });
  // PGREPLICATION has no setting of its own that could be empty.
  Object.assign(client, { replication: undefined });
  const { connectionParameters } = client as unknown as { connectionParameters: { replication?: string } };
  delete connectionParameters.replication;
  // A server that goes away rejects the query under way; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function workbenchOf(client: Client): Workbench {
  const query = async (sql: string) => {
    try {
      return await client.query(sql);
    } catch (error) {
      throw explained(error, sql);
    }
  };
  const run = async (sql: string): Promise<number> => (await query(sql)).rowCount ?? 0;
  return {
    run,
    rows: async (sql) => (await query(sql)).rows as Row[],
    attach: async (path, alias) => {
      await run(`ATTACH DATABASE ${quoted(path)} AS ${quoted(alias)}`);
    },
    create: async (path, alias, version) => {
      await run(`CREATE DATABASE ${quoted(path)} WITH VERSION ${version}`);
      await run(`ATTACH DATABASE ${quoted(path)} AS ${quoted(alias)}`);
    },
    detach: async (alias) => {
      await run(`DETACH DATABASE ${quoted(alias)}`);
    },
  };
}

function explained(error: unknown, sql: string): Error {
  if (error instanceof ConnectorError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  return systemError(`Cannot write a .hyper file: hyperd said ${JSON.stringify(message)} (${code})`, {
    detail: sql.slice(0, 2_000),
    cause: error,
  });
}
