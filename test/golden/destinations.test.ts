// Golden transcripts of the destinations beside Databricks: two streams that refer to each other, and their states.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileOf, run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { expectGolden } from './golden.ts';

const text = { type: ['null', 'string'] };
const amount = { type: ['null', 'number'], 'x-role': 'amount' };

const streams = [
  {
    name: 'contacts',
    key: 'ContactID',
    properties: { ContactID: text, Name: text },
  },
  {
    name: 'invoices',
    key: 'InvoiceID',
    properties: {
      InvoiceID: text,
      ContactID: { ...text, 'x-references': 'contacts' },
      Date: { ...text, format: 'date' },
      Total: amount,
      LineItems: {
        type: ['null', 'array'],
        items: { type: 'object', properties: { LineItemID: text, LineAmount: amount } },
      },
    },
  },
] as const;

const catalog = {
  streams: streams.map(({ name, key, properties }) => ({
    stream: {
      name,
      json_schema: { type: 'object', properties },
      supported_sync_modes: ['incremental'],
      source_defined_primary_key: [[key]],
    },
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    generation_id: 1,
    minimum_generation_id: 0,
  })),
};

const records = {
  contacts: [
    { ContactID: 'c-1', Name: 'Kererū Trading Ltd' },
    { ContactID: 'c-2', Name: 'Tūī & Söhne "GmbH"' },
  ],
  invoices: [
    {
      InvoiceID: 'i-1',
      ContactID: 'c-1',
      Date: '2025-03-31',
      Total: 115.1,
      LineItems: lines('i-1', 100.1, 15),
    },
    { InvoiceID: 'i-2', ContactID: 'c-2', Date: '2025-04-01', Total: -20, LineItems: lines('i-2', -20) },
    { InvoiceID: 'i-3', ContactID: 'c-3', Date: null, Total: 0, LineItems: [], Extra: 'not declared' },
  ],
};

function lines(invoice: string, ...amounts: readonly number[]) {
  return amounts.map((LineAmount, index) => ({ LineItemID: `${invoice}-${index}`, LineAmount }));
}

const input = streams
  .flatMap(({ name }) => [
    ...records[name].map((data) => ({ type: 'RECORD', record: { stream: name, data, emitted_at: 1 } })),
    {
      type: 'STATE',
      state: {
        type: 'STREAM',
        stream: { stream_descriptor: { name }, stream_state: { cursor: '2025-04-01' } },
      },
    },
    {
      type: 'TRACE',
      trace: {
        type: 'STREAM_STATUS',
        emitted_at: 1,
        stream_status: { stream_descriptor: { name }, status: 'COMPLETE' },
      },
    },
  ])
  .map((message) => `${JSON.stringify(message)}\n`)
  .join('');

/** What the products make up, and what depends on the day: the calendar for Power BI ends two years from now. */
const asEver = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
    .replace(/(\\"(?:started|ended)\\":\\")[^\\]+/g, '$1<time>')
    .replace(/(\\"bytes\\":)\d+/g, '$1<bytes>')
    .replace(/(<job>\\",\\"rows\\":|\\"Calendar\\":\{\\"rows\\":)\d+/g, '$1<rows>');

test.each([
  ['looker', {}],
  // A short calendar: its rows would be most of what is sent.
  ['powerbi', { delivery: { mode: 'push', calendar_start: '2025-01-01', min_interval_seconds: 0 } }],
  ['tableau', { parallel: 1 }],
] as const)('what destination-%s answers to two streams', async (name, change) => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 12, companies: 1, products: [name] });
  onTestFinished(() => sandbox.close());
  const ready = await readFile(join(folder, `destination-${name}.json`), 'utf8');
  const config = await fileOf(folder, 'config.json', { ...(JSON.parse(ready) as object), ...change });
  const file = await fileOf(folder, 'catalog.json', catalog);
  const main = `../destination-${name}/dist/main.js`;
  const written = await run(main, ['write', '--config', config, '--catalog', file], { input });
  await expectGolden(`destination-${name}-write`, written, asEver);
  expect(written.code).toBe(0);
});
