// Runs statement texts: on the engine, or (without execution) only through the parser and the catalog.
import type { Engine, EngineSession } from './engine.ts';
import type { Grants } from './grants.ts';
import type { CatalogModel } from './model.ts';
import { buildWorld } from './sql/build-world.ts';
import { execute } from './sql/execute.ts';
import { insertOutcome } from './sql/insert.ts';
import { checkingParquet } from './sql/parquet-types.ts';
import { parse } from './sql/parse.ts';
import { done, type Outcome, type Session } from './sql/session.ts';
import type { Statement } from './sql/statements.ts';
import { long } from './sql/types.ts';
import type { RunStatement, Submission } from './statements.ts';
import type { Switches } from './switches.ts';
import type { Volumes } from './volumes.ts';

interface Surroundings {
  readonly model: CatalogModel;
  readonly grants: Grants;
  readonly volumes: Volumes;
  readonly switches: Switches;
  readonly user: string;
  readonly now: () => number;
}

/** Runs on `engine`; without one, data statements succeed with zero counts and definitions reach the catalog alone. */
export function statementRunner(engine: Engine | undefined, surroundings: Surroundings): RunStatement {
  const exclusively = tableLocks();
  return async (submission, { signal, started }) => {
    const statement = parse(submission.text, surroundings.switches);
    started(statement.kind);
    if (!engine)
      return withoutEngine(
        statement,
        sessionOf(idle, { submission, surroundings, exclusively, database: '' }),
      );
    const connection = await engine.open();
    const interrupt = (): void => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    try {
      const { database } = engine;
      return await execute(
        sessionOf(connection, { submission, surroundings, exclusively, database }),
        statement,
      );
    } finally {
      signal.removeEventListener('abort', interrupt);
      connection.close();
    }
  };
}

interface SessionParts {
  readonly submission: Submission;
  readonly surroundings: Surroundings;
  readonly exclusively: Session['exclusively'];
  readonly database: string;
}

function sessionOf(
  engine: EngineSession,
  { submission, surroundings, exclusively, database }: SessionParts,
): Session {
  const { model, grants, volumes, switches, user, now } = surroundings;
  const { parameters, catalog, schema } = submission;
  const world = buildWorld(() => session, { now: now(), user, switches, parameters });
  const session: Session = {
    engine: checkingParquet(engine),
    database,
    model,
    grants,
    volumes,
    world,
    catalog,
    schema,
    exclusively,
  };
  return session;
}

/** Writers to one table wait for each other, in the order they came. */
function tableLocks(): Session['exclusively'] {
  const last = new Map<string, Promise<unknown>>();
  return async (tables, work) => {
    const before = tables.map((table) => last.get(table));
    const turn = Promise.allSettled(before).then(work);
    for (const table of tables)
      last.set(
        table,
        turn.catch(() => undefined),
      );
    return turn;
  };
}

const idle: EngineSession = {
  run: async () => ({ columns: [], rows: [], changed: 0 }),
  each: async () => undefined,
  describe: async () => [],
  interrupt: () => undefined,
  close: () => undefined,
};

function withoutEngine(statement: Statement, session: Session): Promise<Outcome> | Outcome {
  switch (statement.kind) {
    case 'select': {
      const counts = statement.countsOnly;
      const columns = Array.from({ length: Math.max(counts, 1) }, (_, index) => ({
        name: `col${index + 1}`,
        type: long,
      }));
      return { ...done, columns, rows: counts > 0 ? [columns.map(() => '0')] : [] };
    }
    case 'merge':
      return zeroes('num_affected_rows', 'num_updated_rows', 'num_deleted_rows', 'num_inserted_rows');
    case 'insert':
      return insertOutcome(0);
    case 'copy into':
      return zeroes('num_affected_rows', 'num_inserted_rows', 'num_skipped_corrupt_files');
    case 'update':
    case 'delete':
      return zeroes('num_affected_rows');
    case 'truncate':
      return done;
    default:
      return execute(session, statement);
  }
}

function zeroes(...names: readonly string[]): Outcome {
  return { ...done, columns: names.map((name) => ({ name, type: long })), rows: [names.map(() => '0')] };
}
