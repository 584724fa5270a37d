// Which months of reports a run reads, and which of them the next one reads again.
import { openMonths, reportMonths } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';

const now = Date.UTC(2026, 2, 15, 12);
const namesOf = (options: Partial<Parameters<typeof reportMonths>[0]>): readonly string[] =>
  [
    ...reportMonths({
      state: {},
      versions: new Map(),
      settings: { refresh_months: 3 },
      startDate: undefined,
      now,
      ...options,
    }),
  ].map(({ name }) => name);

test('a month goes from its first to its last day', () => {
  const settings = { from: '2026-02-10', refresh_months: 3 };
  expect([...reportMonths({ state: {}, versions: new Map(), settings, startDate: undefined, now })]).toEqual([
    { name: '2026-02', from: '2026-02-01', to: '2026-02-28' },
    { name: '2026-03', from: '2026-03-01', to: '2026-03-31' },
  ]);
});

test.each([
  ['a year back where nothing is set', {}, '2025-04', 12],
  ['from the start date when that is later', { startDate: '2025-11-20' }, '2025-11', 5],
  ['a year back when the start date is earlier', { startDate: '2019-01-01' }, '2025-04', 12],
  ['from the month of the setting', { settings: { from: '2024-12-31', refresh_months: 1 } }, '2024-12', 16],
  ['the latest months again', { state: { month: '2026-03' } }, '2026-01', 3],
  ['on from where the last run ended', { state: { month: '2025-06' } }, '2025-07', 9],
  [
    'again from the oldest month that was open',
    { state: { month: '2026-03' }, versions: new Map([['2025-10', {}]]) },
    '2025-10',
    6,
  ],
  [
    'never before the setting',
    { state: { month: '2026-03' }, settings: { from: '2026-03-01', refresh_months: 12 } },
    '2026-03',
    1,
  ],
])('a run reads %s', (_, options, first, count) => {
  const names = namesOf(options);
  expect([names[0], names.length, names.at(-1)]).toEqual([first, count, '2026-03']);
});

test('a state keeps the versions of the months that are read again', () => {
  const versions = new Map(['2025-12', '2026-01', '2026-02', '2026-03'].map((name) => [name, name]));
  expect(Object.keys(openMonths(versions, { refresh_months: 2, now }))).toEqual(['2026-02', '2026-03']);
});
