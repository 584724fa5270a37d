// A lease while the store gives no answer: kept where nobody else could take the job, given up in time where others can.
import { systemError, transientError } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import { holdLease } from '../../runner/run/lease.ts';
import type { Jobs } from '../../runner/store/index.ts';
import { fastClock } from '../emulators/clock.ts';

const milliseconds = 15_000;

/** Holds a lease whose store answers as told, with a clock that runs fast; gives when it was lost. */
async function lostAfter(renew: Jobs['renew'], { shared }: { readonly shared: boolean }) {
  const clock = fastClock({ rate: 12 });
  const began = clock.now();
  const jobs = { renew } as Jobs;
  const lease = holdLease({ id: 1, pipeline: 'p' }, { jobs, owner: 'me', clock, milliseconds, shared });
  onTestFinished(() => lease.release());
  const lost = new Promise<number>((resolve) =>
    lease.lost.addEventListener('abort', () => resolve(clock.now() - began)),
  );
  return await Promise.race([lost, clock.sleep(2.5 * milliseconds).then(() => undefined)]);
}

const away = transientError('Cannot reach the store');
const never = new Promise<boolean>(() => undefined);

test.each([
  ['refuses at once', () => Promise.reject(away)],
  ['gives no answer', () => never],
])('a shared store that %s costs the lease before another runner may have the job', async (_, renew) => {
  const lost = await lostAfter(renew, { shared: true });
  expect(lost).toBeGreaterThan(milliseconds / 2);
  expect(lost).toBeLessThan(milliseconds);
});

test('a store of this machine alone is waited for', async () => {
  expect(await lostAfter(() => Promise.reject(away), { shared: false })).toBe(undefined);
});

test.each([true, false])(
  'what is prolonged is kept, through one answer that fails (shared: %s)',
  async (shared) => {
    let calls = 0;
    const renew = async () => {
      calls += 1;
      if (calls % 2 === 1) throw away;
      return true;
    };
    expect(await lostAfter(renew, { shared })).toBe(undefined);
    expect(calls).toBeGreaterThan(4);
  },
);

test.each([true, false])('what another runner has is lost at the next look (shared: %s)', async (shared) => {
  expect(await lostAfter(async () => false, { shared })).toBeLessThan(milliseconds / 2);
  expect(await lostAfter(() => Promise.reject(systemError('broken')), { shared })).toBeLessThan(
    milliseconds / 2,
  );
});
