// Tables of a push dataset: their names, and PUT of a whole new schema (powerbi.md 2.2).
import type { Answer } from '../emulator.ts';
import type { Routes } from '../routes.ts';
import { badRequest, json, list } from './answers.ts';
import { type Cell, decimalText, Instant, instantText } from './cells.ts';
import { coerce, Misfit } from './coerce.ts';
import { parsed } from './dataset-calls.ts';
import type { Dataset } from './datasets.ts';
import {
  type ColumnDefinition,
  checkUnique,
  invalid,
  most,
  type TableDefinition,
  tableOf,
} from './definitions.ts';
import type { Parts } from './parts.ts';
import type { StoredTable } from './stored-table.ts';
import type { Switches } from './switches.ts';

export function tableCalls(parts: Parts): Routes {
  const { access, datasets, switches } = parts;
  return {
    'GET /groups/*/datasets/*/tables': (_, [group = '', id = '']) => {
      access.workspace(group, 'read');
      const { tables } = datasets.push(group, id);
      const full = switches.tablesAnswer === 'definitions';
      return list(
        'tables',
        tables.map(({ name, definition }) => (full ? definition : { name })),
      );
    },
    'PUT /groups/*/datasets/*/tables/*': ({ body }, [group = '', id = '', name = '']) => {
      access.workspace(group, 'write');
      const dataset = datasets.push(group, id);
      return put(switches, { dataset, table: datasets.table(dataset, name), body });
    },
  };
}

function put(
  switches: Switches,
  { dataset, table, body }: { dataset: Dataset; table: StoredTable; body: Buffer },
): Answer {
  const asked = tableOf(parsed(body), { switches, streaming: dataset.mode !== 'Push' });
  if (asked.name !== table.name)
    throw badRequest(`Table '${asked.name}' in the body is not table '${table.name}' of the URL.`, 'table');
  const next = kept(asked, { table, switches });
  const elsewhere = dataset.tables.filter((one) => one !== table).flatMap(({ measures }) => measures);
  checkUnique([...elsewhere, ...next.measures], 'The dataset');
  checkRelated(dataset, next);
  const before = new Map(table.columns.map((column, index) => [column.name, { column, index }]));
  table.redefine(next, (column) => {
    const old = before.get(column.name);
    return old && converted(table, { ...old, to: column, switches });
  });
  return json(200, {
    '@odata.context': 'http://api.powerbi.com/v1.0/myorg/$metadata#tables/$entity',
    name: table.name,
  });
}

/** The new definition with what the switches keep of the old one. */
function kept(
  asked: TableDefinition,
  { table, switches }: { table: StoredTable; switches: Switches },
): TableDefinition {
  const dropped = table.columns.filter(({ name }) => !asked.columns.some((one) => one.name === name));
  if (dropped.length > 0 && table.size > 0 && switches.droppedColumn === 'refused')
    throw invalid(
      `Column '${dropped[0]?.name}' of table '${table.name}' holds values and cannot be dropped.`,
    );
  const columns = switches.droppedColumn === 'kept' ? [...asked.columns, ...dropped] : asked.columns;
  if (columns.length > most.columns)
    throw invalid(`Table '${table.name}' has ${columns.length} columns; ${most.columns} are allowed.`);
  const omitted = table.measures.filter(({ name }) => !asked.measures.some((one) => one.name === name));
  const measures = switches.omittedMeasures === 'kept' ? [...asked.measures, ...omitted] : asked.measures;
  return { ...asked, columns, measures };
}

/** Relationships stay as they are, so the columns they join must too. */
function checkRelated({ relationships }: Dataset, { name, columns }: TableDefinition): void {
  for (const one of relationships) {
    const needed = [
      ...(one.fromTable === name ? [one.fromColumn] : []),
      ...(one.toTable === name ? [one.toColumn] : []),
    ];
    for (const column of needed)
      if (!columns.some((other) => other.name === column))
        throw invalid(`Column '${column}' of table '${name}' is part of relationship '${one.name}'.`);
  }
}

/** The values of a column under its new type; undefined: blank. */
function converted(
  table: StoredTable,
  {
    column,
    index,
    to,
    switches,
  }: { column: ColumnDefinition; index: number; to: ColumnDefinition; switches: Switches },
): Cell[] | undefined {
  const values = table.values(index);
  if (column.dataType === to.dataType || values.every((one) => one === null)) return [...values];
  if (switches.retypedColumn === 'refused')
    throw invalid(
      `Column '${column.name}' of table '${table.name}' holds values of type ${column.dataType}.`,
    );
  if (switches.retypedColumn === 'blank') return undefined;
  return values.map((value) => retyped(value, { to, switches }));
}

function retyped(value: Cell, { to, switches }: { to: ColumnDefinition; switches: Switches }): Cell {
  if (value === null) return null;
  const text =
    value instanceof Instant
      ? instantText(value)
      : typeof value === 'bigint'
        ? decimalText(value)
        : String(value);
  try {
    return coerce(text, to, { ...switches, numbersAsText: 'accepted' });
  } catch (error) {
    if (error instanceof Misfit) return null;
    throw error;
  }
}
