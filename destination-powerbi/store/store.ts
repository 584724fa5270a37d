// The replica store: what the model holds, what is still to be sent, and every promise made on the way, in one file.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteMode } from '@airbyte/cdk-typescript-shim';
import type { TableDefinition } from '../model/definition.ts';
import { type Database, openDatabase } from './database.ts';
import { literal, own, replicaOf } from './sql.ts';

/** A batch that is on its way: it is settled before anything else happens to its table. */
export interface Intent {
  readonly sequence: number;
  readonly batch: string;
  /** The last `$ord` in it. */
  readonly through: number;
  readonly rows: number;
}

export interface TableState {
  readonly stream: string;
  readonly mode: WriteMode | 'own';
  /** The `$ord` that the next change gets. */
  readonly next: number;
  /** Rows up to this `$ord` are in the model. */
  readonly acked: number;
  /** Rows in the model, and how many of them a newer version or a deletion has outdated. */
  readonly pushed: number;
  readonly stale: number;
  /** The last sequence number that the service took. */
  readonly sequence: number;
  /** Batches so far, for their ids. */
  readonly posts: number;
  /** The table is to be emptied before anything is sent. */
  readonly truncating: boolean;
  /** The measures in the model look for the newest version. */
  readonly versioned: boolean;
  /** The oldest generation in the model. */
  readonly oldest: number | null;
  /** What a replaced table without keys was last made of. */
  readonly batch: string | null;
  /** Rows of an append stream that is being refreshed are kept until the old ones went. */
  readonly keeps: boolean;
  readonly deployed: TableDefinition | null;
  readonly intent: Intent | null;
}

/** What the store is the replica of. */
export interface Target {
  readonly format: 1;
  /** Begins every batch id, so that two stores never give the same. */
  readonly epoch: string;
  readonly id: string | null;
  readonly name: string;
  /** While a model is made again: the one it takes the place of. */
  readonly replacing: string | null;
}

export interface Post {
  readonly at: number;
  readonly rows: number;
}

const fresh: Omit<TableState, 'stream' | 'mode'> = {
  next: 1,
  acked: 0,
  pushed: 0,
  stale: 0,
  sequence: 0,
  posts: 0,
  truncating: false,
  versioned: false,
  oldest: null,
  batch: null,
  keeps: false,
  deployed: null,
  intent: null,
};

export class Store {
  readonly database: Database;
  /** For files on their way; emptied when the store opens. */
  readonly folder: string;
  readonly #tables = new Map<string, TableState>();
  #target: Target;

  private constructor(database: Database, folder: string, target: Target) {
    this.database = database;
    this.folder = folder;
    this.#target = target;
  }

  /** Opens the store of one target in the replica folder, or begins it. */
  static async open(replicas: string, target: readonly string[], memory: number): Promise<Store> {
    const name = createHash('sha256').update(JSON.stringify(target)).digest('hex').slice(0, 16);
    const place = join(replicas, name);
    const folder = join(place, 'work');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const database = await openDatabase({ path: join(place, 'replica.duckdb'), folder, memory });
    try {
      return await Store.#load(database, folder);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  static async #load(database: Database, folder: string): Promise<Store> {
    await database.run('CREATE TABLE IF NOT EXISTS meta (name VARCHAR PRIMARY KEY, value VARCHAR)');
    await database.run('CREATE TABLE IF NOT EXISTS posts (sent_at BIGINT, rows BIGINT)');
    await database.run(
      'CREATE TABLE IF NOT EXISTS batches (tab VARCHAR, batch VARCHAR, pushed BIGINT, sent_at BIGINT)',
    );
    const entries = new Map(
      (await database.rows('SELECT name, value FROM meta')).map(({ name, value }) => [
        String(name),
        JSON.parse(String(value)) as unknown,
      ]),
    );
    const found = entries.get('target') as Target | undefined;
    const target = found ?? {
      format: 1,
      epoch: randomBytes(4).toString('hex'),
      id: null,
      name: '',
      replacing: null,
    };
    const store = new Store(database, folder, target);
    for (const [name, value] of entries)
      if (name.startsWith('table:')) store.#tables.set(name.slice('table:'.length), value as TableState);
    return store;
  }

  get target(): Target {
    return this.#target;
  }

  get tables(): ReadonlyMap<string, TableState> {
    return this.#tables;
  }

  find(table: string): TableState | undefined {
    return this.#tables.get(table);
  }

  state(table: string): TableState {
    const found = this.#tables.get(table);
    if (!found) throw new Error(`The replica has no table "${table}"`);
    return found;
  }

  async begin(table: string, about: Pick<TableState, 'stream' | 'mode'>): Promise<TableState> {
    const known = this.#tables.get(table);
    if (known) return known;
    return await this.update(table, { ...fresh, ...about });
  }

  async update(table: string, change: Partial<TableState>): Promise<TableState> {
    const state = {
      ...(this.#tables.get(table) ?? { ...fresh, stream: '', mode: 'own' }),
      ...change,
    } as TableState;
    await this.#put(`table:${table}`, state);
    this.#tables.set(table, state);
    return state;
  }

  async retarget(change: Partial<Target>): Promise<void> {
    const target = { ...this.#target, ...change };
    await this.#put('target', target);
    this.#target = target;
  }

  /** Forgets what the model holds: every row is to be sent again. */
  async forgetDelivered(table: string): Promise<void> {
    const replica = replicaOf(table);
    if (await this.hasReplica(table)) {
      await this.database.run(`DELETE FROM ${replica} WHERE ${own.gone}`);
      await this.database.run(`UPDATE ${replica} SET ${own.known} = false WHERE ${own.known}`);
    }
    await this.update(table, { acked: 0, pushed: 0, stale: 0, truncating: false, intent: null });
  }

  async hasReplica(table: string): Promise<boolean> {
    return (
      (await this.database.number(
        `SELECT count(*) FROM duckdb_tables() WHERE table_name = ${literal(`r_${table}`)}`,
      )) > 0
    );
  }

  /** Rows that are not in the model yet, tombstones included. */
  async pending(table: string): Promise<number> {
    if (!(await this.hasReplica(table))) return 0;
    return await this.database.number(
      `SELECT count(*) FROM ${replicaOf(table)} WHERE ${own.ord} > ${this.state(table).acked}`,
    );
  }

  /** Rows that the model is to hold. */
  async living(table: string): Promise<number> {
    if (!(await this.hasReplica(table))) return 0;
    return await this.database.number(`SELECT count(*) FROM ${replicaOf(table)} WHERE NOT ${own.gone}`);
  }

  /** Batches of the last hour, oldest first, for the quotas; older ones are forgotten. */
  async recentPosts(since: number): Promise<readonly Post[]> {
    await this.database.run(`DELETE FROM posts WHERE sent_at < ${since}`);
    const rows = await this.database.rows('SELECT sent_at, rows FROM posts ORDER BY sent_at');
    return rows.map(({ sent_at, rows: count }) => ({ at: Number(sent_at), rows: Number(count) }));
  }

  async notePost({ at, rows }: Post): Promise<void> {
    await this.database.run(`INSERT INTO posts VALUES (${Math.round(at)}, ${rows})`);
  }

  close(): void {
    this.database.close();
  }

  async #put(name: string, value: unknown): Promise<void> {
    await this.database.run(
      `INSERT OR REPLACE INTO meta VALUES (${literal(name)}, ${literal(JSON.stringify(value))})`,
    );
  }
}
