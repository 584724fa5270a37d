// What is noted of a record while its line passes: the same as a parser would find, in lines of any form.
import { createHash } from 'node:crypto';
import { type ConfiguredStream, recordHead } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Noter } from '../../runner/run/audit/notes.ts';
import { logEntry, Receipts, receiptsIn } from '../../runner/run/audit/receipts.ts';

const text = { type: ['null', 'string'] };
const instant = { ...text, format: 'date-time' };

const streamOf = (
  properties: Record<string, object>,
  key: readonly string[][],
  cursor: string[] = [],
): ConfiguredStream => ({
  stream: {
    name: 's',
    json_schema: { type: 'object', properties },
    supported_sync_modes: ['incremental'],
    source_defined_primary_key: key.map((path) => [...path]),
    ...(cursor.length > 0 ? { default_cursor_field: cursor } : {}),
  },
  sync_mode: 'incremental',
  destination_sync_mode: 'append_dedup',
});

const xero = streamOf(
  { TenantID: text, InvoiceID: text, InvoiceNumber: text, Reference: text, UpdatedDateUTC: instant },
  [['TenantID'], ['InvoiceID']],
  ['UpdatedDateUTC'],
);

const lineOf = (data: object): Buffer =>
  Buffer.from(`${JSON.stringify({ type: 'RECORD', record: { stream: 's', data, emitted_at: 1 } })}\n`);

function noted(stream: ConfiguredStream, line: Buffer) {
  const head = recordHead(line);
  const block = Buffer.concat([Buffer.from('{"type":"LOG"}\n'), line, Buffer.from('{"type":"TRACE"}\n')]);
  const start = 15;
  return new Noter(stream).note(block, {
    start,
    end: start + line.length,
    ...(head ? { head: head.length } : {}),
  });
}

const sha = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);

const record = {
  Type: 'ACCREC',
  Contact: { InvoiceNumber: 'nested', UpdatedDateUTC: 'nested' },
  TenantID: 't-1',
  LineItems: [{ InvoiceID: 'no' }, '}]"{', 5],
  InvoiceID: 'i-1',
  InvoiceNumber: 'INV-0042',
  UpdatedDateUTC: '2026-11-20T08:00:00Z',
  Total: 12.5,
};

const found = { tenant: 't-1', key: 'i-1', document: 'INV-0042', time: '2026-11-20T08:00:00Z' };

test('key, number and time are those of the record itself, not of what it holds', () => {
  expect(noted(xero, lineOf(record))).toEqual({ ...found, hash: sha(JSON.stringify(record)) });
});

test('a line in another form says the same', () => {
  const spaced = Buffer.from(
    `${JSON.stringify({ record: { data: record, emitted_at: 1, stream: 's' }, type: 'RECORD' }, null, 1).replaceAll('\n', '')}\n`,
  );
  expect(recordHead(spaced)).toBe(undefined);
  expect(noted(xero, spaced)).toEqual({ ...found, hash: sha(JSON.stringify(record)) });
});

test.each([
  [
    'a number that is missing',
    { ...record, InvoiceNumber: undefined, Reference: 'PO 7' },
    { document: 'PO 7' },
  ],
  ['an empty number', { ...record, InvoiceNumber: '', Reference: 'PO 7' }, { document: 'PO 7' }],
  ['no number at all', { ...record, InvoiceNumber: null }, { document: undefined }],
  ['escapes and letters', { ...record, InvoiceNumber: 'Kererū "7"\\n' }, { document: 'Kererū "7"\\n' }],
  [
    'a record that is gone',
    { TenantID: 't-1', InvoiceID: 'i-1', _ab_cdc_deleted_at: '2026-11-21T00:00:00Z' },
    { document: undefined, time: '2026-11-21T00:00:00Z' },
  ],
] as const)('%s', (_, data, expected) => {
  expect(noted(xero, lineOf(data))).toMatchObject({ ...found, ...expected });
});

test('a change that is told inside an object, and keys of several parts', () => {
  const stream = streamOf(
    {
      RealmID: text,
      Id: text,
      Line: { type: 'integer' },
      DocNumber: text,
      MetaData: { type: 'object', properties: { LastUpdatedTime: instant } },
    },
    [['RealmID'], ['Id'], ['Line']],
    ['MetaData', 'LastUpdatedTime'],
  );
  const data = { RealmID: '93', Id: '7', Line: 2, DocNumber: '1001', MetaData: { LastUpdatedTime: 'then' } };
  expect(noted(stream, lineOf(data))).toMatchObject({
    tenant: '93',
    key: '7/2',
    document: '1001',
    time: 'then',
  });
});

