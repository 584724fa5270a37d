// Without hyperd: whole tables as Parquet, for new data sources and for streams that are replaced.
import { expect, test } from 'vitest';
import { tableau } from '../../destination-tableau/index.ts';
import { contextOf, writeAll } from '../conformance/in-process.ts';
import { catalog, complete, type Office, openOffice, row, type Settings, state, statesIn } from './office.ts';

const text = { type: ['null', 'string'] };
const at = { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' };
const amount = { type: ['null', 'number'], 'x-role': 'amount' };
const lines = { type: ['null', 'array'], items: { type: 'object', properties: { amount } } };
const properties = { id: text, TenantID: text, at, total: amount, lines };

/** Settings of a machine that has no hyperd: the package is not installed here. */
function without({ config }: Office): Settings {
  const { hyperd_path: _, ...rest } = config;
  return rest;
}

const destination = tableau();
const write = (
  office: Office,
  input: Parameters<Office['write']>[0],
  mode: 'append' | 'overwrite' | 'append_dedup',
  changes: Settings = {},
) =>
  writeAll(destination, {
    clock: office.clock,
    config: { ...without(office), ...changes },
    catalog: catalog({ notes: { properties, mode } }),
    input,
  });

const note = (id: string, TenantID = 'x') =>
  row('notes', { id, TenantID, at: '2026-01-31T01:02:03Z', total: 1.5, lines: [{ amount: 2 }] });

test('tables are published and replaced, one data source each, with moments as Tableau shows them', async () => {
  const office = await openOffice();
  const first = await write(
    office,
    [note('a'), note('b'), state('notes', 1), complete('notes')],
    'overwrite',
  );
  expect(statesIn(first)).toBe(1);
  expect(
    office.emulator
      .sources()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['notes', 'notes_lines']);
  await write(office, [note('c'), complete('notes')], 'overwrite');
  expect(office.emulator.sources().map(({ revisions }) => revisions)).toEqual([2, 2]);
  const [found] = await office.emulator.tables('notes');
  expect(Object.fromEntries((found?.columns ?? []).map(({ name, type }) => [name, type]))).toMatchObject({
    id: 'text',
    total: 'numeric(18,4)',
    at: expect.stringMatching(/^timestamp( without time zone)?$/),
  });
  const rows = await office.emulator.rows('notes', undefined, 'SELECT "id", "total" FROM {table}');
  expect(rows).toEqual([{ id: 'c', total: '1.5000' }]);
  await write(office, [complete('notes')], 'overwrite');
  expect(await office.emulator.rows('notes')).toEqual([]);
});

test('other modes publish once, and then say what they need', async () => {
  for (const mode of ['append', 'append_dedup'] as const) {
    const office = await openOffice();
    await write(office, [note('a'), state('notes', 1), complete('notes')], mode);
    await expect(write(office, [note('b'), state('notes', 2), complete('notes')], mode)).rejects.toThrow(
      /without hyperd only whole tables can be published, install hyperd/,
    );
    const rows = await office.emulator.rows('notes', undefined, 'SELECT "id" FROM {table}');
    expect(rows).toEqual([{ id: 'a' }]);
  }
});

test('a data source that is not ours is left alone', async () => {
  const office = await openOffice();
  office.emulator.addExtract({ name: 'notes' });
  await expect(write(office, [note('a'), complete('notes')], 'overwrite')).rejects.toThrow(
    /tag it "ledgerpipe"/,
  );
});

test('tenants go to their places', async () => {
  const office = await openOffice({ sites: [{ contentUrl: 'books' }, { contentUrl: 'north' }] });
  await write(office, [note('a', 'n'), note('b', 'x'), complete('notes')], 'overwrite', {
    routes: [{ tenant: 'n', site: 'north' }],
  });
  const ids = (site: string, name: string) =>
    office.emulator.rows({ name, site }, undefined, 'SELECT "id" FROM {table}');
  expect([await ids('north', 'notes'), await ids('books', 'notes')]).toEqual([[{ id: 'a' }], [{ id: 'b' }]]);
  expect(await ids('north', 'notes_lines')).toEqual([{ id: 'a' }]);
});

test('check says which modes are missing', async () => {
  const office = await openOffice();
  const context = await contextOf(destination, { clock: office.clock, config: without(office) }, []);
  const { ok, message } = await destination.check(context);
  expect(ok).toBe(true);
  expect(message).toMatch(/no hyperd: modes append and append_dedup can only publish a new data source/);
});

test('the path that a program was told stands in for the setting', async () => {
  const office = await openOffice();
  const told = tableau({ hyperd: String(office.config.hyperd_path) });
  const context = await contextOf(told, { clock: office.clock, config: without(office) }, []);
  expect((await told.check(context)).message).toMatch(/hyperd makes \.hyper files/);
});
