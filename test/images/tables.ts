// Compares two schemas of the workspace: the same tables with the same rows, whatever way they came.
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';

export interface Comparison {
  readonly tables: number;
  readonly rows: number;
  /** One line for each table that differs. */
  readonly differences: readonly string[];
}

/** Compares the columns of the records: those of the loads themselves (`_job_id`, times, ...) differ by nature. */
export async function compareSchemas(
  databricks: DatabricksEmulator,
  [one, other]: readonly [string, string],
): Promise<Comparison> {
  const tables = await tablesOf(databricks, one);
  const others = await tablesOf(databricks, other);
  const differences: string[] = [];
  let rows = 0;
  for (const name of new Set([...tables.keys(), ...others.keys()])) {
    const columns = tables.get(name);
    if (columns === undefined || columns !== others.get(name)) {
      differences.push(`${name}: columns ${columns ?? '(no table)'} and ${others.get(name) ?? '(no table)'}`);
      continue;
    }
    const rowsIn = (schema: string) =>
      `(SELECT ${columns}, _deleted_at IS NULL AS living FROM "${databricks.catalog}"."${schema}"."${name}")`;
    const [counts] = await databricks.query(
      `SELECT (SELECT count(*) FROM ${rowsIn(one)}) AS rows,
         (SELECT count(*) FROM (${rowsIn(one)} EXCEPT ALL ${rowsIn(other)})) AS missing,
         (SELECT count(*) FROM (${rowsIn(other)} EXCEPT ALL ${rowsIn(one)})) AS extra`,
    );
    rows += Number(counts?.rows);
    if (Number(counts?.missing) + Number(counts?.extra) > 0)
      differences.push(`${name}: ${counts?.missing} rows missing, ${counts?.extra} rows too many`);
  }
  return { tables: tables.size, rows, differences };
}

/** The record columns of each table, as one list for SQL. */
async function tablesOf(
  databricks: DatabricksEmulator,
  schema: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await databricks.query(
    `SELECT table_name AS name, string_agg('"' || column_name || '"', ', ' ORDER BY column_name) AS columns
     FROM information_schema.columns
     WHERE table_catalog = '${databricks.catalog}' AND table_schema = '${schema}'
       AND table_name <> 'ledgerpipe_commits' AND column_name NOT LIKE '\\_%' ESCAPE '\\'
     GROUP BY table_name`,
  );
  return new Map(found.map(({ name, columns }) => [String(name), String(columns)]));
}
