// What the pages say: health, failures with their remedy, jobs, the audit trail, and nothing when there is nothing.
import { expect, test } from 'vitest';
import type { JobFailure } from '../../runner/store/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { auditRow, endedJob, noon, type OpenPage, openPage } from './page-open.ts';
import { pipelineOf } from './pipeline-of.ts';
import { storeOf } from './store-open.ts';

const failure: JobFailure = { kind: 'config', message: 'Cannot log in to "Acme": log in again' };

async function read(page: OpenPage, path: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${page.url}${path}`, { headers: { accept: 'text/html' } });
  return { status: reply.status, text: await reply.text() };
}

/** What a person reads, in one line. */
const plain = (text: string): string =>
  text
    .replace(/<(head|script).*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ');

const saying = async (page: OpenPage, path: string): Promise<string> => plain((await read(page, path)).text);

test('before anything ran every page says so', async () => {
  const page = await openPage();
  expect(await saying(page, '/')).toMatch(
    /No pipeline has run yet.* Nothing runs at this moment.* Nothing waits for a replay.* never run .* No records were committed.* No source has told of its limits yet/,
  );
  expect(await saying(page, '/jobs')).toContain('There is no such job.');
  expect(await saying(page, '/failures')).toContain('Nothing waits for a replay.');
  expect(await saying(page, '/audit')).toContain('Nothing found: no such record has passed since 7d.');
  expect(await saying(page, '/quotas')).toContain('No source has told of its limits yet.');
  expect(await saying(page, '/pipelines/books')).toMatch(
    /It has none: it runs by hand and by webhooks.*It has not run yet/,
  );
  const bare = await openPage({ pipelines: [] });
  expect(await saying(bare, '/')).toContain('The settings have no pipelines yet');
});

test('the overview says who needs a person, what waits, how fresh the streams are, and when the next run is', async () => {
  const page = await openPage({
    pipelines: [
      pipelineOf('well', { schedules: [{ cron: '30 12 * * *', timezone: 'UTC', jitter_seconds: 0 }] }),
      pipelineOf('ill'),
      pipelineOf('broken', { problems: [{ line: 3, column: 9, message: 'give "host"' }] }),
    ],
  });
  const { store, clock } = page;
  await endedJob(page, { pipeline: 'well' }, { read: 1_500, committed: 1_499, endedAt: noon - 300_000 });
  await endedJob(page, { pipeline: 'ill' }, { state: 'failed', failure, endedAt: noon - 600_000 });
  for (const name of ['invoices', 'contacts']) {
    await store.states.keep('well', { type: 'STREAM', stream: { stream_descriptor: { name } } }, 1);
    clock.advance(3_600_000);
  }
  clock.advance(-3_600_000 * 2);
  await store.jobs.add({ pipeline: 'well', cause: 'manual', dueAt: noon + 600_000 });
  const text = await saying(page, '/');
  expect(text).toContain('2 pipelines need you , of 3.');
  expect(text).toMatch(/broken source-xero → destination-databricks ✕ cannot start/);
  expect(text).toMatch(/ill source-xero .*? ✕ failed 1 to be replayed Job 2 0 committed 10 minutes ago/);
  expect(text).toMatch(
    /well .*? ◷ waiting Job 3 .*? in 60 minutes .*?oldest of 2 streams: invoices, .*? in 30 minutes 2026-11-20 12:30:00 UTC/,
  );
  expect(text.indexOf('broken source')).toBeLessThan(text.indexOf('well source'));
  expect(text).toContain('1,499 Records today');
  expect(text).toMatch(
    /Cannot log in to "Acme": log in again Mend what it names .*? Job 2 · all streams · 1 attempt/,
  );
});

test('hostile names and messages are text everywhere', async () => {
  const nasty = `"><script>alert(1)</script>'&`;
  const page = await openPage({ pipelines: [pipelineOf(nasty, { tenant: nasty, connection: nasty })] });
  const { store } = page;
  await store.events.take([
    {
      id: nasty,
      source: 'xero',
      tenant: nasty,
      stream: nasty,
      record: nasty,
      type: nasty,
      happenedAt: 1,
      receivedAt: 1,
    },
  ]);
  const { id } = await endedJob(
    page,
    { pipeline: nasty, records: [{ stream: nasty, tenant: nasty, id: nasty }], events: [nasty] },
    { state: 'parked', failure: { kind: 'transient', message: nasty } },
  );
  await store.audit.add([
    auditRow(id, nasty, {
      pipeline: nasty,
      tenant: nasty,
      stream: nasty,
      document: nasty,
      receipt: nasty,
      sourceTime: nasty,
      event: nasty,
    }),
  ]);
  await store.overview.keepQuota({ pipeline: nasty, tenant: nasty, limit: nasty, left: 1, at: noon });
  page.live.push({ pipeline: nasty, job: id, since: noon, read: 1, committed: 1, stream: nasty });
  const named = encodeURIComponent(nasty);
  for (const path of [
    ...[
      '/',
      `/?q=${named}`,
      '/jobs',
      `/jobs?pipeline=${named}`,
      `/jobs/${id}`,
      '/failures',
      '/quotas',
      '/live',
    ],
    ...[`/failures?pipeline=${named}`, `/pipelines/${named}`, `/audit?record=${named}&since=${named}`],
    ...[`/audit?record=${named}`, `/nowhere/${named}`, `/pipelines/x${named}`],
  ]) {
    const { text } = await read(page, path);
    expect([path, text.includes('alert(1)</script>')]).toEqual([path, false]);
    expect(text).not.toContain('<script>');
    // Outside attributes and entities no quote of the name is left to close one.
    expect(text).not.toContain(nasty);
  }
});