test('records without a key are known by their hash; cursors that count are no time', () => {
  const stream = streamOf({ JournalNumber: { type: 'integer' } }, [], ['JournalNumber']);
  const data = { JournalNumber: 7, text: 'x' };
  const hash = sha(JSON.stringify(data));
  expect(noted(stream, lineOf(data))).toEqual({
    tenant: '',
    key: hash,
    document: '7',
    hash,
    time: undefined,
  });
});

test('a line that is no record is left to the destination', () => {
  for (const broken of ['{"type":"RECORD","record":{"stream":"s","data":{"a":', 'garbage'])
    expect(noted(xero, Buffer.from(`${broken}\n`))).toBe(undefined);
});

test('any record is noted as if it had been parsed', () => {
  const names = fc.constantFrom(
    'TenantID',
    'InvoiceID',
    'InvoiceNumber',
    'Reference',
    'UpdatedDateUTC',
    'x',
    'é"',
  );
  const data = fc.dictionary(names, fc.oneof(fc.string(), fc.jsonValue()), { maxKeys: 7 });
  const parsed = (value: unknown) =>
    value === null || value === undefined
      ? undefined
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  fc.assert(
    fc.property(data, (plain) => {
      const value = JSON.parse(JSON.stringify(plain)) as Record<string, unknown>;
      const note = noted(xero, lineOf(value));
      const hash = sha(JSON.stringify(value));
      expect(note).toEqual({
        tenant: parsed(value.TenantID) ?? '',
        key: parsed(value.InvoiceID) ?? hash,
        document: parsed(value.InvoiceNumber) || parsed(value.Reference) || undefined,
        hash,
        time: parsed(value.UpdatedDateUTC) || undefined,
      });
    }),
    { numRuns: 500 },
  );
});

describe('receipts', () => {
  const job = { event: 'data source updated', request_id: 'r1', job: 'j1', finish_code: 0 };
  test.each([
    [
      'Databricks',
      { event: 'table loaded', stream: 's', table: 's', batch: 'b', segment: 0, statement: '01ef' },
      'statement 01ef',
    ],
    [
      'PostgreSQL',
      { event: 'table loaded', stream: 's', table: 's', batch: 'b', segment: 2 },
      'batch b, segment 2',
    ],
    ['Looker by SQL Runner', { event: 'table loaded', table: 'S', inserted: 1 }, 'table S'],
    ['files', { event: 'files written', table: 's', segment: 3, rows: 1 }, 'segment 3'],
    [
      'Tableau',
      { ...job, batches: [{ stream: 's', table: 's', batch: 'b' }] },
      'job j1, request r1, finish code 0',
    ],
    [
      'a published data source',
      { event: 'data source published', data_source: 'Invoices', job: null, batches: [{ stream: 's' }] },
      'data source Invoices',
    ],
    [
      'Power BI',
      { event: 'delivered', dataset: 'd1', tables: { s: { rows: 5, batches: 2 } } },
      'model d1, batches 2, rows 5',
    ],
    [
      'a mirrored database',
      { event: 'replicated', database: 'db', tables: { s: { rows: 5 } } },
      'mirrored database db, rows 5',
    ],
  ])('of %s', (_, entry, expected) => {
    const receipts = new Receipts();
    const told = logEntry(JSON.stringify(entry));
    for (const receipt of receiptsIn(told ?? {})) receipts.add(receipt);
    expect(receipts.of('s')).toBe(expected);
    expect(receipts.of('other')).toBe(undefined);
  });

  test('the main table of a stream counts, whichever of its tables was loaded last', () => {
    const receipts = new Receipts();
    for (const [table, statement] of [
      ['invoices_LineItems', '1'],
      ['invoices', '2'],
      ['invoices_LineItems', '3'],
    ])
      for (const receipt of receiptsIn({ event: 'table loaded', stream: 'invoices', table, statement }))
        receipts.add(receipt);
    expect(receipts.of('invoices')).toBe('statement 2');
  });

  test('other lines prove nothing', () => {
    expect(logEntry('Loaded 5 tables')).toBe(undefined);
    expect(logEntry('{"event":"cut sh')).toBe(undefined);
    expect(receiptsIn({ event: 'toString' })).toEqual([]);
  });
});
