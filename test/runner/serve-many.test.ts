// A thousand tenants: what the runner asks of the store while nothing happens, what it holds, and a firing of all at once.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { planOf } from '../../runner/serve/planned.ts';
import { Schedules } from '../../runner/serve/schedules.ts';
import type { PipelineSettings } from '../../runner/settings/index.ts';
import type { Store } from '../../runner/store/index.ts';
import { temporaryFolder } from '../program.ts';
import { serve, settingsOf } from './serving.ts';
import { storeOf } from './store-open.ts';

const count = 1_000;
const minute = 60_000;

const tenants = (cron: string): readonly PipelineSettings[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{
      name: `books.t${index}`,
      base: 'books',
      tenants: [`t${index}`],
      connection: 'books',
      exclusive: true,
    },
    source: { connector: 'source-xero', config: { tenant_ids: [`t${index}`] } },
    destination: { connector: 'destination-databricks', config: { schema: `s${index}` } },
    schedules: [
      { streams: 'facts', cron, timezone: 'UTC', jitter_seconds: 60 },
      { streams: 'reference', cron, timezone: 'Australia/Sydney', jitter_seconds: 600 },
    ],
    problems: [],
  }));

/** Counts the calls of each part of the store, by name. */
function counted(store: Store): { readonly store: Store; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const count = <T extends object>(part: string, of: T): T =>
    new Proxy(of, {
      get(target, name, receiver) {
        const found: unknown = Reflect.get(target, name, receiver);
        if (typeof found !== 'function') return found;
        return (...args: unknown[]) => {
          const key = `${part}.${String(name)}`;
          calls.set(key, (calls.get(key) ?? 0) + 1);
          return Reflect.apply(found, target, args) as unknown;
        };
      },
    });
  const parts = Object.entries(store).map(([name, part]) => [
    name,
    typeof part === 'object' ? count(name, part as object) : part,
  ]);
  return { store: Object.fromEntries(parts) as Store, calls };
}

test('while nothing is due, a thousand tenants cost one question twice a second, and little memory', async () => {
  const settings = settingsOf(await temporaryFolder(), tenants('0 0 1 1 *'));
  const { store, calls } = counted(await storeOf('sqlite', { clock: systemClock }));
  const before = process.memoryUsage().heapUsed;
  await serve(settings, { store, hasWebhooks: () => true });
  const held = process.memoryUsage().heapUsed - before;
  calls.clear();
  const seconds = 3;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  expect([...calls.keys()]).toEqual(['jobs.due']);
  expect(calls.get('jobs.due')).toBeLessThanOrEqual(2 * seconds + 1);
  expect(calls.get('jobs.due')).toBeGreaterThanOrEqual(seconds);
  expect(held).toBeLessThan(100 * 1024 * 1024);
});

test('when all of them fire within a minute, each gets its job', async () => {
  const store = await storeOf('sqlite');
  const plan = planOf(settingsOf('/none', tenants('0 * * * *')), { hasWebhooks: () => false });
  const now = Date.UTC(2026, 10, 20, 12, 30);
  const log = pino({ level: 'silent' });
  const schedules = await Schedules.open(plan, { store, log, now });
  const { store: watched, calls } = counted(store);
  const firing = await Schedules.open(plan, { store: watched, log, now });
  calls.clear();
  await firing.run(now + 41 * minute);
  await schedules.run(now + 41 * minute);
  // Both groups of each: they wait beside each other.
  expect((await store.overview.countJobs()).waiting).toBe(2 * count);
  expect(calls.get('firings.fire')).toBe((2 * count) / 100);
});
