// The definitions of a push dataset as they are posted: what is allowed in them, and the refusals (powerbi.md 2.1, 3).
import { isObject } from '@airbyte/cdk-typescript-shim';
import { badRequest, odataError, type Refusal } from './answers.ts';
import type { DataType } from './cells.ts';
import type { Switches } from './switches.ts';

export interface ColumnDefinition {
  readonly name: string;
  readonly dataType: DataType;
  readonly formatString?: string;
  readonly sortByColumn?: string;
  readonly dataCategory?: string;
  readonly isHidden?: boolean;
  readonly summarizeBy?: string;
}

export interface MeasureDefinition {
  readonly name: string;
  readonly expression: string;
  readonly formatString?: string;
}

export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly measures: readonly MeasureDefinition[];
}

/** Columns of a table, tables and relationships of a dataset (powerbi.md 3). */
export const most = { columns: 75, tables: 75, relationships: 75 };

const allowed = {
  column: ['name', 'dataType', 'formatString', 'sortByColumn', 'dataCategory', 'isHidden', 'summarizeBy'],
  measure: ['name', 'expression', 'formatString', 'description', 'isHidden'],
  table: ['name', 'columns', 'measures', 'isHidden', 'description', 'rows', 'source'],
  relationship: ['name', 'fromTable', 'fromColumn', 'toTable', 'toColumn', 'crossFilteringBehavior'],
  dataset: ['name', 'tables', 'relationships', 'datasources', 'defaultMode'],
} as const;

const types: Readonly<Record<string, DataType>> = {
  int64: 'Int64',
  double: 'Double',
  decimal: 'Decimal',
  boolean: 'Boolean',
  bool: 'Boolean',
  datetime: 'Datetime',
  string: 'String',
};
const summaries = ['default', 'none', 'sum', 'min', 'max', 'count', 'average', 'distinctcount'];
const categories =
  'Address City Continent Country Image ImageUrl Latitude Longitude Organization Place PostalCode StateOrProvince WebUrl'.split(
    ' ',
  );

/** Names of tables and relationships: 1 to 100 characters, of ASCII only these. */
const tableName = /^[\t\n\r #\-0-9@A-Z^_a-z~\u007f-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]{1,100}$/u;
const columnName = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u;

export type Fields = Readonly<Record<string, unknown>>;

export const invalid = (message: string): Refusal => odataError(400, 'InvalidRequest', { message });

/** An object with no property but the known ones: names are told apart by case. */
export function fieldsOf(value: unknown, kind: keyof typeof allowed): Fields {
  if (!isObject(value)) throw badRequest(`A ${kind} must be an object.`);
  const known: readonly string[] = allowed[kind];
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return value;
  const type = `Microsoft.PowerBI.ServiceContracts.Api.${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  throw badRequest(
    `The property '${unknown}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type.`,
  );
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw badRequest(`The property '${name}' is required.`);
  return value;
}

export function arrayOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badRequest(`The property '${name}' must be an array.`);
  return value;
}

export const checkedName = (name: string, kind: 'Table' | 'Relationship'): string => {
  if (!tableName.test(name)) throw badRequest(`${kind} name '${name.slice(0, 120)}' is not valid.`);
  return name;
};

/** `streaming`: a dataset that knows nothing of a column but name and type. */
export function tableOf(
  value: unknown,
  { switches, streaming }: { switches: Switches; streaming: boolean },
): TableDefinition {
  const fields = fieldsOf(value, 'table');
  const name = checkedName(textOf(fields, 'name'), 'Table');
  if (name === 'Date' && switches.tableCalledDate === 'refused')
    throw invalid("Table name 'Date' is reserved.");
  if (Array.isArray(fields.rows) && fields.rows.length > 0)
    throw invalid('Rows are posted to the rows of a table, not with its definition.');
  const columns = arrayOf(fields.columns, 'columns').map((one) => columnOf(one, streaming));
  const measures = arrayOf(fields.measures ?? [], 'measures').map(measureOf);
  if (columns.length === 0) throw badRequest(`Table '${name}' has no columns.`);
  if (columns.length > most.columns)
    throw invalid(`Table '${name}' has ${columns.length} columns; ${most.columns} are allowed.`);
  if (streaming && measures.length > 0) throw invalid('Measures are not supported in this mode.');
  checkUnique([...columns, ...measures], `Table '${name}'`);
  for (const { name: of, sortByColumn } of columns)
    if (sortByColumn !== undefined && !columns.some((one) => one.name === sortByColumn))
      throw badRequest(`Column '${of}' is sorted by '${sortByColumn}', which table '${name}' does not have.`);
  return { name, columns, measures };
}

/** The engine compares names without case. */
export function checkUnique(named: readonly { readonly name: string }[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name.toLowerCase())) throw badRequest(`${where} has '${name}' twice.`);
    seen.add(name.toLowerCase());
  }
}

function columnOf(value: unknown, streaming: boolean): ColumnDefinition {
  const fields = fieldsOf(value, 'column');
  const name = textOf(fields, 'name');
  const dataType = types[textOf(fields, 'dataType').toLowerCase()];
  if (!columnName.test(name)) throw badRequest(`Column name '${name}' is not valid.`);
  if (!dataType)
    throw badRequest(`Data type '${String(fields.dataType)}' of column '${name}' is not supported.`);
  if (streaming && Object.keys(fields).some((key) => key !== 'name' && key !== 'dataType'))
    throw invalid('Only name and dataType are supported for columns in this mode.');
  const { summarizeBy, dataCategory } = fields;
  if (summarizeBy !== undefined && !summaries.includes(String(summarizeBy).toLowerCase()))
    throw badRequest(`summarizeBy '${String(summarizeBy)}' of column '${name}' is not supported.`);
  if (dataCategory !== undefined && !categories.includes(String(dataCategory)))
    throw badRequest(`dataCategory '${String(dataCategory)}' of column '${name}' is not supported.`);
  return { ...optional(fields), name, dataType };
}

function optional(fields: Fields): Partial<ColumnDefinition> {
  const texts = ['formatString', 'sortByColumn', 'dataCategory', 'summarizeBy'].filter(
    (key) => key in fields,
  );
  for (const key of texts)
    if (typeof fields[key] !== 'string') throw badRequest(`'${key}' must be a string.`);
  if ('isHidden' in fields && typeof fields.isHidden !== 'boolean')
    throw badRequest("'isHidden' must be a boolean.");
  return Object.fromEntries(
    [...texts, ...('isHidden' in fields ? ['isHidden'] : [])].map((key) => [key, fields[key]]),
  );
}

function measureOf(value: unknown): MeasureDefinition {
  const fields = fieldsOf(value, 'measure');
  const name = textOf(fields, 'name');
  if (!columnName.test(name)) throw badRequest(`Measure name '${name}' is not valid.`);
  const format = typeof fields.formatString === 'string' ? { formatString: fields.formatString } : {};
  return { name, expression: textOf(fields, 'expression'), ...format };
}
