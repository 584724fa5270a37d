// Behaviours that no primary source confirms: the same runs end with the same rows, whichever way they are.
import { expect, test } from 'vitest';
import type { Switches } from '../emulators/tableau/index.ts';
import { catalog, complete, gone, openOffice, row, state, statesIn } from './office.ts';

const text = { type: ['null', 'string'] };
const lines = { type: ['null', 'array'], items: { type: 'object', properties: { text } } };
const properties = { id: text, lines };

const others: readonly Partial<Switches>[] = [
  { sessionLife: 'idle', expiredTokenCode: 401000, otherSiteStatus: 401 },
  { jsonStrings: 'numbers and booleans', chunkStatus: 201, publishJobStatus: 201 },
  { jsonStrings: 'none', freshPublishFinishCode: false, updateJobType: 'updateUploadedFile' },
  { schemaMayBeOmitted: false, otherOperators: false, repeatedMatches: 'fail' },
  { uploadConsumed: false, updatesCountAsPublishes: false, writeableSince: 'never' },
  { factTableCode: 400000, retryAfterHeader: true, tooLargeCode: 413001, purgedJobCode: 400031 },
];

for (const switches of others)
  test(`creation, updates and a replacement work with ${JSON.stringify(switches)}`, async () => {
    const office = await openOffice({ switches });
    expect((await office.check()).ok).toBe(true);
    const keyed = catalog({ notes: { properties } });
    const record = (id: string, ...texts: string[]) =>
      row('notes', { id, lines: texts.map((one) => ({ text: one })) });
    const rows = async () =>
      (
        await office.emulator.rows('notes', 'notes_lines', 'SELECT "id", "text" FROM {table} ORDER BY 1, 2')
      ).map((found) => `${found.id}${found.text}`);
    await office.write(
      [record('a', '1', '2'), record('b', '1'), state('notes', 1), complete('notes')],
      keyed,
    );
    office.emulator.faults.add({ method: 'PATCH', does: { kind: 'cut', when: 'after' } });
    const messages = await office.write(
      [record('a', '3'), gone('notes', { id: 'b' }), record('c', '4'), state('notes', 2), complete('notes')],
      keyed,
    );
    expect(statesIn(messages)).toBe(1);
    expect(await rows()).toEqual(['a3', 'c4']);
    const replaced = catalog({ notes: { properties, mode: 'overwrite' } });
    await office.write([record('d', '5'), complete('notes')], replaced);
    expect(await rows()).toEqual(['d5']);
    await office.write([complete('notes')], replaced);
    expect(await rows()).toEqual([]);
  });
