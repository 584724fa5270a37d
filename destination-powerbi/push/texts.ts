// Texts that are longer than Power BI takes: cut with a warning, or the end of the run, as the setting says.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { ModelTable } from '../model/layout.ts';
import { identifier, own, replicaOf } from '../store/sql.ts';
import { shortened } from './serialise.ts';
import type { Session } from './session.ts';
import { longestText } from './survey.ts';

const told = new WeakMap<Session, Set<string>>();

/** Looks at the rows after `after`, once for each table and state of its queue. */
export async function checkTexts(session: Session, table: ModelTable, after: number): Promise<void> {
  const { store, run } = session;
  const known = told.get(session) ?? new Set<string>();
  told.set(session, known);
  const mark = `${table.name} ${store.state(table.name).next}`;
  if (known.has(mark)) return;
  known.add(mark);
  const shape = store.shape(table.name);
  const texts = table.columns.flatMap(({ name, dataType, origin }) =>
    dataType === 'String' && origin.kind === 'stored' && shape.get(origin.column) === 'VARCHAR'
      ? [{ name, column: identifier(origin.column) }]
      : [],
  );
  if (texts.length === 0) return;
  const counts = texts.map(
    ({ column }) =>
      `count(*) FILTER (strlen(${column}) > ${longestText} AND ${shortened(column)} <> ${column})`,
  );
  const [row] = await store.database.rows(
    `SELECT ${counts.map((count, index) => `${count} AS n${index}`).join(', ')} FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${after}`,
  );
  const long = texts.flatMap(({ name }, index) => {
    const count = Number(row?.[`n${index}`] ?? 0);
    return count > 0 ? [`${count} in "${name}"`] : [];
  });
  if (long.length === 0) return;
  const found = `texts over ${longestText} characters in table "${table.name}": ${long.join(', ')}`;
  if (run.context.config.string_overflow === 'fail')
    throw configError(`Cannot send ${found}; set "string_overflow" to "truncate" to have them cut`);
  await run.log('WARN', `Cut ${found}`);
}
