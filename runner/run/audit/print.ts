// The audit trail as a person or a program reads it: a table, JSON or CSV, row by row as it is found.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import Table from 'cli-table3';
import type { AuditRow } from '../../store/contract.ts';

export const auditFormats = ['table', 'json', 'jsonl', 'csv'] as const;
export type AuditFormat = (typeof auditFormats)[number];

/** A row as it is printed: times in ISO 8601, null for what is not known. */
const columns = {
  pipeline: (row: AuditRow) => row.pipeline,
  tenant: (row: AuditRow) => row.tenant,
  stream: (row: AuditRow) => row.stream,
  key: (row: AuditRow) => row.key,
  document: (row: AuditRow) => row.document ?? null,
  hash: (row: AuditRow) => row.hash,
  source_time: (row: AuditRow) => row.sourceTime ?? null,
  event: (row: AuditRow) => row.event ?? null,
  event_at: (row: AuditRow) => isoOrNull(row.eventAt),
  job: (row: AuditRow) => row.job,
  attempt: (row: AuditRow) => row.attempt,
  receipt: (row: AuditRow) => row.receipt ?? null,
  outcome: (row: AuditRow) => row.outcome,
  read_at: (row: AuditRow) => isoOrNull(row.readAt),
  delivered_at: (row: AuditRow) => isoOrNull(row.deliveredAt),
};

const isoOrNull = (milliseconds: number | undefined): string | null =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString();

const entryOf = (row: AuditRow): Readonly<Record<string, string | number | null>> =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, value(row)]));

/** Prints all rows and gives how many there were. Waits for a slow reader. */
export async function printAudit(
  rows: AsyncIterable<AuditRow>,
  { format, to }: { readonly format: AuditFormat; readonly to: Writable },
): Promise<number> {
  const write = async (text: string): Promise<void> => {
    if (!to.write(text)) await once(to, 'drain');
  };
  if (format === 'table') return await printTable(rows, write);
  let count = 0;
  if (format === 'csv') await write(`${Object.keys(columns).join(',')}\r\n`);
  for await (const row of rows) {
    const entry = entryOf(row);
    if (format === 'csv') await write(`${Object.values(entry).map(csvField).join(',')}\r\n`);
    else if (format === 'jsonl') await write(`${JSON.stringify(entry)}\n`);
    else await write(`${count === 0 ? '[\n' : ',\n'}${JSON.stringify(entry)}`);
    count += 1;
  }
  if (format === 'json') await write(count === 0 ? '[]\n' : '\n]\n');
  return count;
}

async function printTable(
  rows: AsyncIterable<AuditRow>,
  write: (text: string) => Promise<void>,
): Promise<number> {
  const table = new Table({
    head: ['when', 'outcome', 'stream', 'record', 'changed at source', 'job', 'attempt', 'receipt'],
    style: { head: [], border: [], compact: true },
  });
  let count = 0;
  for await (const row of rows) {
    const when = isoOrNull(row.deliveredAt ?? row.readAt) ?? '';
    table.push([
      when.slice(0, 19),
      row.outcome,
      row.stream,
      row.document ?? row.key,
      row.sourceTime ?? '',
      String(row.job),
      String(row.attempt),
      row.receipt ?? '',
    ]);
    count += 1;
  }
  if (count > 0) await write(`${table.toString()}\n`);
  return count;
}

/** RFC 4180. A leading sign of a formula is quoted away, because people open such files in spreadsheets. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
