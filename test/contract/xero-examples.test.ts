// The official examples of Xero's document, read by the source: what neither side wrote comes out whole and as promised.
import { isObject, type Message } from '@airbyte/cdk-typescript-shim';
import ajvModule from 'ajv';
import formatsModule from 'ajv-formats';
import { expect, onTestFinished } from 'vitest';
import { source } from '../../source-xero/index.ts';
import { recordsOf as decoded } from '../../source-xero/reading.ts';
import { type Stream, streams } from '../../source-xero/streams.ts';
import type { Row } from '../../source-xero/values.ts';
import { errorsOf, type ReadCall, readAll, recordsOf } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { cellsOf, differencesIn } from './example-values.ts';
import { expectValid } from './protocol.ts';
import { contractTest } from './specs.ts';
import { exampleOf, exampleTenant, startExamples } from './xero-example-server.ts';

/** Of all endpoints that are read, the document shows no example of this one. */
const WITHOUT = 'report_profit_and_loss';
const all: readonly Stream[] = streams.filter(({ name }) => name !== WITHOUT);
const reports = all.filter(({ how }) => how.by === 'report');
const records = all.filter(({ how }) => how.by !== 'report');
const TODAY = '2026-05-20';

/** The rows of an example: a list, or the one object of a budget. */
function rowsIn(path: string, { path: list, list: named }: Stream): readonly Row[] {
  const example = exampleOf(path);
  const rows = isObject(example) ? example[named ?? list] : [];
  return Array.isArray(rows) ? rows.filter(isObject) : isObject(rows) ? [rows] : [];
}

const listed = (stream: Stream): readonly Row[] => rowsIn(`/${stream.path}`, stream);
const single = (stream: Stream): readonly Row[] => rowsIn(`/${stream.path}/one`, stream);

/** Both; categories with the options of the only example that has any, that of adding one. */
function examples(stream: Stream): readonly Row[] {
  const rows = [...listed(stream), ...single(stream)];
  const added = exampleOf(`/${stream.path}/one/Options`, 'PUT');
  return isObject(added) ? rows.map((row) => ({ ...row, Options: added.Options })) : rows;
}

/** Reads from a Xero that knows the examples alone. */
async function readExamples(call: Pick<ReadCall, 'only' | 'streams'> = {}): Promise<readonly Message[]> {
  const clock = fastClock({ start: Date.parse(`${TODAY}T12:00:00Z`), rate: 300 });
  const xero = await startExamples(clock);
  onTestFinished(() => xero.close());
  const config = {
    credentials: { auth_type: 'client_credentials', client_id: 'id', client_secret: 'secret' },
    ...{ journals: true, daily_reserve: 0, reports: { from: TODAY } },
    endpoints: { api: xero.url, identity: xero.url, login: xero.url },
  };
  const messages = await readAll(source, { config, clock, ...call });
  expectValid(messages);
  return messages;
}

const ajv = new ajvModule.default({ strict: false, allErrors: true });
formatsModule.default(ajv);

function expectSchema(stream: Stream, data: object): void {
  const fits = ajv.validate(stream.schema, data);
  expect([stream.name, fits ? '' : ajv.errorsText()]).toEqual([stream.name, '']);
}

const TYPES: Readonly<Record<string, string>> = {
  ACCREC: 'invoices',
  ACCPAY: 'bills',
  ACCRECCREDIT: 'sales_credit_notes',
  ACCPAYCREDIT: 'purchase_credit_notes',
};

/** What a stream makes its records from, out of the rows of all examples of its endpoint; of both types where those are apart. */
function sent(stream: Stream): readonly Row[] {
  const rows = examples(stream);
  const { part } = stream;
  if (!part || 'is' in part) return rows;
  return rows.flatMap((row) => {
    const parent = Object.entries(part.named).map(([field, name]) => [name, row[field]]);
    const parts = row[part.each];
    return Array.isArray(parts) ? parts.map((one) => ({ ...Object.fromEntries(parent), ...one })) : [];
  });
}

contractTest.each(records.map((stream) => [stream.name, stream] as const))(
  'every official example of %s is decoded whole and satisfies the schema',
  (name, stream) => {
    const { part, ...whole } = stream;
    const rows = sent(stream);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const [{ TenantID, ...data } = { TenantID: '' }] = decoded(whole, row, { id: 'one' });
      expectSchema(stream, { TenantID, ...data });
      expect([TenantID, differencesIn(row, data, name)]).toEqual(['one', []]);
    }
    const own = examples(stream).flatMap((row) => decoded(stream, row, { id: 'one' }));
    const wanted = part && 'is' in part ? rows.filter(({ Type }) => TYPES[String(Type)] === name) : rows;
    expect(own.map((data) => data[stream.key])).toEqual(wanted.map((row) => row[stream.key]));
  },
);

/** Each example row of these streams must be among the records, in the stream of its type; what is deleted as a tombstone. */
function expectRows(messages: readonly Message[], rowsOf: (stream: Stream) => readonly Row[]): void {
  const found = recordsOf(messages);
  for (const stream of records) {
    const { part, name } = stream;
    const rows = rowsOf(stream).filter(({ Type }) => !part || TYPES[String(Type)] === name);
    const own = found.filter((record) => record.stream === stream.name);
    for (const { data } of own) expectSchema(stream, data);
    const wanted = rows.map((row) => [
      row[stream.key],
      stream.deleted !== undefined && row.Status === 'DELETED',
    ]);
    const given = own.map(({ data }) => [data[stream.key], '_ab_cdc_deleted_at' in data]);
    if (part && 'each' in part) continue;
    expect([stream.name, given]).toEqual([stream.name, wanted]);
  }
}

contractTest('a Xero made of the official examples is read from end to end', async () => {
  const messages = await readExamples();
  const failed = errorsOf(messages).map(({ stream_descriptor }) => stream_descriptor?.name);
  expect(failed).toEqual([WITHOUT]);
  // The examples of budgets show two in the list, and a third by its id.
  expectRows(messages, (stream) => (stream.name === 'budgets' ? [] : listed(stream)));
});

contractTest('the examples of single records are found by their ids', async () => {
  const ofPath = records.filter((stream) => stream.single === 'path');
  const only = ofPath.flatMap((stream) =>
    single(stream).map((row) => ({
      stream: stream.name,
      tenant: exampleTenant(),
      id: String(row[stream.key]),
    })),
  );
  const messages = await readExamples({ only });
  expect(errorsOf(messages)).toEqual([]);
  expectRows(messages, (stream) => (ofPath.includes(stream) ? single(stream) : []));
});

contractTest.each(reports.map((stream) => [stream.name, stream] as const))(
  'the amounts of the official example of %s are those of its cells',
  async (name, stream) => {
    const messages = await readExamples({ streams: [name] });
    const [report] = rowsIn(`/${stream.path}`, { ...stream, list: 'Reports' });
    const columns = stream.how.by === 'report' ? stream.how.columns : [];
    const wanted = cellsOf(report?.Rows).map(([title = '', ...values]) => [
      title || null,
      ...columns.map((_, index) => (values[index] ? Number(values[index]) : null)),
    ]);
    const given = recordsOf(messages).map(({ data }) => [
      data.Title,
      ...columns.map((column) => data[column]),
    ]);
    expect(given.length).toBeGreaterThan(1);
    expect(given).toEqual(wanted);
    for (const { data } of recordsOf(messages)) expectSchema(stream, data);
  },
);
