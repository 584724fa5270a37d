// Any sequence of updates leaves in the stored file what it leaves in a map.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { action, byId, type Files, openFiles } from './tableau-files.ts';
import { openClient } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 4 });
const amounts = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });
const rows = ids.chain((keys) => fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), amounts))));

/** `-0.0001` for -1: four decimals. */
function decimal(units: bigint): string {
  const digits = `${units < 0n ? -units : units}`.padStart(5, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

type Step =
  | { readonly name: string; readonly rows: readonly (readonly [string, bigint])[] }
  | { readonly name: string; readonly ids: readonly string[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ name: fc.constantFrom('upsert', 'update', 'replace'), rows }),
  fc.record({ name: fc.constant('delete'), ids }),
);

/** What a step leaves. */
function applied(held: ReadonlyMap<string, bigint>, one: Step): Map<string, bigint> {
  if ('ids' in one) return new Map([...held].filter(([id]) => !one.ids.includes(id)));
  if (one.name === 'replace') return new Map(one.rows);
  const known = one.rows.filter(([id]) => one.name === 'upsert' || held.has(id));
  return new Map([...held, ...known]);
}

test('upserts, updates, deletes and replaces in any order agree with a map', async () => {
  const client = await openClient({ pace: { queue: 0, run: 0 } });
  const source = await client.published('Lines', await files.lines(['z', '1']));
  let held: ReadonlyMap<string, bigint> = new Map([['z', 10_000n]]);
  await fc.assert(
    fc.asyncProperty(step, async (one) => {
      held = applied(held, one);
      const payload =
        'ids' in one
          ? await files.ids(...one.ids)
          : await files.lines(...one.rows.map(([id, units]) => [id, decimal(units)] as const));
      const actions = [action(one.name, one.name === 'replace' ? {} : byId)];
      expect(await client.updated(source, actions, { payload })).toMatchObject({ finishCode: '0' });
      const found = await client.emulator.rows(
        'Lines',
        'lines',
        'SELECT id, amount FROM {table} ORDER BY id',
      );
      const wanted = [...held].sort(([left], [right]) => (left < right ? -1 : 1));
      expect(found).toEqual(wanted.map(([id, units]) => ({ id, amount: decimal(units) })));
    }),
    // The state goes on from run to run, so there is nothing to shrink.
    { numRuns: 15, endOnFailure: true },
  );
});