test('a failure names its reason and what mends it; runs over the same streams are one entry', async () => {
  const page = await openPage({ pipelines: [pipelineOf('books'), pipelineOf('other')] });
  await endedJob(page, {}, { state: 'failed', failure });
  await endedJob(page, {}, { state: 'failed', failure });
  const reference = { stream: 'invoices', tenant: 'acme', id: '7' };
  const transient = { kind: 'transient', message: 'Cannot reach the warehouse' } as const;
  await endedJob(page, { pipeline: 'other', records: [reference] }, { state: 'parked', failure: transient });
  await endedJob(page, { pipeline: 'gone' }, { state: 'failed', failure });
  const text = await saying(page, '/failures');
  expect(text).toMatch(/Replay all of them \(4 jobs\)/);
  expect(text).toMatch(/books ✕ failed Cannot log in .*? Job 2 · all streams .*? and 1 earlier run with it/);
  expect(text).toMatch(
    /other ‖ parked Cannot reach the warehouse It was tried until the limit.*? Job 3 · 1 record /,
  );
  expect(text).toMatch(/gone ✕ failed .*? The settings have no such pipeline any more/);
  expect(await saying(page, '/failures?pipeline=other')).not.toContain('Job 2');
});

test('replays lead to their job, or to those that wait, and the failure is gone from the list', async () => {
  const page = await openPage();
  await endedJob(page, {}, { state: 'failed', failure });
  await endedJob(page, {}, { state: 'failed', failure });
  const { id } = await endedJob(page, {}, { committed: 1 });
  await page.store.audit.add([auditRow(id, '7')]);
  expect(await replay(page, { failed: 'yes' })).toBe('/failures');
  expect(await replay(page, { record: 'INV-7' })).toBe(`/jobs/${id + 1}`);
  await endedJob(page, { streams: ['notes'] }, { state: 'failed', failure });
  await endedJob(page, { streams: ['invoices'] }, { state: 'failed', failure });
  expect(await replay(page, { failed: 'yes' })).toBe('/jobs?state=waiting');
  expect(await saying(page, '/failures')).toContain('Nothing waits for a replay.');
  expect(await saying(page, `/jobs/${id + 1}`)).toMatch(
    /◷ waiting .*? replay of job 3 .*? 1 record .*? At work/,
  );
  expect(await saying(page, `/jobs/${id}`)).toMatch(/Replays of it .*? 4 ◷ waiting replay 1 record/);
});

test('the replay of the newest run makes up for the earlier ones while it is under way, and not when it fails', async () => {
  const page = await openPage();
  await endedJob(page, {}, { state: 'failed', failure });
  const newest = await endedJob(page, {}, { state: 'failed', failure });
  await endedJob(page, { streams: ['notes'] });
  expect(await replay(page, { job: String(newest.id) })).toBe('/jobs/4');
  expect(await saying(page, '/failures')).toContain('Nothing waits for a replay.');
  await page.store.jobs.claim('tester', { now: page.clock.now(), milliseconds: 60_000 });
  const outcome = { state: 'failed', read: 0, committed: 0, endedAt: page.clock.now(), failure } as const;
  await page.store.jobs.finish(4, 'tester', outcome);
  expect(await saying(page, '/failures')).toMatch(
    /Replay all of them \(3 jobs\).*? Job 4 .*? and 2 earlier runs/,
  );
});

