// A Kysely dialect around another: its failures are told in the store's words, its transactions begin as they should.
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';

export interface DialectRules {
  /** Turns what the driver throws into what the caller sees. */
  readonly failure: (error: unknown) => Error;
  /** SQL that begins a transaction; absent: the driver's own way. */
  readonly begin?: string;
  /** Waits until the connection may be used and gives the function that ends its use; absent: at once. */
  readonly turn?: () => Promise<() => void>;
}

/** `inner` with the rules applied. */
export function ruled(inner: Dialect, rules: DialectRules): Dialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createIntrospector: (db) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createDriver: () => ruledDriver(inner.createDriver(), rules),
  };
}

interface RuledConnection extends DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly endTurn: () => void;
}

function ruledDriver(driver: Driver, { failure, begin, turn }: DialectRules): Driver {
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error);
    }
  };
  const wrap = (inner: DatabaseConnection, endTurn: () => void): RuledConnection => ({
    inner,
    endTurn,
    executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
      told(() => inner.executeQuery<R>(query)),
    streamQuery: (query, size) => inner.streamQuery(query, size),
  });
  const innerOf = (connection: DatabaseConnection): DatabaseConnection =>
    (connection as RuledConnection).inner;
  return {
    init: () => told(() => driver.init()),
    async acquireConnection() {
      const endTurn = (await turn?.()) ?? (() => undefined);
      try {
        return wrap(await told(() => driver.acquireConnection()), endTurn);
      } catch (error) {
        endTurn();
        throw error;
      }
    },
    async beginTransaction(connection, settings: TransactionSettings) {
      if (begin) await connection.executeQuery(CompiledQuery.raw(begin));
      else await told(() => driver.beginTransaction(innerOf(connection), settings));
    },
    commitTransaction: (connection) => told(() => driver.commitTransaction(innerOf(connection))),
    rollbackTransaction: (connection) => driver.rollbackTransaction(innerOf(connection)),
    async releaseConnection(connection) {
      try {
        await driver.releaseConnection(innerOf(connection));
      } finally {
        (connection as RuledConnection).endTurn();
      }
    },
    destroy: () => driver.destroy(),
  };
}
