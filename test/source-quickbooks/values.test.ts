// Values: instants whatever their offset, versions in their order, records and tombstones.

import { instantOf } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultIn } from '../../source-quickbooks/faults.ts';
import { readsIn } from '../../source-quickbooks/meter.ts';
import { queryInstant, recordOf, supersedes, tombstone, versionOf } from '../../source-quickbooks/values.ts';

test('instants are compared whatever their offset', () => {
  expect(instantOf('2026-03-08T01:59:59-08:00')).toBeLessThan(instantOf('2026-03-08T03:00:00-07:00') ?? 0);
  expect(instantOf('2026-11-01T01:30:00-07:00')).toBeLessThan(instantOf('2026-11-01T01:10:00-08:00') ?? 0);
  expect(instantOf('2026-05-05T05:16:21.718-07:00')).toBe(Date.UTC(2026, 4, 5, 12, 16, 21, 718));
  for (const wrong of ['yesterday', '', 7, null, '2026-13-45', '05/05/2026'])
    expect(instantOf(wrong)).toBeUndefined();
});

test('statements are asked from the second, never after it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (at) => {
      const asked = instantOf(queryInstant(at)) ?? Number.NaN;
      expect(at - asked).toBeGreaterThanOrEqual(0);
      expect(at - asked).toBeLessThan(1_000);
    }),
  );
});

const row = (token: number | undefined, second: number, balance = 0) => ({
  Id: '1',
  ...(token === undefined ? {} : { SyncToken: String(token) }),
  MetaData: { LastUpdatedTime: `2026-01-01T00:00:${String(second).padStart(2, '0')}-08:00` },
  Balance: balance,
});
const newer = (one: object, other: object) => supersedes(versionOf({ ...one }), versionOf({ ...other }));

test.each([
  ['a later token', row(10, 1), row(9, 5), true],
  ['an earlier token', row(9, 5), row(10, 1), false],
  ['the same token later', row(3, 6), row(3, 5), true],
  ['the same token earlier', row(3, 4), row(3, 5), false],
  ['the same image', row(3, 5), row(3, 5), false],
  ['other content at the same time', row(3, 5, 7), row(3, 5), true],
  [
    'the same image with other envelopes',
    { ...row(3, 5), sparse: false, domain: 'QBO', status: 'x' },
    row(3, 5),
    false,
  ],
  ['a later time without any token', row(undefined, 6), row(undefined, 5), true],
])('%s: whether it supersedes', (_, one, other, expected) => {
  expect(newer(one, other)).toBe(expected);
});

test('of any images in any order the newest is left', () => {
  const image = fc.tuple(fc.nat(5), fc.nat(50)).map(([token, second]) => row(token, second));
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 20 }), (images) => {
      const last = images.reduce((kept, one) => (newer(one, kept) ? one : kept));
      const best = Math.max(...images.map(({ SyncToken }) => Number(SyncToken)));
      expect(Number(last.SyncToken)).toBe(best);
    }),
  );
});

test('a record keeps what QuickBooks sends, a tombstone the key and the time', () => {
  expect(recordOf(row(1, 5), { realm: '123', id: '1' })).toEqual({
    RealmID: '123',
    ...row(1, 5),
    LastUpdatedTime: '2026-01-01T08:00:05.000Z',
  });
  const at = Date.UTC(2026, 0, 2);
  const time = '2026-01-02T00:00:00.000Z';
  expect(tombstone('9', { realm: '123', at })).toEqual({
    ...{ RealmID: '123', Id: '9', LastUpdatedTime: time, _ab_cdc_deleted_at: time },
  });
});

test('faults are read in both casings, with padding taken off', () => {
  const upper = {
    Fault: { Error: [{ Message: 'm', Detail: 'd', code: '003200' }], type: 'ValidationFault' },
  };
  const lower = { fault: { error: [{ message: 'm', detail: 'd', code: '3200' }], type: 'ValidationFault' } };
  const expected = { code: '3200', type: 'ValidationFault', message: 'm', detail: 'd' };
  expect([faultIn(upper), faultIn(lower)]).toEqual([expected, expected]);
  expect(faultIn({ QueryResponse: {} })).toBeUndefined();
});

test('the count of the month is the highest of the latest month', () => {
  const states = [
    { reads: { month: '2026-01', count: 900 } },
    { reads: { month: '2026-02', count: 3 } },
    { reads: { month: '2026-02', count: 12 } },
    { reads: 'none' },
    undefined,
  ];
  expect(readsIn(states)).toEqual({ month: '2026-02', count: 12 });
  expect(readsIn([])).toBeUndefined();
});
