// Fingerprints of lines: what they depend on, and what not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprint } from '../../staging/fingerprint.ts';

const of = (name: string, ...pieces: readonly Uint8Array[]): string => {
  const fingerprint = new Fingerprint(name);
  for (const piece of pieces) fingerprint.add(piece);
  return fingerprint.digest();
};

test('the same bytes have the same fingerprint in any pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, one, other) => {
      const [first, second] = [Math.min(one, other), Math.max(one, other)];
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect(of('a', ...pieces)).toBe(of('a', bytes));
    }),
  );
});

test('other bytes, other lengths and other streams have other fingerprints', () => {
  const bytes = Buffer.alloc(100_000, 'x');
  const changed = Buffer.from(bytes);
  changed[77_777] = 0;
  const prints = [
    of('a', bytes),
    of('a', changed),
    of('a', bytes.subarray(1)),
    of('a', Buffer.concat([bytes, Buffer.alloc(16)])),
    of('b', bytes),
    of('a'),
    of('a', Buffer.alloc(1)),
    of('a', Buffer.alloc(16)),
  ];
  expect(new Set(prints).size).toBe(prints.length);
  expect(prints.every((print) => /^[0-9a-f]{64}$/.test(print))).toBe(true);
});
