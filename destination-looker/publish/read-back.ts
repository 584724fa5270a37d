// Proof through Looker: which columns its connection sees, and what each table's explore counts and sums.
import { pathOf } from '../api.ts';
import { type Explore, exploresOf, keyOf, named } from '../model/index.ts';
import { askIfThere, type Row } from './query.ts';
import { type LoadedTable, type Modelled, objectsIn, say } from './steps.ts';

/** Tables asked for in one call for columns. */
const tablesPerCall = 40;

/** What a run may ask where the edition has a monthly quota of query calls (1,000; 100,000; 500,000). */
const queriesPerRun = { none: Number.POSITIVE_INFINITY, standard: 8, enterprise: 60, embed: 200 } as const;

/** One log line for each table with rows: columns that Looker lacks, rows there and here, and its sums. */
export async function readBack(publication: Modelled): Promise<void> {
  const { model, loaded, looker } = publication;
  const explores = exploresOf(model);
  const byTable = new Map(explores.map((explore) => [keyOf(explore.base.plan), explore]));
  const due = loaded
    .flatMap((table) => {
      const explore = byTable.get(keyOf(table.plan));
      return explore && table.rows > 0 ? [{ table, explore }] : [];
    })
    // Where not all can be asked, those that people look at come first.
    .sort((one, other) => Number(one.explore.hidden) - Number(other.explore.hidden))
    .slice(0, queriesPerRun[looker.edition]);
  const columns = await columnsSeen(
    publication,
    due.map(({ table }) => table),
  );
  for (const { table, explore } of due) {
    const missing = missingColumns(table, explore, columns.get(table.table));
    if (await proof(publication, { table, explore, missing })) continue;
    await say(
      publication,
      'WARN',
      `Cannot read back through the explore "${explore.name}" of the model "${publication.settings.name}": Looker does not know it, deploy and configure the model, or give the key's user "access_data" and "explore"`,
    );
    return;
  }
}

/** Logs what the explore says of a table; false when Looker does not know the explore. */
async function proof(
  publication: Modelled,
  {
    table,
    explore,
    missing,
  }: { table: LoadedTable; explore: Explore; missing: readonly string[] | undefined },
): Promise<boolean> {
  const count = named(explore.base, 'count');
  const sums = sumsOf(explore);
  const rows = await askIfThere(publication, {
    explore: explore.name,
    fields: [count, ...sums],
    filters: { [named(explore.base, 'is_deleted')]: 'No' },
    limit: '1',
    purpose: `read table "${table.table}" back through the explore "${explore.name}"`,
  });
  if (rows === undefined) return false;
  const seen = Number(rows[0]?.[count] ?? 0);
  const agrees = seen === table.rows && (missing ?? []).length === 0;
  await say(
    publication,
    agrees ? 'INFO' : 'WARN',
    JSON.stringify({
      event: 'read back through Looker',
      table: table.table,
      explore: `${publication.settings.name}::${explore.name}`,
      rows: table.rows,
      rows_in_looker: seen,
      ...(missing === undefined ? { columns: 'unknown' } : { columns_missing: missing }),
      sums: figuresOf(rows[0] ?? {}, sums),
    }),
  );
  return true;
}

/** The first measures of money: a table whose rows are there may still hold wrong figures. */
const sumsOf = ({ base, part }: Explore): readonly string[] => {
  const figures =
    part?.kind === 'lines'
      ? [`${part.recipe.figure.name}_home`]
      : part?.kind === 'header' && part.recipe.open !== undefined
        ? ['outstanding_home']
        : [];
  return figures.map((name) => named(base, name));
};

const figuresOf = (row: Row, sums: readonly string[]): Row =>
  Object.fromEntries(sums.map((name) => [name, row[name] ?? null]));

/** Columns by table, in lower case, as the connection's database user sees them now. */
async function columnsSeen(
  { api, context, looker }: Modelled,
  tables: readonly LoadedTable[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const seen = new Map<string, ReadonlySet<string>>();
  for (const schema of new Set(tables.map((table) => table.schema))) {
    const names = tables.filter((table) => table.schema === schema).map(({ table }) => table);
    for (let start = 0; start < names.length; start += tablesPerCall) {
      const response = await api.call({
        method: 'GET',
        path: `${pathOf('connections', looker.connection)}/columns`,
        query: {
          schema_name: schema,
          table_names: names.slice(start, start + tablesPerCall).join(','),
          cache: false,
        },
        purpose: `read the columns that the connection "${looker.connection}" sees in schema "${schema}"`,
        accept: [400, 404],
        signal: context.signal,
      });
      if (response.status >= 300) continue;
      for (const { name, columns } of objectsIn(response.json()))
        seen.set(
          String(name),
          new Set(objectsIn(columns).map((column) => String(column.name).toLowerCase())),
        );
    }
  }
  return seen;
}

function missingColumns(
  { plan }: LoadedTable,
  { base }: Explore,
  seen: ReadonlySet<string> | undefined,
): readonly string[] | undefined {
  if (!seen) return undefined;
  const there = (name: string): string => base.table.columns?.get(name) ?? name;
  return plan.columns.map(({ name }) => there(name)).filter((name) => !seen.has(name.toLowerCase()));
}
