// What a destination gets: files, batches, stable hashes and ids, under little memory.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { complete, declaration, declare, query, records, stage, temporaryFolder } from './feed.ts';

const text: JsonSchema = { type: ['null', 'string'] };
const items = declaration(
  'items',
  {
    id: { type: 'integer' },
    name: text,
    amount: { type: ['null', 'number'] },
    at: { type: ['null', 'string'], format: 'date-time' },
    rows: { type: 'array', items: { type: 'object', properties: { a: { type: ['null', 'number'] } } } },
  },
  { mode: 'upsert', keys: [['id']] },
);
const hashes = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map((row) => row._row_hash);

test('equal values have equal hashes in any segment, at any time, at any width', async () => {
  const record = { id: 1, name: 'x', amount: 1.5, at: '2024-01-31T00:00:00Z', rows: [{ a: 2 }] };
  const same = '{"rows":[{"a":"2.00"}],"at":"2024-01-31T01:00:00+01:00","amount":1.50,"name":"x","id":1.0}';
  const { rows } = await stage(
    [
      declare(items),
      records('items', [record], 1_700_000_000_000),
      records('items', [same], 1_800_000_000_000),
      records('items', [{ id: 2, amount: 1.23456789 }]),
      records('items', [record]),
    ],
    { segmentBytes: 1 },
  );
  const [first, second, , last] = hashes(rows('items'));
  expect(first).toMatch(/^[0-9A-F]{1,16}$/);
  expect([second, last]).toEqual([first, first]);
  expect(new Set(hashes(rows('items_rows'))).size).toBe(1);
});

test('different values have different hashes, and so has a tombstone', async () => {
  const variants = [
    { id: 1, name: 'x', amount: 1 },
    { id: 1, name: 'x', amount: 2 },
    { id: 1, name: '', amount: 1 },
    { id: 1, name: null, amount: 1 },
    { id: 1, amount: 1, at: '2024-01-31T00:00:00Z' },
    { id: 1, amount: 1, _ab_cdc_deleted_at: '2024-01-31T00:00:00Z' },
    { id: 2, name: 'x', amount: 1 },
  ];
  const { rows } = await stage([declare({ ...items, mode: 'append' }), records('items', variants)]);
  expect(new Set(hashes(rows('items'))).size).toBe(variants.length);
});

test('the same lines give the same batch and the same row ids, other lines others', async () => {
  const run = async (id: number, job: string) => {
    const { segments, rows } = await stage([declare(items), records('items', [{ id }, { id: id + 1 }])], {
      job,
    });
    return {
      batch: segments[0]?.tables[0]?.table.batch,
      ids: rows('items').map((row) => row._airbyte_raw_id),
      rows,
    };
  };
  const [one, again, other] = [await run(1, 'a'), await run(1, 'b'), await run(2, 'a')];
  expect(again.batch).toBe(one.batch);
  expect(again.ids).toEqual(one.ids);
  expect(other.batch).not.toBe(one.batch);
  expect(new Set([...one.ids, ...other.ids]).size).toBe(4);
  expect(one.ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9]{12}$/);
  expect(one.rows('items')[0]).toMatchObject({
    _job_id: 'a',
    _batch_id: one.batch,
    _airbyte_generation_id: 0,
  });
});

test("the caller's job goes before the run's own name", async () => {
  const { rows } = await stage([
    declare({ ...items, job: 42, generation: 3 }),
    records('items', [{ id: 1 }]),
  ]);
  expect(rows('items')[0]).toMatchObject({
    _job_id: '42',
    _airbyte_generation_id: 3,
    _airbyte_meta: '{"changes":[],"sync_id":42}',
  });
});

test('Parquet files hold all rows, also split by rows and after a widening', async () => {
  const folder = await temporaryFolder();
  const many = Array.from({ length: 25 }, (_, id) => ({ id, amount: id === 20 ? 0.123456 : id }));
  let read: unknown;
  let sizes: readonly number[] = [];
  await stage([declare(items), records('items', many)], {
    inspect: async ({ tables }) => {
      const [table] = tables;
      const whole = (await table?.write(join(folder, 'whole'), { format: 'parquet' })) ?? [];
      const split = (await table?.write(join(folder, 'split'), { format: 'parquet', rowsPerFile: 10 })) ?? [];
      sizes = [...whole, ...split].map(({ rows }) => rows);
      const list = split.map(({ path }) => `'${path}'`).join(', ');
      read = await query(
        `SELECT count(DISTINCT id) AS ids, CAST(sum(amount) AS VARCHAR) AS sum FROM read_parquet([${list}])`,
      );
    },
  });
  expect(sizes).toEqual([25, 10, 10, 5]);
  expect(read).toEqual([{ ids: '25', sum: '280.123456000' }]);
});

