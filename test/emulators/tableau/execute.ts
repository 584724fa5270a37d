// Runs the actions of one update on the stored file with hyperd, all of them or none (tableau.md 3.1, 7.3).
import { type HyperTable, quoted, readTables, type Session } from '../hyperd/index.ts';
import type { Action, TableName } from './actions.ts';
import { type Condition, conditionSql, leavesOf } from './condition.ts';
import type { Switches } from './switches.ts';

/** A batch that fails; nothing of it stays. */
export class UpdateFailure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** More leaves than this end the engine (issue 1295 of the Python client: 10,000 worked, 20,000 did not). */
const mostLeaves = 15_000;

interface Files {
  readonly target: readonly HyperTable[];
  readonly source: readonly HyperTable[];
}

/** Applies `actions` to the file attached as "db", with the payload, if any, attached as "src". Counts changed rows. */
export async function execute(
  session: Session,
  actions: readonly Action[],
  { payload, switches }: { payload: boolean; switches: Switches },
): Promise<number> {
  const files = {
    target: await readTables(session, 'db'),
    source: payload ? await readTables(session, 'src') : [],
  };
  let rows = 0;
  await session.query('BEGIN');
  try {
    for (const action of actions) {
      for (const statement of await statements(session, action, { files, switches }))
        rows += (await session.query(statement)).count;
    }
    await session.query('COMMIT');
    return rows;
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    if (error instanceof UpdateFailure) throw error;
    const { code = '', message } = error as { code?: string; message: string };
    throw new UpdateFailure(400011, `${message.trim()} (SQLSTATE ${code})`);
  }
}

interface Doing {
  readonly files: Files;
  readonly switches: Switches;
}

/** The SQL of one action. hyperd knows neither MERGE nor ON CONFLICT. */
async function statements(session: Session, action: Action, doing: Doing): Promise<string[]> {
  const target = find(action.target, 'target', doing);
  const into = `"db".${nameOf(target)}`;
  const { condition } = action;
  if (!action.source) {
    if (!condition) throw new UpdateFailure(400011, 'The action has neither source nor condition');
    checkCondition(condition, { target });
    return [`DELETE FROM ${into} AS t WHERE ${conditionSql(condition, target.columns)}`];
  }
  const source = find(action.source, 'source', doing);
  const from = `"src".${nameOf(source)}`;
  if (condition) checkCondition(condition, { target, source });
  const where = condition ? conditionSql(condition, target.columns) : 'TRUE';
  if (action.action === 'delete') {
    checkDeleteColumns(source, condition);
    return [`DELETE FROM ${into} AS t WHERE EXISTS (SELECT 1 FROM ${from} AS s WHERE ${where})`];
  }
  const used = condition ? new Set(leavesOf(condition).flatMap(sourceColumn)) : new Set<string>();
  const shared = sharedColumns(target, source, { doing, used });
  const list = shared.map(quoted).join(', ');
  const insert = `INSERT INTO ${into} (${list}) SELECT ${list} FROM ${from} AS s`;
  if (action.action === 'insert') return [insert];
  if (action.action === 'replace') return [`DELETE FROM ${into}`, insert];
  if (doing.switches.repeatedMatches === 'fail') await refuseRepeats(session, { into, from, where });
  const set = shared.filter((name) => !used.has(name)).map((name) => `${quoted(name)} = s.${quoted(name)}`);
  const update =
    set.length > 0 ? [`UPDATE ${into} AS t SET ${set.join(', ')} FROM ${from} AS s WHERE ${where}`] : [];
  if (action.action === 'update') return update;
  return [...update, `${insert} WHERE NOT EXISTS (SELECT 1 FROM ${into} AS t WHERE ${where})`];
}

const nameOf = ({ schema, name }: HyperTable): string => `${quoted(schema)}.${quoted(name)}`;

const sourceColumn = (leaf: ReturnType<typeof leavesOf>[number]): string[] =>
  leaf.with.kind === 'column' ? [leaf.with.name] : [];

/** The table of a file; 410012 when it is not there. */
function find(
  { schema, table }: TableName,
  which: 'target' | 'source',
  { files, switches }: Doing,
): HyperTable {
  const tables = files[which];
  const schemas = new Set(tables.map((one) => one.schema));
  const found = tables.find((one) => one.name === table && (schema ?? one.schema) === one.schema);
  const ambiguous = schema === undefined && (!switches.schemaMayBeOmitted || schemas.size > 1);
  if (found && !ambiguous) return found;
  const full = `"${schema ?? '?'}"."${table}"`;
  throw new UpdateFailure(
    410012,
    `There was a problem retrieving table information for the ${which} table ${full}: it does not exist`,
  );
}

function checkCondition(
  condition: Condition,
  { target, source }: { target: HyperTable; source?: HyperTable },
): void {
  const leaves = leavesOf(condition);
  if (leaves.length > mostLeaves)
    throw new UpdateFailure(400011, 'server closed the connection unexpectedly (SQLSTATE 08006)');
  const has = (table: HyperTable | undefined, name: string) =>
    table?.columns.some((column) => column.name === name) ?? false;
  for (const leaf of leaves) {
    if (!has(target, leaf.target))
      throw new UpdateFailure(400011, `The target table ${nameOf(target)} has no column "${leaf.target}"`);
    const [column] = sourceColumn(leaf);
    if (column !== undefined && !has(source, column))
      throw new UpdateFailure(400011, `The source table has no column "${column}"`);
  }
}

/** A delete's source may hold the columns of the condition and nothing else. */
function checkDeleteColumns(source: HyperTable, condition: Condition | undefined): void {
  const used = new Set((condition ? leavesOf(condition) : []).flatMap(sourceColumn));
  const extra = source.columns.find(({ name }) => !used.has(name));
  if (extra)
    throw new UpdateFailure(
      400011,
      `The source table of a delete holds the column "${extra.name}", which the condition does not use`,
    );
}

/** Columns are matched by name, case and all; those only the condition uses may be missing in the target. */
function sharedColumns(
  target: HyperTable,
  source: HyperTable,
  { doing, used }: { doing: Doing; used: ReadonlySet<string> },
): string[] {
  const known = new Set(target.columns.map(({ name }) => name));
  const unknown = source.columns.find(({ name }) => !known.has(name) && !used.has(name));
  if (unknown && doing.switches.unknownColumns === 'fail')
    throw new UpdateFailure(400011, `The target table ${nameOf(target)} has no column "${unknown.name}"`);
  const shared = source.columns.map(({ name }) => name).filter((name) => known.has(name));
  if (shared.length === 0) throw new UpdateFailure(400011, 'Source and target share no column');
  return shared;
}

async function refuseRepeats(
  session: Session,
  { into, from, where }: { into: string; from: string; where: string },
): Promise<void> {
  const count = `(SELECT count(*) FROM ${from} AS s WHERE ${where}) > 1`;
  const { rows } = await session.query(`SELECT 1 FROM ${into} AS t WHERE ${count} LIMIT 1`);
  if (rows.length > 0) throw new UpdateFailure(400011, 'Several source rows match one target row');
}
