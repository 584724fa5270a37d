// A thousand pipelines on the page: filtered, paged, and as many questions to the store as for ten.
import { expect, test } from 'vitest';
import type { Store } from '../../runner/store/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { endedJob, noon, openPage } from './page-open.ts';
import { pipelineOf } from './pipeline-of.ts';
import { storeOf } from './store-open.ts';

/** The store, and how often it was asked. */
function counting(store: Store): { readonly store: Store; count(): number } {
  let calls = 0;
  const counted = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([name, method]: [string, unknown]) => [
        name,
        typeof method === 'function'
          ? (...args: unknown[]): unknown => {
              calls += 1;
              return method.apply(part, args);
            }
          : method,
      ]),
    ) as Part;
  const { jobs, overview, events, audit } = store;
  return {
    store: {
      ...store,
      jobs: counted(jobs),
      overview: counted(overview),
      events: counted(events),
      audit: counted(audit),
    },
    count: () => calls,
  };
}

async function openMany(pipelines: number) {
  const clock = fastClock({ start: noon });
  const { store, count } = counting(await storeOf('sqlite', { clock }));
  const names = Array.from(
    { length: pipelines },
    (_, index) => `xero.tenant-${String(index).padStart(4, '0')}`,
  );
  const schedules = [{ cron: '*/15 * * * *', timezone: 'UTC', jitter_seconds: 60 }];
  const page = await openPage({
    store,
    clock,
    pipelines: names.map((name) => pipelineOf(name, { schedules })),
  });
  const read = async (path: string): Promise<string> => {
    const reply = await fetch(`${page.url}${path}`, { headers: { accept: 'text/html' } });
    return await reply.text();
  };
  return { page, names, read, count };
}

const rows = (text: string): readonly string[] =>
  [...text.matchAll(/<th scope="row"><a href="\/pipelines\/([^"]+)">/g)].map(([, name = '']) => name);

test('a thousand pipelines are shown fifty at a time, those that need a person first', async () => {
  const { page, names, read } = await openMany(1_000);
  const failure = { kind: 'config', message: 'Cannot log in' } as const;
  await endedJob(page, { pipeline: names[777] ?? '' }, { state: 'failed', failure });
  await endedJob(page, { pipeline: names[3] ?? '' });
  const first = await read('/');
  expect(rows(first)).toHaveLength(50);
  expect(rows(first)[0]).toBe('xero.tenant-0777');
  expect(first).toContain('Page 1 of 20');
  expect(rows(await read('/?page=20')).at(-1)).toBe('xero.tenant-0003');
  expect(rows(await read('/?page=99'))).toHaveLength(50);
  expect(rows(await read('/?q=TENANT-099'))).toHaveLength(10);
  expect(rows(await read('/?health=ok'))).toEqual(['xero.tenant-0003']);
  expect(rows(await read('/?health=ok&q=tenant-0004'))).toEqual([]);
});

test('the number of questions to the store does not grow with the pipelines', async () => {
  const asked: number[] = [];
  for (const pipelines of [10, 1_000]) {
    const { read, count } = await openMany(pipelines);
    const before = count();
    expect(rows(await read('/')).length).toBeGreaterThan(0);
    asked.push(count() - before);
  }
  expect(asked[1]).toBe(asked[0]);
  expect(asked[0]).toBeLessThan(12);
});
