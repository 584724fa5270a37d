// The `_sdc_*` columns of `add_record_metadata`: put into each record's line, whose own bytes stay as they are.

import { singerRecordHead } from '../lines.ts';
import type { JsonSchema } from '../schema.ts';
import { deletionMark, singerDeletionMark } from './shape.ts';

const instant: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
const integer: JsonSchema = { type: ['integer', 'null'] };

const columns: Readonly<Record<string, JsonSchema>> = {
  _sdc_extracted_at: { ...instant, description: 'When the tap read the record' },
  _sdc_received_at: { ...instant, description: 'When the target was given the record' },
  _sdc_batched_at: { ...instant, description: 'When the first record since the last state came' },
  [singerDeletionMark]: { ...instant, description: 'When the record ceased to exist at the source' },
  _sdc_sequence: { ...integer, description: 'Milliseconds since the epoch when the record came' },
  _sdc_table_version: { ...integer, description: 'Version of the table that the record belongs to' },
};

/** The schema with the metadata columns behind its own. */
export const withMetadataColumns = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: { ...columns, ...schema.properties },
});

/** A parsed RECORD message. */
export interface ParsedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly version?: unknown;
  readonly time_extracted?: unknown;
}

/** The line with the metadata in front of the record's own properties, which win where a tap sends the same names. */
export function stampedLine(
  line: Buffer,
  message: ParsedRecord,
  { received, batched }: { readonly received: number; readonly batched: number },
): Buffer {
  const values: Record<string, unknown> = {
    _sdc_extracted_at: message.time_extracted ?? null,
    _sdc_received_at: new Date(received).toISOString(),
    _sdc_batched_at: new Date(batched).toISOString(),
    [singerDeletionMark]: message.record[deletionMark] ?? null,
    _sdc_sequence: received,
    _sdc_table_version: message.version ?? null,
  };
  const added = Object.fromEntries(Object.entries(values).filter(([name]) => !(name in message.record)));
  const head = singerRecordHead(line);
  if (!head)
    return Buffer.from(`${JSON.stringify({ ...message, record: { ...added, ...message.record } })}\n`);
  const comma = Object.keys(message.record).length > 0 ? ',' : '';
  const text = Buffer.from(`${JSON.stringify(added).slice(1, -1)}${comma}`);
  return Buffer.concat([line.subarray(0, head.length), text, line.subarray(head.length)]);
}
