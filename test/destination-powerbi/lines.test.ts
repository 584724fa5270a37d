// Lines of the queue and the bodies that are made of them: every value in its place, whatever is cut and sent again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ModelTable } from '../../destination-powerbi/model/layout.ts';
import type { DataType, ModelColumn } from '../../destination-powerbi/model/types.ts';
import { writeLines } from '../../destination-powerbi/push/serialise.ts';
import { slices } from '../../destination-powerbi/push/slices.ts';
import { replicaOf } from '../../destination-powerbi/store/sql.ts';
import { Store } from '../../destination-powerbi/store/store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-lines-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const stored = (column: string, dataType: DataType): ModelColumn => ({
  name: column.slice(2),
  dataType,
  origin: { kind: 'stored', column },
});

const table: ModelTable = {
  name: 'Things',
  kind: 'fact',
  keyed: true,
  versionable: true,
  stored: [],
  columns: [
    { name: '_batch_id', dataType: 'String', origin: { kind: 'own', what: 'batch' } },
    { name: '_version', dataType: 'Int64', origin: { kind: 'own', what: 'version' } },
    stored('c_text', 'String'),
    stored('c_amount', 'Decimal'),
    stored('c_price', 'Double'),
    stored('c_day', 'Datetime'),
    stored('c_open', 'Boolean'),
    { name: 'ref', dataType: 'String', origin: { kind: 'reference', columns: ['c_text', 'c_day'] } },
  ],
};

const shape = new Map([
  ['c_text', 'VARCHAR'],
  ['c_amount', 'DECIMAL(18,4)'],
  ['c_price', 'DECIMAL(18,4)'],
  ['c_day', 'DATE'],
  ['c_open', 'BOOLEAN'],
]);

async function linesOf(rows: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const store = await Store.open(folder, ['lines'], 64);
  try {
    const columns = ['"$ord" BIGINT', ...[...shape].map(([name, type]) => `${name} ${type}`)];
    await store.database.run(`CREATE OR REPLACE TABLE ${replicaOf('Things')} (${columns.join(', ')})`);
    await store.database.run(`INSERT INTO ${replicaOf('Things')} VALUES ${rows.join(', ')}`);
    store.shaped('Things', shape);
    const path = join(folder, 'lines.jsonl');
    await writeLines(store, { table, after: 1, through: 9, sorted: false }, path);
    const found: Record<string, unknown>[] = [];
    for await (const slice of slices(path, { rows: 2, bytes: 100_000 })) {
      const { rows: part } = JSON.parse(slice.body('batch-1').toString()) as { rows: typeof found };
      expect(part.map(({ _version }) => _version)).toEqual(slice.ords);
      found.push(...part);
    }
    return found.map(({ ref, ...row }) => ({ ...row, ...(ref === undefined ? {} : { ref: typeof ref }) }));
  } finally {
    store.close();
  }
}

const batch = { _batch_id: 'batch-1'.padEnd(24) };

test('values that no row, some rows and all rows have are in the lines as they are in the replica', async () => {
  const [one, two, three] = [
    `(2, 'say "a\\b"' || chr(10), 1.5, 2.25, DATE '2026-02-28', true)`,
    `(3, '', NULL, NULL, DATE '1999-12-31', false)`,
    `(4, NULL, -0.0001, 100, NULL, NULL)`,
  ];
  const first = {
    ...batch,
    _version: 2,
    text: 'say "a\\b"\n',
    amount: 1.5,
    price: 2.25,
    day: '2026-02-28T00:00:00Z',
    open: true,
    ref: 'string',
  };
  const second = { ...batch, _version: 3, text: '', day: '1999-12-31T00:00:00Z', open: false, ref: 'string' };
  const third = { ...batch, _version: 4, amount: -0.0001, price: 100 };
  expect(await linesOf([one, two, three])).toEqual([first, second, third]);
  expect(await linesOf([one])).toEqual([first]);
  expect(await linesOf([two])).toEqual([second]);
  expect(await linesOf([three])).toEqual([third]);
});

test('rows outside the span are left out, and do not decide how the others are written', async () => {
  const outside = [`(1, NULL, NULL, NULL, NULL, NULL)`, `(10, repeat('x', 5000), NULL, NULL, NULL, NULL)`];
  const rows = await linesOf([...outside, `(5, 'é', 1, 1, DATE '2026-01-01', true)`]);
  expect(rows.map(({ _version, text }) => [_version, text])).toEqual([[5, 'é']]);
});

test('a text of more than 4,000 units is cut where others are not', async () => {
  const rows = await linesOf([
    `(2, repeat('é', 4001), 1, 1, DATE '2026-01-01', true)`,
    `(3, repeat('x', 4000), 1, 1, DATE '2026-01-01', true)`,
    `(4, 'short', 1, 1, DATE '2026-01-01', true)`,
  ]);
  expect(rows.map(({ text }) => text)).toEqual(['é'.repeat(4000), 'x'.repeat(4000), 'short']);
});

test('bodies hold each line once and in order, cut into any parts and asked for in any order', async () => {
  const path = join(folder, 'any.jsonl');
  const line = (ord: number, text: string): string =>
    `${JSON.stringify({ _batch_id: String(1e15 + ord).padStart(24, '0'), text })}\n`;
  const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(3_000)), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      lengths,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 80, max: 4_000 }),
      async (sizes, rows, bytes) => {
        const texts = sizes.map((size, index) => `${index}${'é'.repeat(size)}`);
        await writeFile(path, texts.map((text, index) => line(index + 1, text)).join(''));
        const found: string[] = [];
        const ords: number[] = [];
        const ends: boolean[] = [];
        for await (const slice of slices(path, { rows, bytes })) {
          const count = slice.ords.length;
          const read = (id: string, from?: number, to?: number): string[] => {
            const body = slice.body(id, from, to);
            if (count > 1) expect(body.length).toBeLessThanOrEqual(bytes);
            const { rows: part } = JSON.parse(body.toString()) as {
              rows: { _batch_id: string; text: string }[];
            };
            expect(part.every(({ _batch_id }) => _batch_id === id.padEnd(24))).toBe(true);
            return part.map(({ text }) => text);
          };
          const whole = read('first');
          const middle = Math.ceil(count / 2);
          if (count > 1) expect([...read('left', 0, middle), ...read('right', middle)]).toEqual(whole);
          expect(read('again')).toEqual(whole);
          expect(JSON.parse(slice.row(count - 1))).toMatchObject({ text: whole[count - 1] });
          found.push(...whole);
          ords.push(...slice.ords);
          ends.push(slice.last);
        }
        expect(found).toEqual(texts);
        expect(ords).toEqual(texts.map((_, index) => index + 1));
        expect(ends).toEqual(ends.map((_, index) => index === ends.length - 1));
      },
    ),
    { numRuns: 60 },
  );
});
