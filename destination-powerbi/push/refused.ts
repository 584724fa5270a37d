// The records of this run that Power BI did not take as they are: told in the reject file by their key, for their lines
// are gone by then, and counted in the states.
import { appendFile } from 'node:fs/promises';
import { configError } from '@airbyte/cdk-typescript-shim';
import type { ModelTable } from '../model/layout.ts';
import { identifier, own, replicaOf } from '../store/sql.ts';
import type { Session } from './session.ts';

type Fields = { [name: string]: unknown };

/** Notes the record of a row. One that came in an earlier run, or another row of a record that is noted, counts for nothing. */
export async function noteRefused(
  session: Session,
  table: ModelTable,
  { ord, reason }: { readonly ord: number; readonly reason: string },
): Promise<void> {
  const { store, taken, refused, run } = session;
  const stream = table.plan?.declaration.stream;
  if (stream === undefined) return;
  const columns = keyColumns(session, table);
  const values = columns.map(({ column }, index) => `, CAST(${identifier(column)} AS VARCHAR) AS k${index}`);
  const [row] = await store.database.rows(
    `SELECT ${own.batch} AS batch${values.join('')} FROM ${replicaOf(table.name)} WHERE ${own.ord} = ${ord}`,
  );
  if (!row || !taken.has(String(row.batch))) return;
  const record: Fields = {};
  for (const [index, { path }] of columns.entries()) put(record, path, row[`k${index}`]);
  // Without a key every row stands for itself.
  const name = columns.length === 0 ? `${table.name} ${ord}` : JSON.stringify(record);
  const known = refused.get(stream) ?? new Set<string>();
  refused.set(stream, known);
  if (known.has(name)) return;
  known.add(name);
  const file = run.context.config.reject_file;
  if (file !== undefined && columns.length > 0) await keep(file, { reason, stream, record });
}

/** The columns in the replica that hold the key of the record, and where each part lies in it; none: it has no key. */
function keyColumns(
  { model }: Session,
  { plan, stored }: ModelTable,
): readonly { readonly column: string; readonly path: readonly string[] }[] {
  const { stream = '', keys = [] } = plan?.declaration ?? {};
  const main = model.tables.find((one) => one.plan?.declaration.stream === stream && !one.plan.parent)?.plan;
  const found = keys.flatMap((path) => {
    const column = main?.columns.find((one) => JSON.stringify(one.path) === JSON.stringify(path))?.name;
    if (column === undefined) return [];
    const here = plan?.parent ? plan.parent.columns[main?.keys.indexOf(column) ?? -1] : column;
    return here !== undefined && stored.some(({ name }) => name === `c_${here}`)
      ? [{ column: `c_${here}`, path }]
      : [];
  });
  return found.length === keys.length ? found : [];
}

function put(record: Fields, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    record[name] = value;
    return;
  }
  const inner: Fields = {};
  record[name] = Object.assign(inner, record[name]);
  put(inner, rest, value);
}

async function keep(file: string, entry: Fields): Promise<void> {
  try {
    await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw configError(`Cannot write the reject file "${file}": check "reject_file"`, { cause });
  }
}

/** How many records of each stream were refused since the last call. */
export function takeRefused({ refused }: Pick<Session, 'refused'>): ReadonlyMap<string, number> {
  const counts = new Map([...refused].map(([stream, records]) => [stream, records.size]));
  refused.clear();
  return counts;
}
