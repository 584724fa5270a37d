// Sweeps over a list that changes between any two calls: nothing may be missed, whatever moves.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ListPage, type Swept, sweep, type Timed, windowStart } from '../../source-xero/sweep.ts';

const START = Date.UTC(2026, 0, 1);

/** A server's list in the order of change; time passes with every call. */
class Server {
  now = START + 3_600_000;
  calls = 0;
  rows: Timed[] = [];
  readonly #between: (server: Server) => void;
  readonly #inclusive: boolean;

  constructor(between: (server: Server) => void = () => undefined, { inclusive = true } = {}) {
    this.#between = between;
    this.#inclusive = inclusive;
  }

  add(id: string, updated = this.#tick()): void {
    this.rows.push({ row: {}, id, updated });
    this.#sort();
  }

  edit(index: number): void {
    const at = index % this.rows.length;
    const [row] = this.rows.splice(at, 1);
    if (row) this.add(row.id);
  }

  act(act: Act, index: number): void {
    if (act === 'edit') this.edit(index);
    // As where lists do not show deleted rows.
    if (act === 'hide') this.rows.splice(index % this.rows.length, 1);
    if (act === 'add') this.add(`new-${this.now}`);
  }

  #tick(): number {
    this.now += 1;
    return this.now;
  }

  #sort(): void {
    this.rows.sort((a, b) => a.updated - b.updated || (a.id < b.id ? -1 : 1));
  }

  list(size: number): ListPage {
    return async ({ since, page, size: asked = size }) => {
      if (this.calls > 0) this.#between(this);
      this.calls += 1;
      this.now += 400;
      const from = since === undefined ? undefined : Math.floor(since / 1_000) * 1_000;
      const found = this.rows.filter(
        ({ updated }) => from === undefined || (this.#inclusive ? updated >= from : updated > from),
      );
      const last = page * asked >= found.length;
      return {
        rows: found.slice((page - 1) * asked, page * asked),
        at: this.now,
        count: found.length,
        last,
      };
    };
  }
}

const serverWith = (rows: number, step: number, between?: (server: Server) => void, options = {}): Server => {
  const server = new Server(between, options);
  for (let index = 0; index < rows; index += 1) server.add(`row-${index}`, START + index * step);
  return server;
};

async function collect(
  swept: AsyncGenerator<Swept>,
): Promise<{ seen: Map<string, number>; proven: number[] }> {
  const seen = new Map<string, number>();
  const proven: number[] = [];
  for await (const one of swept) {
    if ('rows' in one)
      for (const { id, updated } of one.rows) seen.set(id, Math.max(updated, seen.get(id) ?? 0));
    else proven.push(one.proven ?? Number.NEGATIVE_INFINITY);
  }
  return { seen, proven };
}

test('ten thousand rows of a quiet list take ten calls', async () => {
  const server = serverWith(10_000, 100);
  const { seen } = await collect(sweep(server.list(1_000), undefined));
  expect(seen.size).toBe(10_000);
  expect(server.calls).toBe(10);
});

test('a long quiet list is proven every 25 pages with one more call', async () => {
  const server = serverWith(60, 1_000);
  const { proven } = await collect(sweep(server.list(1), undefined));
  expect(proven).toEqual([START + 24_000, START + 49_000, START + 59_000]);
  expect(server.calls).toBe(62);
});

test('one edit in the middle costs one call for each seam, not another sweep', async () => {
  const server = serverWith(10_000, 1_000, (one) => {
    if (one.calls === 3) one.edit(5);
  });
  const { seen } = await collect(sweep(server.list(1_000), undefined));
  expect(seen.size).toBe(10_000);
  expect(server.calls).toBe(19);
});

test('an empty list is proven at once', async () => {
  const server = new Server();
  const { proven } = await collect(sweep(server.list(10), undefined));
  expect(proven).toEqual([Number.NEGATIVE_INFINITY]);
  expect(server.calls).toBe(1);
});

type Act = 'none' | 'edit' | 'add' | 'hide';

test.each([true, false])(
  'rows edited, added and hidden between any two calls are never missed (header inclusive: %s)',
  async (inclusive) => {
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom<Act>('none', 'none', 'none', 'edit', 'edit', 'add', 'hide'),
        index: fc.nat(500),
      }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 160 }),
          size: fc.integer({ min: 2, max: 12 }),
          step: fc.constantFrom(0, 7, 400, 1_500, 4_000),
          acts,
        }),
        async ({ rows, size, step, acts: script }) => {
          const between = (server: Server): void => {
            const next = script.shift();
            if (next && server.rows.length > 0) server.act(next.act, next.index);
          };
          const server = serverWith(rows, step, between, { inclusive });
          const seen = await readUntilQuiet(server, size, () => script.length === 0);
          for (const { id, updated } of server.rows) expect([id, seen.get(id)]).toEqual([id, updated]);
        },
      ),
      { numRuns: 300 },
    );
  },
);

/** Reads again from each cursor until a whole reading was quiet, so that every cursor must be good to go on from. */
async function readUntilQuiet(server: Server, size: number, isQuiet: () => boolean) {
  const seen = new Map<string, number>();
  let cursor: number | undefined;
  for (let quiet = false; !quiet; ) {
    quiet = isQuiet();
    const since = cursor === undefined ? undefined : windowStart(cursor);
    try {
      for await (const one of sweep(server.list(size), since)) {
        if ('rows' in one) for (const { id, updated } of one.rows) seen.set(id, updated);
        else cursor = one.proven ?? cursor;
      }
    } catch (error) {
      // A burst of rows of one second, edited with every call, cannot be read for the moment: the next run does.
      expect(error).toMatchObject({ kind: 'transient' });
      quiet = false;
    }
  }
  return seen;
}

test('every proof in the middle covers all rows up to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(400), { maxLength: 120 }),
      fc.constantFrom(3, 900, 2_500),
      async (edits, step) => {
        const server = serverWith(200, step, (one) => {
          const index = edits.shift();
          if (index !== undefined && index < 200) one.edit(index);
        });
        const seen = new Map<string, number>();
        for await (const one of sweep(server.list(3), undefined)) {
          if ('rows' in one) for (const { id, updated } of one.rows) seen.set(id, updated);
          else if (one.proven !== undefined) {
            const { proven } = one;
            const missing = server.rows.filter(
              ({ id, updated }) => updated <= proven && seen.get(id) !== updated,
            );
            expect(missing).toEqual([]);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a list in another order is read again until it stands still', async () => {
  const server = new Server((one) => {
    if (one.calls === 2) one.rows.unshift({ row: {}, id: 'late', updated: one.now });
  });
  for (let index = 0; index < 30; index += 1)
    server.rows.push({ row: {}, id: `row-${index}`, updated: START - index });
  const { seen } = await collect(sweep(server.list(10), undefined));
  expect(seen.size).toBe(31);
});

test('a list that never stands still is an error that passes, not a hole', async () => {
  const server = new Server((one) =>
    one.rows.unshift({ row: {}, id: `late-${one.calls}`, updated: one.now }),
  );
  for (let index = 0; index < 30; index += 1)
    server.rows.push({ row: {}, id: `row-${index}`, updated: START - index });
  await expect(collect(sweep(server.list(10), undefined))).rejects.toMatchObject({ kind: 'transient' });
});