test('an event is replayed in the pipelines of its own vendor', async () => {
  const page = await openPage({
    pipelines: [
      pipelineOf('xero-books'),
      pipelineOf('qbo-books', { source: { connector: 'source-quickbooks', config: {} } }),
      pipelineOf('other-tenant', { tenants: ['globex'] }),
    ],
  });
  await endedJob(page, { pipeline: 'xero-books' });
  await page.store.events.take([
    {
      ...{ id: 'e1', source: 'quickbooks', tenant: 'acme', stream: 'invoices', record: '7', type: 'Update' },
      ...{ happenedAt: noon, receivedAt: noon },
    },
  ]);
  expect(await replay(page, { event: 'e1' })).toBe('/jobs/2');
  const replayed = await page.store.jobs.get(2);
  expect(replayed).toMatchObject({ pipeline: 'qbo-books', cause: 'replay', events: ['e1'] });
});

test.each([
  [{ job: '99' }, 'there is no such job'],
  [{ job: '1.5' }, 'that is no number of a job'],
  [{ record: 'INV-0' }, 'the audit trail has no record of that key or number'],
  [{ event: 'e0' }, 'no such event has come'],
  [{ job: '1', record: 'INV-0' }, 'give one of'],
  [{}, 'give one of'],
  [{ job: '1' }, 'the settings have no such pipeline'],
])('a replay of %o is refused with the reason', async (fields, reason) => {
  const page = await openPage();
  await endedJob(page, { pipeline: 'gone' }, { state: 'failed', failure });
  await endedJob(page);
  await expect(replay(page, fields)).rejects.toThrow(reason);
  expect(await page.store.jobs.list({ states: ['waiting'] })).toEqual([]);
});

/** Sends the form of a job's page with other fields; gives where it leads, or throws what the page says. */
async function replay(page: OpenPage, fields: Record<string, string>): Promise<string | null> {
  const [done] = await page.store.jobs.list({ states: ['done'] });
  const shown = await fetch(`${page.url}/jobs/${done?.id}`, { headers: { accept: 'text/html' } });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await shown.text())?.[1] ?? '';
  const cookie = shown.headers.get('set-cookie')?.split(';')[0] ?? '';
  const reply = await fetch(`${page.url}/replay`, {
    method: 'POST',
    body: new URLSearchParams({ csrf, ...fields }),
    headers: { accept: 'text/html', cookie, 'sec-fetch-site': 'same-origin' },
    redirect: 'manual',
  });
  if (reply.status !== 303) throw new Error(plain(await reply.text()));
  return reply.headers.get('location');
}

test('a job tells its attempts, records, events and what came of it', async () => {
  const page = await openPage();
  const { store } = page;
  const event = {
    id: 'e1',
    source: 'xero',
    tenant: 'acme',
    stream: 'invoices',
    record: '7',
    type: 'UPDATE',
  } as const;
  await store.events.take([{ ...event, happenedAt: noon - 9_000, receivedAt: noon - 8_000 }]);
  const records = Array.from({ length: 60 }, (_, index) => ({
    stream: 'invoices',
    tenant: 'acme',
    id: String(index),
  }));
  const { id } = await endedJob(
    page,
    { cause: 'webhook', records, events: ['e1', 'long-gone'] },
    { read: 60, committed: 59 },
  );
  await store.audit.add(records.map((record) => auditRow(id, record.id)));
  const text = await saying(page, `/jobs/${id}`);
  expect(text).toMatch(/✓ done .*? webhook .*? 60 records .*? 1 of up to 6 .*? 60 read, 59 committed/);
  expect(text).toMatch(/INV-59 invoices 59 ✓ delivered .*? statement 01f0-77/);
  expect(text).toContain('The newest ones.');
  expect(text).toContain('50 of 60 records');
  expect(text).toMatch(/e1 UPDATE invoices 7 taken \d+ seconds ago .*? Replay event e1 1 of 2 events/);
});

