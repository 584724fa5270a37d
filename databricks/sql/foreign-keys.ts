// Informational foreign keys: which ones a plan wants, and whether the parent that is there allows them.
import { namesOf, type TablePlan } from '@ledgerpipe/staging';
import { type CurrentTable, findColumn, wantedLayout } from './layout.ts';
import { columnNames, constraintName, tableName } from './names.ts';

export interface WantedForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly parent: string;
  /** Absent: the parent's primary key, as child tables refer to theirs. */
  readonly parentColumns?: readonly string[];
}

/** What the plan's references, and a child table's parent, come to in names of tables and columns. */
export function wantedForeignKeys(plan: TablePlan): readonly WantedForeignKey[] {
  const { table, columns } = wantedLayout(plan);
  const { namespace } = plan.declaration;
  const wanted = (
    staged: readonly string[],
    parent: string,
    keys?: readonly string[],
  ): readonly WantedForeignKey[] => {
    const names = namesOf(columns, staged);
    if (names.length === 0 || names.length !== staged.length) return [];
    const name = constraintName('fk', [table, ...names]);
    return [
      {
        name,
        columns: names,
        parent: tableName(parent, namespace),
        ...(keys ? { parentColumns: columnNames(keys) } : {}),
      },
    ];
  };
  const keys = [
    ...(plan.parent ? wanted(plan.parent.columns, plan.parent.table) : []),
    ...plan.references.flatMap((reference) => wanted(reference.columns, reference.table, reference.keys)),
  ];
  return keys.filter(({ name }, index) => keys.findIndex((other) => other.name === name) === index);
}

/**
 * The parent's columns for a foreign key, or undefined when it is not allowed: it must name the parent's whole primary
 * key, in order, with columns of the same types ("CONSTRAINT clause").
 */
export function allowedParentColumns(
  { columns, parentColumns }: WantedForeignKey,
  child: CurrentTable,
  parent: CurrentTable,
): readonly string[] | undefined {
  const key = parent.primaryKey ?? [];
  const named = parentColumns ?? key;
  const fits = key.map((column, index) => {
    const own = findColumn(child, columns[index] ?? '');
    const theirs = findColumn(parent, column);
    const sameName = named[index]?.toLowerCase() === column.toLowerCase();
    return sameName && own !== undefined && own.type.text === theirs?.type.text;
  });
  return key.length > 0 && key.length === columns.length && fits.every(Boolean) ? key : undefined;
}
