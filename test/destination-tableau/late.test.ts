// Versions of records that come late: a source may go back within a run, and nothing newer may be lost by it.
import type { ConfiguredCatalog, Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { catalog, complete, gone, openOffice, row, state, statesIn } from './office.ts';

const text = { type: ['null', 'string'] };
const moment = { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' };
const lines = { type: ['null', 'array'], items: { type: 'object', properties: { text } } };
const properties = { id: text, text, lines };

const ordered = (cursor: object): ConfiguredCatalog => ({
  streams: catalog({ notes: { properties: { ...properties, at: cursor } } }).streams.map((stream) => ({
    ...stream,
    cursor_field: ['at'],
  })),
});

/** So much closes a segment of one megabyte. */
const filler = (number: number): Message =>
  row('notes', { id: `filler${number}`, text: 'x'.repeat(1_200_000), lines: [] });

const note = (id: string, at: unknown, value: string): Message =>
  row('notes', { id, at, text: value, lines: [{ text: value }] });

const day = (number: number): string => `2026-01-${String(number).padStart(2, '0')}T00:00:00Z`;

for (const [kind, cursor, at] of [
  ['moments', moment, day],
  ['whole numbers', { type: 'integer' }, (number: number) => number],
  ['texts', text, (number: number) => `v${number}`],
] as const)
  test(`an older version in a later segment leaves the newer one as it is (cursors are ${kind})`, async () => {
    const office = await openOffice();
    const input = [
      note('a', at(5), 'new'),
      note('b', at(1), 'old'),
      note('c', at(4), 'old'),
      note('d', at(4), 'old'),
      filler(1),
      note('a', at(3), 'late'),
      note('b', at(2), 'new'),
      gone('notes', { id: 'c' }),
      gone('notes', { id: 'd' }),
      filler(2),
      note('a', at(5), 'equal, and last'),
      note('c', at(2), 'late'),
      note('d', at(6), 'back'),
      state('notes', 1),
      complete('notes'),
    ];
    const messages = await office.write(input, ordered(cursor), { segment_megabytes: 1 });
    expect(office.newJobs()).toEqual(['publish', 'update', 'update']);
    expect(statesIn(messages)).toBe(1);
    const own = `WHERE "id" NOT LIKE 'filler%' ORDER BY 1`;
    const wanted = [
      { id: 'a', text: 'equal, and last' },
      { id: 'b', text: 'new' },
      { id: 'd', text: 'back' },
    ];
    for (const table of ['notes', 'notes_lines'])
      expect(
        await office.emulator.rows('notes', table, `SELECT "id", "text" FROM {table} ${own}`),
        table,
      ).toEqual(wanted);
    const told = messages.flatMap((message) => (message.type === 'LOG' ? [message.log.message] : []));
    expect(told.filter((line) => /left out, newer versions came before/.test(line))).toHaveLength(2);
  });

test('a segment of nothing but late versions changes nothing, and its state comes back', async () => {
  const office = await openOffice();
  const input = [
    note('a', day(5), 'new'),
    filler(1),
    note('a', day(3), 'late'),
    state('notes', 1),
    complete('notes'),
  ];
  expect(statesIn(await office.write(input, ordered(moment), { segment_megabytes: 1 }))).toBe(1);
  expect(office.newJobs()).toEqual(['publish']);
});

test('without a cursor the last arrival counts', async () => {
  const office = await openOffice();
  const input = [note('a', day(5), 'first'), filler(1), note('a', day(3), 'last'), complete('notes')];
  const streams = catalog({ notes: { properties: { ...properties, at: moment } } });
  await office.write(input, streams, { segment_megabytes: 1 });
  expect(await office.emulator.rows('notes', 'notes', `SELECT "text" FROM {table} WHERE "id" = 'a'`)).toEqual(
    [{ text: 'last' }],
  );
});