test('times of day are text in Parquet where that is asked for', async () => {
  const folder = await temporaryFolder();
  const timed = declaration('timed', { at: { type: 'string', format: 'time' } });
  const types: unknown[] = [];
  await stage([declare(timed), records('timed', [{ at: '10:20:30' }])], {
    inspect: async ({ tables }) => {
      for (const options of [{}, { times: 'text' } as const]) {
        const [file] = (await tables[0]?.write(folder, { format: 'parquet', ...options })) ?? [];
        types.push(
          await query(
            `SELECT typeof("at") AS type, CAST("at" AS VARCHAR) AS "at" FROM read_parquet('${file?.path}')`,
          ),
        );
      }
    },
  });
  expect(types).toEqual([[{ type: 'TIME', at: '10:20:30' }], [{ type: 'VARCHAR', at: '10:20:30' }]]);
});

test('writing twice into one folder changes nothing', async () => {
  const folder = await temporaryFolder();
  const found: unknown[] = [];
  await stage([declare(items), records('items', [{ id: 1 }, { id: 2 }])], {
    inspect: async ({ tables }) => {
      for (let time = 0; time < 2; time += 1) {
        const [file] = (await tables[0]?.write(folder, { format: 'parquet' })) ?? [];
        found.push(await query(`SELECT id FROM read_parquet('${file?.path}')`));
      }
    },
  });
  expect(found).toEqual([
    [{ id: '1' }, { id: '2' }],
    [{ id: '1' }, { id: '2' }],
  ]);
});

test('a table without rows is written as one file without rows', async () => {
  const folder = await temporaryFolder();
  const found: unknown[] = [];
  await stage([declare({ ...items, mode: 'replace' }), complete('items')], {
    inspect: async ({ tables }) => {
      for (const table of tables)
        for (const { path, rows } of await table.write(folder, { format: 'parquet' })) {
          const columns = await query(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
          found.push([rows, columns.length === table.columns.length]);
        }
    },
  });
  expect(found).toEqual([
    [0, true],
    [0, true],
  ]);
  expect(new Set(await readdir(folder)).size).toBe(2);
});

test('CSV has a header, ISO instants, quotes where needed, and tells NULL from an empty text', async () => {
  const folder = await temporaryFolder();
  let csv = '';
  await stage(
    [
      declare(items),
      records('items', [
        { id: 1, name: 'a "b", c\nd', amount: 1.5, at: '2024-01-31T00:00:00Z' },
        { id: 2, name: '' },
      ]),
    ],
    {
      inspect: async ({ tables }) => {
        const [file] = (await tables[0]?.write(folder, { format: 'csv' })) ?? [];
        csv = await readFile(file?.path ?? '', 'utf8');
      },
    },
  );
  const [header, ...rest] = csv.split('\n');
  expect(header).toMatch(/^id,name,amount,at,_row_hash,/);
  expect(rest.join('\n')).toContain('1,"a ""b"", c\nd",1.5000,2024-01-31T00:00:00.000000Z,');
  expect(rest.join('\n')).toContain('\n2,"",,,');
});

test('batches have the wanted size and the order of arrival', async () => {
  const sizes: number[] = [];
  const many = Array.from({ length: 2500 }, (_, id) => ({ id }));
  const { rows } = await stage([declare(items), records('items', many)], {
    inspect: async ({ tables }) => {
      for await (const batch of tables[0]?.batches(1100) ?? []) sizes.push(batch.length);
    },
  });
  expect(sizes).toEqual([1100, 1100, 300]);
  expect(rows('items').map((row) => row.id)).toEqual(many.map(({ id }) => id));
});

test('the working folder is gone at the end', async () => {
  const folder = await temporaryFolder();
  await stage([declare(items), records('items', [{ id: 1 }])], { folder });
  expect(await readdir(folder)).toEqual([]);
});

test('much data under little memory spills and comes out whole', async () => {
  const count = 60_000;
  const block = 2000;
  const filler = 'x'.repeat(400);
  function* arrivals() {
    yield declare(items);
    for (let start = 0; start < count; start += block) {
      const data = Array.from({ length: block }, (_, index) => {
        // Every tenth key comes twice.
        const id = (start + index) % 10 === 9 ? start + index - 1 : start + index;
        return `{"id":${id},"name":"${filler}${id}","amount":${id}.25,"rows":[{"a":1},{"a":2}]}`;
      });
      yield records('items', data);
    }
  }
  const counts: unknown[] = [];
  const folder = await temporaryFolder();
  const { failure, said } = await stage(arrivals(), {
    memory: 100,
    inspect: async ({ tables }) => {
      for (const table of tables) {
        const files = await table.write(join(folder, table.name), { format: 'parquet' });
        counts.push([table.rows, files.reduce((sum, { rows }) => sum + rows, 0)]);
      }
    },
  });
  expect(failure).toBeUndefined();
  expect(said).toEqual([]);
  expect(counts).toEqual([
    [count * 0.9, count * 0.9],
    [count * 1.8, count * 1.8],
  ]);
});