test('what does not exist is a 404 that says so', async () => {
  const page = await openPage();
  for (const [path, words] of [
    ['/jobs/1', 'There is no job of that number'],
    ['/jobs/x', 'There is no job of that number'],
    ['/jobs/99999999999999999999', 'There is no job of that number'],
    ['/pipelines/none', 'The settings have no pipeline "none"'],
    ['/pipelines/__proto__', 'The settings have no pipeline "__proto__"'],
    ['/pipelines/constructor', 'The settings have no pipeline "constructor"'],
    ['/elsewhere?x=1', 'There is no page "/elsewhere?x=1"'],
  ]) {
    const { status, text } = await read(page, path ?? '');
    expect([path, status]).toEqual([path, 404]);
    expect(plain(text)).toContain(words);
  }
});

test('what goes wrong inside is not told outside', async () => {
  const page = await openPage();
  await page.store.close();
  const { status, text } = await read(page, '/');
  expect([status, plain(text).includes('the log of the runner says why')]).toEqual([500, true]);
  expect(text).not.toMatch(/sqlite|driver|Error:| at /i);
});

test('jobs are found by pipeline and state, page by page', async () => {
  const page = await openPage();
  for (let count = 0; count < 60; count += 1)
    await page.store.jobs.add({ pipeline: 'books', cause: 'manual', dueAt: noon, streams: [`s${count}`] });
  await endedJob(page, { pipeline: 'other' }, { state: 'failed', failure });
  const first = await read(page, '/jobs?pipeline=books&state=waiting');
  expect(first.text.match(/<th scope="row">/g)).toHaveLength(50);
  const older = /href="(\/jobs\?[^"]*before=\d+)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await read(page, older);
  expect(second.text.match(/<th scope="row">/g)).toHaveLength(10);
  expect(plain(second.text)).toContain('← Newest');
  expect(await saying(page, '/jobs?state=failed')).toMatch(/61 other ✕ failed Cannot log in/);
  expect(await saying(page, '/jobs?state=nonsense&before=x')).toContain('61');
});

test('a pipeline has its streams, schedules, quotas, jobs and problems on one page', async () => {
  const page = await openPage({
    pipelines: [
      pipelineOf('books', {
        tenant: 'realm-1',
        schedules: [
          { streams: 'facts', cron: '*/15 * * * *', timezone: 'UTC', jitter_seconds: 60 },
          { streams: ['accounts'], cron: '0 3 * * *', timezone: 'Europe/Berlin', jitter_seconds: 0 },
        ],
        problems: [{ line: 7, column: 3, message: '"host" is missing' }],
      }),
      pipelineOf('other'),
    ],
  });
  for (const pipeline of ['books', 'other'])
    await page.store.overview.keepQuota({ pipeline, tenant: pipeline, limit: 'day', left: 4_321, at: noon });
  await endedJob(page, {}, { committed: 5, state: 'failed', failure });
  const text = await saying(page, '/pipelines/books');
  expect(text).toMatch(/realm-1 .*? line 7, column 3: "host" is missing/);
  expect(text).toMatch(/facts \*\/15 \* \* \* \* UTC in 15 minutes 2026-11-20 12:15:00 UTC up to 60 s later/);
  expect(text).toMatch(/accounts 0 3 \* \* \* Europe\/Berlin in 14 hours 2026-11-21 02:00:00 UTC/);
  expect(text).toMatch(/books books per day 4,321/);
  expect(text).not.toContain('other');
  expect(text).toMatch(/5 records in 30 days/);
});

test('a PostgreSQL store shows the same pages', async () => {
  const clock = fastClock({ start: noon });
  const page = await openPage({ clock, store: await storeOf('postgres', { clock }) });
  const { id } = await endedJob(page, {}, { committed: 5, read: 5 });
  await page.store.audit.add([auditRow(id, '7')]);
  await endedJob(page, {}, { state: 'failed', failure });
  await page.store.overview.keepQuota({ pipeline: 'books', tenant: 'acme', limit: 'day', left: 3, at: noon });
  expect(await saying(page, '/')).toMatch(/✕ failed 1 to be replayed .*? 5 records in 30 days/);
  expect(await saying(page, '/pipelines/books')).toMatch(/acme books per day 3 .*? 1 ✓ done/);
  expect(await saying(page, '/audit?record=INV-7%00')).toMatch(/✓ delivered .*? Job 1/);
  expect(await saying(page, '/jobs?state=done&before=2&pipeline=books')).toContain('✓ done');
  expect(await saying(page, '/jobs/1')).toContain('INV-7');
  expect(await saying(page, '/failures')).toContain('Cannot log in to "Acme"');
  expect(await replay(page, { job: '2' })).toBe('/jobs/3');
});
