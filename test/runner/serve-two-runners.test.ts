// Two runners on one PostgreSQL: no pipeline and no consent twice at once, and one that is killed loses its work to the other.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { openStore, type Store } from '../../runner/store/index.ts';
import { keyText, newKey } from '../../runner/vault/key.ts';
import { temporaryFolder } from '../program.ts';
import { type Noted, type ServeProcess, startServe, writePrograms, writeServed } from './serve-program.ts';
import { until } from './serving.ts';
import { emptyDatabase } from './store-open.ts';

interface Span {
  readonly pipeline: string;
  readonly runner: number;
  readonly from: number;
  readonly to: number;
}

/** A source that a kill of its runner left behind ends with its pipe, at the latest with its next record. */
function spansOf(
  noted: readonly Noted[],
  killed: { readonly runner: number; readonly at: number },
): readonly Span[] {
  const spans: Span[] = [];
  for (const [index, { what, pipeline, runner, at }] of noted.entries()) {
    if (what !== 'begin') continue;
    const end = noted.slice(index + 1).find((one) => one.pipeline === pipeline && one.runner === runner);
    const to = end?.what === 'end' ? end.at : Number.POSITIVE_INFINITY;
    spans.push({ pipeline, runner, from: at, to: runner === killed.runner ? Math.min(to, killed.at) : to });
  }
  return spans;
}

const overlaps = (spans: readonly Span[]): readonly (readonly Span[])[] =>
  spans.flatMap((one, index) =>
    spans
      .slice(index + 1)
      .flatMap((other) => (one.from < other.to && other.from < one.to ? [[one, other]] : [])),
  );

test('each job is done once, nothing runs twice at once, and a killed runner loses its jobs within a lease', async () => {
  const folder = await temporaryFolder();
  const programs = await writePrograms(folder);
  const key = newKey();
  const url = await emptyDatabase('postgres');
  const store: Store = await openStore({ url, key, clock: systemClock });
  onTestFinished(() => store.close());
  const alone = ['a', 'b', 'c'];
  const sharing = ['x', 'y'];
  const pipelines = Object.fromEntries([
    ...alone.map((name) => [name, programs.pipeline(name, 250)]),
    ...sharing.map((name) => [name, programs.pipeline(name, 250, { connection: 'consent' })]),
  ]);
  const runners: ServeProcess[] = [];
  for (const name of ['one', 'two']) {
    await mkdir(join(folder, name));
    const file = await writeServed(join(folder, name), { store: url, pipelines });
    const env = { LEDGERPIPE_KEY: keyText(key) };
    runners.push(await startServe(file, { args: ['--lease', '3', '--lanes', '3'], env }));
  }
  const names = [...alone, ...sharing];
  const addAll = () =>
    Promise.all(names.map((pipeline) => store.jobs.add({ pipeline, cause: 'manual', dueAt: Date.now() })));
  const waiting = async () => (await store.jobs.list({ states: ['waiting', 'running'] })).length;
  const settled = () => until(async () => ((await waiting()) === 0 ? true : undefined), 30);
  for (let round = 0; round < 3; round++) {
    await addAll();
    await settled();
  }
  const began = (runner: ServeProcess | undefined) =>
    runner?.log().filter(({ message }) => message === 'job began').length ?? 0;
  expect(runners.map(began).every((count) => count > 0)).toBe(true);
  expect(runners.map(began).reduce((sum, count) => sum + count, 0)).toBe(15);

  const [victim, heir] = runners;
  await addAll();
  const held = await until(async () => {
    const running = await store.jobs.list({ states: ['running'] });
    const own = running.filter(({ owner }) => owner === victim?.log()[0]?.runner);
    return own.length > 0 ? own : undefined;
  });
  victim?.child.kill('SIGKILL');
  const killed = { runner: victim?.pid ?? 0, at: Date.now() };
  await settled();
  const moved = heir?.log().filter(({ message, attempt }) => message === 'job began' && attempt === 2) ?? [];
  expect(moved.map(({ job }) => job).sort()).toEqual(held.map(({ id }) => id).sort());
  for (const { time } of moved) expect(Date.parse(String(time)) - killed.at).toBeLessThan(3_000 + 3_000);

  const jobs = await store.jobs.list();
  expect(jobs.map(({ state }) => state)).toEqual(Array(20).fill('done'));
  const spans = spansOf(await programs.noted(), killed);
  for (const name of alone) expect(overlaps(spans.filter(({ pipeline }) => pipeline === name))).toEqual([]);
  expect(overlaps(spans.filter(({ pipeline }) => sharing.includes(pipeline)))).toEqual([]);
  const arrived = new Set(await programs.arrived());
  for (const name of names) for (let id = 1; id <= 12; id++) expect(arrived).toContain(`${name} ${id}`);
});
