// What a destination may ask for: the next segment made ready while one is delivered, and rows without hashes.
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Arrival, Declaration } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { complete, declaration, declare, records, stage, state, temporaryFolder } from './feed.ts';

const properties = { id: { type: 'integer' }, text: { type: ['null', 'string'] } } as const;
const notes: Declaration = declaration('notes', properties, { mode: 'upsert', keys: [['id']] });
const note = (id: number, text = 'x'): Arrival => records('notes', [{ id, text }]);
const input = [declare(notes), note(1), state('notes', 1), note(2), state('notes', 2), note(3)];

/** Typed files of segments that are being made, wherever they lie below the folder. */
async function typedFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /spool-\d+.*\.parquet$/.test(name)).sort();
}

for (const ahead of [true, false])
  test(`the next segment is ${ahead ? 'typed' : 'not typed yet'} while one is delivered, with ahead: ${ahead}`, async () => {
    const folder = await temporaryFolder();
    const seen: number[] = [];
    const { segments } = await stage(input, {
      folder,
      ahead,
      segmentBytes: 1,
      inspect: async ({ number }) => {
        if (number > 0) return;
        // One that comes is waited for; one that does not come is given the same time.
        for (let tries = 0; tries < 50 && (await typedFiles(folder)).length < 2; tries += 1) await pause(20);
        seen.push((await typedFiles(folder)).length);
      },
    });
    expect(seen).toEqual([ahead ? 2 : 1]);
    expect(segments.map(({ number, tables }) => [number, tables[0]?.rows.map(({ id }) => id)])).toEqual([
      [0, [1]],
      [1, [2]],
      [2, [3]],
    ]);
    expect(segments.map(({ settled }) => settled.length)).toEqual([0, 1, 1]);
    expect(await readdir(folder)).toEqual([]);
  });

test('a source that fails is told after the segments before it, as without ahead', async () => {
  async function* failing(): AsyncGenerator<Arrival> {
    yield* [declare(notes), note(1), note(2)];
    await pause(20);
    throw new Error('The source is gone');
  }
  for (const ahead of [true, false]) {
    const { segments, failure } = await stage(failing(), { ahead, segmentBytes: 1, fails: true });
    expect([ahead, segments.length, failure]).toEqual([ahead, 2, new Error('The source is gone')]);
  }
});

test('a consumer that stops early does not wait for the source, and leaves nothing behind', async () => {
  async function* endless(): AsyncGenerator<Arrival> {
    yield* [declare(notes), note(1), note(2)];
    await new Promise(() => undefined);
  }
  const folder = await temporaryFolder();
  const { failure } = await stage(endless(), {
    folder,
    ahead: true,
    segmentBytes: 1,
    fails: true,
    inspect: async () => {
      throw new Error('The destination is gone');
    },
  });
  expect(failure).toEqual(new Error('The destination is gone'));
  expect(await readdir(folder)).toEqual([]);
});

test('rows have no hash where none is wanted, and are the same otherwise', async () => {
  const batch = [declare(notes), note(1, 'one'), note(2, 'two'), note(1, 'newer'), complete('notes')];
  const [plain, hashed] = [await stage(batch, { rowHashes: false }), await stage(batch)];
  expect(plain.rows('notes').map(({ _row_hash }) => _row_hash)).toEqual([null, null]);
  expect(hashed.rows('notes').map(({ _row_hash }) => typeof _row_hash)).toEqual(['string', 'string']);
  const others = (rows: ReturnType<typeof plain.rows>) =>
    rows.map((row) => ({ ...row, _row_hash: null, _airbyte_extracted_at: null }));
  expect(others(plain.rows('notes'))).toEqual(others(hashed.rows('notes')));
  expect(plain.rows('notes').map(({ text }) => text)).toEqual(['two', 'newer']);
});
