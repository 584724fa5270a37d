// Sets of ids: they behave as sets do, come back from their text, and stay small.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdSet } from '../../source-quickbooks/ids.ts';

const id = fc.oneof(
  fc.nat(3_000).map(String),
  fc.maxSafeNat().map(String),
  fc.constantFrom('TAX', 'NON', '007', '-1', '1.5', 'EUR/USD/2026-01-31', '99999999999999999999'),
);

test('a set of ids holds what was added and not deleted, and its text brings it back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.boolean()), { maxLength: 200 }), (acts) => {
      const set = new IdSet();
      const truth = new Set<string>();
      for (const [one, adds] of acts) {
        if (adds) {
          set.add(one);
          truth.add(one);
        } else expect(set.delete(one)).toBe(truth.delete(one));
      }
      const back = IdSet.from(set.toText());
      for (const held of [set, back]) {
        expect(held.size).toBe(truth.size);
        expect([...held].sort()).toEqual([...truth].sort());
      }
    }),
  );
});

test('a hundred thousand ids of a shared counter take about a byte each', () => {
  const set = new IdSet();
  for (let number = 1; set.size < 100_000; number += 1 + ((number * 7_919) % 7)) set.add(String(number));
  expect(set.toText().length).toBeLessThan(120_000);
});

test('a text that is no set is an error', () => {
  expect(() => IdSet.from('undefined')).toThrow();
  expect(() => IdSet.from('')).toThrow();
});
