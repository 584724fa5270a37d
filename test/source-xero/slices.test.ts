// Lists too large for one reading are cut into ranges that hold every row exactly once.
import { configError } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Range, slices } from '../../source-xero/slices.ts';

const NOW = Date.UTC(2026, 10, 20);
const refusal = () => configError('too many', { status: 400, body: '{"Type":"HighVolumeException"}' });

/** Reads values of a sorted text column, refusing ranges with more than `most` of them. */
function reader(values: readonly string[], most: number, log: Range[] = []) {
  return async function* read(range: Range): AsyncGenerator<string> {
    log.push(range);
    if (range.conditions.where === 'Date==null') return;
    const found = values.filter(
      (value) =>
        (range.from === undefined || value >= range.from) && (range.to === undefined || value < range.to),
    );
    if (found.length > most) throw refusal();
    yield* found;
  };
}

async function all(parts: AsyncGenerator<{ step: string } | { from: string }>) {
  const steps: string[] = [];
  const places: string[] = [];
  for await (const part of parts) 'step' in part ? steps.push(part.step) : places.push(part.from);
  return { steps, places };
}

const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2031-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

test('every dated row is in exactly one range, oldest ranges first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(day, { minLength: 1, maxLength: 80 }), async (dates) => {
      const values = dates.sort();
      const { steps, places } = await all(
        slices(reader(values, 7), { axis: 'Date', from: undefined, now: NOW }),
      );
      expect(steps).toEqual(values);
      expect(places).toEqual([...places].sort());
    }),
  );
});

test('every named row is in exactly one range', async () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(names, async (found) => {
      const values = found.sort((a, b) => (a < b ? -1 : 1));
      const read = reader(values, 20);
      const { steps } = await all(slices(read, { axis: 'Name', from: undefined, now: NOW })).catch(
        (error) => {
          // More than 20 names that begin with the same two letters cannot be told apart.
          expect(error).toMatchObject({ status: 400 });
          return { steps: values };
        },
      );
      expect(steps).toEqual(values);
    }),
  );
});

test('a reading goes on from the place it was told', async () => {
  const values = ['2019-01-01', '2020-06-01', '2024-02-02', '2024-02-03', '2025-09-09'];
  const first = await all(slices(reader(values, 2), { axis: 'Date', from: undefined, now: NOW }));
  expect(first.steps).toEqual(values);
  for (const from of first.places) {
    const { steps } = await all(slices(reader(values, 2), { axis: 'Date', from, now: NOW }));
    expect(steps).toEqual(values.filter((value) => value >= from));
  }
});

test('the conditions say the bounds in the words of the endpoint', async () => {
  const dates: Range[] = [];
  await all(
    slices(reader(['2010-01-01', '2020-01-01'], 1, dates), { axis: 'Date', from: undefined, now: NOW }),
  );
  expect(dates[0]?.conditions).toEqual({ where: 'Date==null' });
  expect(dates.at(-1)?.conditions.where).toMatch(/^Date>=DateTime\(20\d\d,\d+,\d+\)$/);
  const orders: Range[] = [];
  await all(
    slices(reader(['2010-01-01', '2020-01-01'], 1, orders), { axis: 'DateFrom', from: undefined, now: NOW }),
  );
  const [first, second] = orders;
  // Both parameters include their day, so one range ends the day before the next begins.
  expect(Date.parse(second?.conditions.DateFrom ?? '') - Date.parse(first?.conditions.DateTo ?? '')).toBe(
    86_400_000,
  );
});

test('a single day with too many rows is refused with the reason, after a bounded number of calls', async () => {
  const log: Range[] = [];
  const values = Array.from({ length: 9 }, () => '2024-02-02');
  const reading = all(slices(reader(values, 5, log), { axis: 'Date', from: undefined, now: NOW }));
  await expect(reading).rejects.toMatchObject({ status: 400 });
  expect(log.length).toBeLessThan(40);
});

test('a failure that is no refusal of size is passed on at once', async () => {
  const failing = async function* (): AsyncGenerator<string> {
    yield 'one';
    throw configError('no', { status: 403 });
  };
  await expect(all(slices(failing, { axis: 'DateFrom', from: undefined, now: NOW }))).rejects.toThrow('no');
});
