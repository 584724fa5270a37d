// Runs a query: LookML to SQL, the cache, the database as the connection's user, and the answer in its format.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer } from '../../emulator.ts';
import type { Connection, Connections } from '../connections.ts';
import { type Result, runSql, SqlFailure } from '../engine.ts';
import { failed, rendered } from '../formats.ts';
import type { Model } from '../lookml/model.ts';
import { textOf } from '../lookml/parse.ts';
import { type Models, UnknownModel } from '../models.ts';
import type { Session } from '../sessions.ts';
import type { Switches } from '../switches.ts';
import { may } from '../users.ts';
import { type Built, buildQuery } from './build.ts';
import { pivoted, unpivoted } from './pivot.ts';
import { type QueryBody, refuseBeyond } from './request.ts';
import { Scope } from './scope.ts';
import { formattedTable } from './values.ts';

export interface RunOptions {
  readonly format: string;
  /** `undefined` for what the instance does by itself. */
  readonly session: Session | undefined;
  readonly limit?: string | null;
  readonly cache?: boolean;
  readonly formatting?: boolean;
  readonly forceProduction?: boolean;
}

/** One query that reached a database; answers out of the cache are marked. */
export interface QueryRun {
  readonly model: string;
  readonly explore: string;
  readonly sql: string;
  readonly at: number;
  readonly fromCache: boolean;
  readonly error: string | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly connections: Connections;
  readonly models: Models;
  /** When the datagroup of a model was last triggered or its cache cut off; 0 where never. */
  readonly staleBefore: (model: string, datagroup: string) => number;
}

/** https://cloud.google.com/looker/docs/caching-and-datagroups: an hour, unless a datagroup says otherwise. */
const CACHE = 3600_000;

export class Runner {
  readonly runs: QueryRun[] = [];
  readonly #parts: Parts;
  readonly #cache = new Map<string, { at: number; result: Result }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(query: QueryBody, options: RunOptions): Promise<Answer> {
    const { switches } = this.#parts;
    try {
      return await this.#answer(query, options);
    } catch (error) {
      if (error instanceof SqlFailure) return failed(error.message, options.format, switches.sqlErrorInJson);
      if (error instanceof UnknownModel && switches.unconfiguredModel === 'row')
        return failed(error.message, options.format, 'row');
      throw error;
    }
  }

  async #answer(query: QueryBody, options: RunOptions): Promise<Answer> {
    refuseBeyond(query);
    const { clock, switches, connections, models } = this.#parts;
    const model = models.find(query.model, options.forceProduction ? undefined : options.session);
    const connection = connections.get(model.connection);
    const { dbTimezone: database = 'UTC', queryTimezone = 'UTC' } = connection;
    const zones = { database, query: query.queryTimezone ?? queryTimezone };
    const limit = this.#limit(options.limit ?? query.limit, options.session);
    const isPivoted = query.pivots.length > 0;
    const settings = { model, zones, now: clock.now(), alwaysFilter: switches.alwaysFilterByApi };
    const asked = isPivoted ? unpivoted(query, measuresIn(query, model)) : query;
    const built = buildQuery(asked, { ...settings, limit: isPivoted ? undefined : limit });
    if (options.format === 'sql') return rendered({ columns: [], rows: [], sql: built.sql }, 'sql');
    const result = await this.#result(built, { query, model, connection, cache: options.cache ?? true });
    const table = formattedTable(built, result, options.formatting ?? switches.applyFormatting);
    const { measures } = built;
    const { format } = options;
    if (isPivoted) return pivoted(table, { query, measures, format, limit, nullKey: switches.nullPivotKey });
    return rendered(table, format, measures);
  }

  /** Beyond the default only those with `download_without_limit` get everything. */
  #limit(wanted: string | null | undefined, session: Session | undefined): number | undefined {
    const rows = Number(wanted ?? this.#parts.switches.defaultRowLimit);
    if (!Number.isInteger(rows)) throw new SqlFailure(`Limit "${wanted}" is no number.`);
    const unlimited = session === undefined || may(session.user, 'download_without_limit');
    if (rows >= 0) return rows;
    return unlimited ? undefined : this.#parts.switches.defaultRowLimit;
  }

  async #result(
    { sql }: Built,
    {
      query,
      model,
      connection,
      cache,
    }: { query: QueryBody; model: Model; connection: Connection; cache: boolean },
  ): Promise<Result> {
    const { clock, connections } = this.#parts;
    const at = clock.now();
    const key = `${connection.name}\n${sql}`;
    const kept = this.#cache.get(key);
    const log = (fromCache: boolean, error?: string): void => {
      this.runs.push({ model: model.name, explore: query.view, sql, at, fromCache, error });
    };
    if (cache && kept && at - kept.at < CACHE && kept.at >= this.#staleBefore(model, query.view)) {
      log(true);
      return kept.result;
    }
    try {
      const result = await runSql(connections.target(connection), sql, {
        timeZone: connection.dbTimezone ?? 'UTC',
      });
      this.#cache.set(key, { at, result });
      log(false);
      return result;
    } catch (error) {
      if (error instanceof SqlFailure) log(false, error.message);
      throw error;
    }
  }

  #staleBefore(model: Model, explore: string): number {
    const node = model.explores.get(explore)?.node ?? {};
    const datagroup = textOf(node, 'persist_with') ?? textOf(model.node, 'persist_with');
    return datagroup === undefined ? 0 : this.#parts.staleBefore(model.name, datagroup);
  }
}

/** The measures among the fields of a query; a field that is not there is told of when the query is built. */
function measuresIn(query: QueryBody, model: Model): ReadonlySet<string> {
  const explore = model.explores.get(query.view);
  if (!explore) return new Set();
  const scope = new Scope(model, explore);
  return new Set(query.fields.filter((name) => scope.find(name).field.category === 'measure'));
}
