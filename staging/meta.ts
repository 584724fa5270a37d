// The columns that staging adds to every table, in their order.
import type { Column, ColumnType } from './tables.ts';

const column = (
  name: string,
  kind: 'text' | 'integer' | 'instant' | 'json',
  description: string,
): Column => ({
  name,
  type: { kind } as ColumnType,
  path: [],
  description,
  meta: true,
});

export const metaColumns: readonly Column[] = [
  column('_row_hash', 'text', 'Hash of the values that came from the source: equal values, equal hash'),
  column(
    '_airbyte_raw_id',
    'text',
    'Number of the record behind the row, as a UUID that counts up within a batch',
  ),
  column('_airbyte_extracted_at', 'instant', 'When the source read the record'),
  column('_airbyte_meta', 'json', 'Values that were changed on the way, and the job'),
  column('_airbyte_generation_id', 'integer', 'Generation of the stream that the row belongs to'),
  column('_job_id', 'text', 'The run that brought the row'),
  column('_batch_id', 'text', 'The delivery that brought the row'),
  column('_deleted_at', 'instant', 'When the record ceased to exist at the source'),
];

export const positionColumn: Column = {
  ...column('_position', 'integer', 'Place in the array, from 0'),
};

export const rawId = '_airbyte_raw_id';
