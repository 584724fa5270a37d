// Runs of some streams, as webhooks and schedules of facts make them: a star keeps the dimensions that it was made with.
import { expect, test } from 'vitest';
import { catalog, complete, openOffice, row, type StreamOptions, state } from './office.ts';

const text = { type: ['null', 'string'] };

const invoices: StreamOptions = {
  properties: { id: text, contact: { ...text, 'x-references': 'contacts' }, note: text },
};
const contacts: StreamOptions = { properties: { id: text, name: text } };

test.each(['star', 'stream'] as const)(
  'a run of the facts alone leaves the rest of a %s as it is',
  async (layout) => {
    const office = await openOffice();
    const write = (input: Parameters<typeof office.write>[0], streams: Parameters<typeof catalog>[0]) =>
      office.write(input, catalog(streams), { layout });
    await write(
      [
        row('contacts', { id: 'c1', name: 'Ann' }),
        row('invoices', { id: 'i1', contact: 'c1', note: 'one' }),
        ...[state('contacts', 1), state('invoices', 1), complete('contacts'), complete('invoices')],
      ],
      { invoices, contacts },
    );
    await write([row('invoices', { id: 'i1', contact: 'c1', note: 'two' }), state('invoices', 2)], {
      invoices,
    });
    await write([row('contacts', { id: 'c1', name: 'Anna' }), state('contacts', 2)], { contacts });
    const names = office.emulator
      .sources()
      .map(({ name }) => name)
      .sort();
    expect(names).toEqual(['contacts', 'invoices']);
    expect(
      await office.emulator.rows('invoices', 'invoices', 'SELECT "id", "contact", "note" FROM {table}'),
    ).toEqual([{ id: 'i1', contact: 'c1', note: 'two' }]);
    expect(await office.emulator.rows('contacts', 'contacts', 'SELECT "name" FROM {table}')).toEqual([
      { name: 'Anna' },
    ]);
    if (layout === 'star')
      expect(await office.emulator.rows('invoices', 'contacts', 'SELECT "name" FROM {table}')).toEqual([
        { name: 'Anna' },
      ]);
  },
);
