// The replica store: what the model holds, what is still to be sent, and every promise made on the way, in one file.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteMode } from '@airbyte/cdk-typescript-shim';
import type { DeployedTable } from '../model/definition.ts';
import { type Database, openDatabase } from './database.ts';
import { readShapes, type Shape } from './shape.ts';
import { literal, own, replicaOf } from './sql.ts';

/** A batch that is on its way: it is settled before anything else happens to its table. */
export interface Intent {
  /** 0: the batch goes without a number. */
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
  /** The service refused a number and shows none: batches go without one. */
  readonly unnumbered?: boolean;
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
  readonly deployed: DeployedTable | null;
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
  readonly #shapes = new Map<string, Shape>();
  #posts: Post[] = [];
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
    await store.#reload();
    return store;
  }

  /** Definitions are long and seldom change: they have entries of their own. */
  async #reload(): Promise<void> {
    this.#tables.clear();
    this.#shapes.clear();
    const entries = await this.database.rows("SELECT name, value FROM meta WHERE name LIKE 'table:%'");
    const definitions = new Map(
      (await this.database.rows("SELECT name, value FROM meta WHERE name LIKE 'deployed:%'")).map(
        ({ name, value }) => [String(name).slice('deployed:'.length), JSON.parse(String(value)) as unknown],
      ),
    );
    for (const { name, value } of entries) {
      const table = String(name).slice('table:'.length);
      const state = JSON.parse(String(value)) as Omit<TableState, 'deployed'>;
      this.#tables.set(table, {
        ...state,
        deployed: (definitions.get(table) ?? null) as DeployedTable | null,
      });
    }
    for (const [table, shape] of await readShapes(this.database)) this.#shapes.set(table, shape);
  }

  /** All or nothing, what this store knows without asking included. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(work);
    } catch (error) {
      await this.#reload().catch(() => undefined);
      throw error;
    }
  }

  /** The columns of a table's replica; none while there is no replica. */
  shape(table: string): Shape {
    return this.#shapes.get(table) ?? new Map();
  }

  shaped(table: string, shape: Shape): void {
    this.#shapes.set(table, shape);
  }

  /** A value that an earlier run has kept; undefined: none has. */
  async recall(name: string): Promise<unknown> {
    const [row] = await this.database.rows(`SELECT value FROM meta WHERE name = ${literal(`kept:${name}`)}`);
    return row && JSON.parse(String(row.value));
  }

  async remember(name: string, value: unknown): Promise<void> {
    await this.#put(`kept:${name}`, value);
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
    const before = this.#tables.get(table);
    const state: TableState = { ...(before ?? { ...fresh, stream: '', mode: 'own' }), ...change };
    const { deployed, ...rest } = state;
    const { deployed: known = null, ...old } = before ?? {};
    if (JSON.stringify(rest) !== JSON.stringify(old)) await this.#put(`table:${table}`, rest);
    if (deployed !== known) await this.#put(`deployed:${table}`, deployed);
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
    if (this.hasReplica(table)) {
      await this.database.run(`DELETE FROM ${replica} WHERE ${own.gone}`);
      await this.database.run(`UPDATE ${replica} SET ${own.known} = false WHERE ${own.known}`);
    }
    await this.update(table, { acked: 0, pushed: 0, stale: 0, truncating: false, intent: null });
  }

  hasReplica(table: string): boolean {
    return this.#shapes.has(table);
  }

  /** No row at all, not even one that is on its way out. */
  async isEmpty(table: string): Promise<boolean> {
    if (!this.hasReplica(table)) return true;
    return (await this.database.number(`SELECT count(*) FROM ${replicaOf(table)}`)) === 0;
  }

  /** Rows that are not in the model yet, tombstones included. */
  async pending(table: string): Promise<number> {
    const { acked, next } = this.state(table);
    if (!this.hasReplica(table) || next - 1 <= acked) return 0;
    return await this.database.number(`SELECT count(*) FROM ${replicaOf(table)} WHERE ${own.ord} > ${acked}`);
  }

  /** Rows that the model is to hold. */
  async living(table: string): Promise<number> {
    if (!this.hasReplica(table)) return 0;
    return await this.database.number(`SELECT count(*) FROM ${replicaOf(table)} WHERE NOT ${own.gone}`);
  }

  /** Batches of the last hour, oldest first, for the quotas; older ones are forgotten. */
  async recentPosts(since: number): Promise<readonly Post[]> {
    await this.database.run(`DELETE FROM posts WHERE sent_at < ${since}`);
    const rows = await this.database.rows('SELECT sent_at, rows FROM posts ORDER BY sent_at');
    return rows.map(({ sent_at, rows: count }) => ({ at: Number(sent_at), rows: Number(count) }));
  }

  /** Kept with the next change of a table's state, which follows every request. */
  notePost(post: Post): void {
    this.#posts.push(post);
  }

  close(): void {
    this.database.close();
  }

  async #put(name: string, value: unknown): Promise<void> {
    if (this.#posts.length > 0) {
      const posts = this.#posts.map(({ at, rows }) => `(${Math.round(at)}, ${rows})`);
      await this.database.run(`INSERT INTO posts VALUES ${posts.join(', ')}`);
      this.#posts = [];
    }
    await this.database.run(
      `INSERT OR REPLACE INTO meta VALUES (${literal(name)}, ${literal(JSON.stringify(value))})`,
    );
  }
}
