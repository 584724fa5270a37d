// Dimensions from columns: type, label and format by the column's type and role.
import type { Column } from '@ledgerpipe/staging';
import type { Dialect } from './dialect.ts';
import { identifier } from './identifiers.ts';
import { block, code, type Lines, labelOf, list, text, word } from './lookml.ts';
import { dayFrames, type Field, fieldNamed, fiscalFrames, momentFrames, type View } from './shapes.ts';

export interface DimensionOptions {
  readonly dialect: Dialect;
  /** Years of the books start in another month than January. */
  readonly fiscal: boolean;
}

/** The key of a row, of which symmetric aggregates need one column. Without a key: the row's own number in its batch. */
export function primaryKey(view: View, { dialect }: DimensionOptions): Lines {
  const { plan } = view;
  const names = plan.keys.length > 0 && plan.mode !== 'append' ? plan.keys : ['_batch_id', '_airbyte_raw_id'];
  const columns = names.flatMap((name) => fieldNamed(view, name)?.sql ?? []);
  const sql = columns.map((column) => `CAST(${column} AS ${dialect.text})`).join(" || '|' || ");
  return block('dimension', 'pk', [
    word('primary_key', 'yes'),
    word('hidden', 'yes'),
    word('type', 'string'),
    code('sql', sql),
  ]);
}

/** Soft-deleted rows stay in the table. */
export const isDeleted = ({ meta }: View): Lines =>
  block('dimension', 'is_deleted', [
    word('type', 'yesno'),
    text('label', 'Is Deleted'),
    text('description', 'The record no longer exists at the source'),
    code('sql', `${meta.get('_deleted_at')?.sql ?? 'NULL'} IS NOT NULL`),
  ]);

/** When the row was last read, for questions about freshness. */
export const synced = ({ meta }: View): Lines =>
  block('dimension_group', 'synced', [
    text('group_label', 'Sync'),
    text('label', 'Synced'),
    word('type', 'time'),
    list('timeframes', ['raw', 'time', 'date']),
    word('datatype', 'timestamp'),
    code('sql', meta.get('_airbyte_extracted_at')?.sql ?? 'NULL'),
  ]);

/** A column of the source as a dimension. `hidden` are keys of other tables and parts of this one's. */
export function dimensionOf(field: Field, hidden: boolean, options: DimensionOptions): Lines {
  const { column } = field;
  const common = [
    ...(hidden ? [word('hidden', 'yes')] : []),
    ...grouped(column),
    text('label', labelOf(field.kind === 'group' ? field.name : identifier(column.name))),
    ...(column.description ? [text('description', column.description)] : []),
  ];
  if (field.kind === 'group')
    return block('dimension_group', field.name, [
      ...common,
      ...timed(column, options),
      code('sql', field.sql),
    ]);
  return block('dimension', field.name, [...common, ...typed(column), code('sql', sqlOf(field, options))]);
}

const grouped = ({ path }: Column): Lines[] =>
  path.length > 1 ? [text('group_label', labelOf(identifier(path[0] ?? '')))] : [];

function timed({ type }: Column, { fiscal }: DimensionOptions): Lines[] {
  const frames = type.kind === 'date' ? dayFrames : momentFrames;
  const timeframes = list('timeframes', [...frames, ...(fiscal ? fiscalFrames : [])]);
  // A calendar day, or a time without a zone, must not shift by the viewer's time zone.
  if (type.kind === 'date')
    return [word('type', 'time'), timeframes, word('datatype', 'date'), word('convert_tz', 'no')];
  if (type.kind === 'datetime')
    return [word('type', 'time'), timeframes, word('datatype', 'datetime'), word('convert_tz', 'no')];
  return [word('type', 'time'), timeframes, word('datatype', 'timestamp')];
}

function typed({ type, role }: Column): Lines[] {
  switch (type.kind) {
    case 'boolean':
      return [word('type', 'yesno')];
    case 'integer':
      return [word('type', 'number'), word('value_format_name', 'id')];
    case 'double':
    case 'decimal':
      return [word('type', 'number'), ...formatOf(role)];
    default:
      return [word('type', 'string')];
  }
}

/** Plain numbers: the currency stands beside them as a dimension of its own. */
export function formatOf(role: Column['role']): Lines[] {
  switch (role) {
    case 'amount':
      return [word('value_format_name', 'decimal_2')];
    case 'unit_price':
      return [word('value_format_name', 'decimal_4')];
    case 'rate':
      return [text('value_format', '#,##0.000000')];
    case 'percent':
      return [text('value_format', '0.00"%"')];
    default:
      return [];
  }
}

const sqlOf = ({ column, sql }: Field, { dialect }: DimensionOptions): string =>
  column.type.kind === 'json' || column.type.kind === 'time' ? `CAST(${sql} AS ${dialect.text})` : sql;
