// Columns of a Direct Lake table: their types in TMSL, and how values come out of the mirror exactly.
import type { DuckDBValue } from '@duckdb/node-api';
import { type Cell, type DataType, decimalOf, instantOf } from '../powerbi/cells.ts';
import type { ColumnDefinition } from '../powerbi/definitions.ts';
import { fabricError } from './fabric-answers.ts';

export interface ReadColumn extends ColumnDefinition {
  readonly sourceColumn: string;
  /** SQL that gives a value `read` understands. */
  select(column: string): string;
  read(value: DuckDBValue): Cell;
}

const types: Readonly<Record<string, DataType>> = {
  int64: 'Int64',
  double: 'Double',
  decimal: 'Decimal',
  boolean: 'Boolean',
  dateTime: 'Datetime',
  string: 'String',
};

/** Values travel as text where JavaScript would not hold them. */
const selects: Readonly<Record<DataType, (column: string) => string>> = {
  Int64: (column) => `CAST(${column} AS BIGINT)`,
  Double: (column) => `CAST(${column} AS DOUBLE)`,
  Decimal: (column) => `CAST(${column} AS VARCHAR)`,
  Boolean: (column) => column,
  Datetime: (column) => `epoch_ms(CAST(${column} AS TIMESTAMP))`,
  String: (column) => `CAST(${column} AS VARCHAR)`,
};

const reads: Readonly<Record<DataType, (value: DuckDBValue) => Cell>> = {
  Int64: (value) => safe(Number(value)),
  Double: (value) => Number(value),
  Decimal: (value) => decimalOf(String(value)) ?? null,
  Boolean: (value) => value === true,
  Datetime: (value) => instantOf(Number(value)),
  String: (value) => String(value),
};

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw fabricError(400, 'DirectLakeError', 'An integer beyond 2^53 would not be exact in this emulator.');
}

export function columnReader(fields: Readonly<Record<string, unknown>>): ReadColumn {
  const dataType = types[String(fields.dataType)];
  if (!dataType || typeof fields.name !== 'string')
    throw fabricError(
      400,
      'InvalidDefinitionContent',
      `model.bim: column "${String(fields.name)}" has dataType "${String(fields.dataType)}".`,
    );
  return {
    name: fields.name,
    dataType,
    sourceColumn: String(fields.sourceColumn ?? fields.name),
    select: selects[dataType],
    read: (value) => (value === null ? null : reads[dataType](value)),
  };
}
