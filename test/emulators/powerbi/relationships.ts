// The relationships of a dataset: many to one, all active, never two ways between two tables (powerbi.md 8).
import { badRequest } from './answers.ts';
import {
  arrayOf,
  type ColumnDefinition,
  checkedName,
  checkUnique,
  fieldsOf,
  invalid,
  most,
  type TableDefinition,
  textOf,
} from './definitions.ts';

export interface RelationshipDefinition {
  readonly name: string;
  readonly fromTable: string;
  readonly fromColumn: string;
  readonly toTable: string;
  readonly toColumn: string;
  readonly both: boolean;
}

const behaviours = ['OneDirection', 'BothDirections', 'Automatic'];

export function relationshipsOf(
  value: unknown,
  tables: readonly TableDefinition[],
): readonly RelationshipDefinition[] {
  const found = arrayOf(value ?? [], 'relationships').map((one) => relationshipOf(one, tables));
  if (found.length > most.relationships)
    throw invalid(`The dataset has ${found.length} relationships; ${most.relationships} are allowed.`);
  checkUnique(found, 'The dataset');
  for (const { name } of tables) checkPaths(name, found);
  return found;
}

function relationshipOf(value: unknown, tables: readonly TableDefinition[]): RelationshipDefinition {
  const fields = fieldsOf(value, 'relationship');
  const name = checkedName(textOf(fields, 'name'), 'Relationship');
  const behaviour = fields.crossFilteringBehavior ?? 'OneDirection';
  if (!behaviours.includes(String(behaviour)))
    throw badRequest(`crossFilteringBehavior '${String(behaviour)}' is not supported.`);
  const [from, to] = (['from', 'to'] as const).map((end): [TableDefinition, ColumnDefinition] => {
    const table = tables.find((one) => one.name === textOf(fields, `${end}Table`));
    const column = table?.columns.find((one) => one.name === textOf(fields, `${end}Column`));
    if (!table || !column)
      throw badRequest(
        `Relationship '${name}': '${String(fields[`${end}Table`])}'[${String(fields[`${end}Column`])}] does not exist.`,
      );
    return [table, column];
  });
  if (!from || !to) throw badRequest(`Relationship '${name}' is not complete.`);
  if (from[0] === to[0]) throw invalid(`Relationship '${name}' relates table '${from[0].name}' to itself.`);
  if (from[1].dataType !== to[1].dataType)
    throw invalid(
      `Relationship '${name}' relates a column of type ${from[1].dataType} to one of type ${to[1].dataType}.`,
    );
  return {
    name,
    fromTable: from[0].name,
    fromColumn: from[1].name,
    toTable: to[0].name,
    toColumn: to[1].name,
    both: behaviour === 'BothDirections',
  };
}

/** Without inactive relationships a second way from one table to another is an ambiguity the engine refuses. */
function checkPaths(start: string, relationships: readonly RelationshipDefinition[]): void {
  const reached = new Set<string>();
  const visit = (table: string): void => {
    for (const { fromTable, toTable } of relationships) {
      if (fromTable !== table) continue;
      if (toTable === start || reached.has(toTable))
        throw invalid(`There are ambiguous paths between '${start}' and '${toTable}'.`);
      reached.add(toTable);
      visit(toTable);
    }
  };
  visit(start);
}
