// Jobs, refreshes of extracts, tasks of Cloud and schedules of Server.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { action, type Files, openFiles } from './tableau-files.ts';
import { type Body, type Client, jobOf, openClient, signedIn } from './tableau-setup.ts';

let files: Files;
let file: Buffer;
beforeAll(async () => {
  files = await openFiles();
  file = await files.lines(['a', '1']);
});
afterAll(() => files.close());

const admin = {
  name: 'admin@example.com',
  siteRole: 'SiteAdministratorCreator',
  tokens: [{ name: 'admin', secret: 'YWRtaW4=:one' }],
} as const;
const loader = { name: 'loader@example.com', tokens: [{ name: 'l', secret: 's' }] } as const;

const hour = 3_600_000;

test('a job waits, runs with progress, and ends', async () => {
  const client = await openClient({ rate: 1, pace: { queue: 60_000, run: 60_000 } });
  const source = await client.published('Lines', file);
  const id = jobOf(await client.patch(source, [action('insert')], { payload: file }));
  const look = async () => (await client.on('GET', `/jobs/${id}`)).json.job as Body;
  const waiting = await look();
  expect(waiting).toMatchObject({ progress: '0', mode: 'Asynchronous' });
  expect(waiting).not.toHaveProperty('startedAt');
  client.clock.advance(60_000);
  await expect.poll(async () => (await look()).startedAt, { interval: 20 }).toBeDefined();
  client.clock.advance(30_000);
  const running = await look();
  expect(Number(running.progress)).toBeGreaterThanOrEqual(50);
  expect(Number(running.progress)).toBeLessThan(100);
  expect(running).not.toHaveProperty('completedAt');
  expect(running).not.toHaveProperty('finishCode');
  client.clock.advance(30_000);
  await expect.poll(async () => (await look()).completedAt, { interval: 20 }).toBeDefined();
  expect(await look()).toMatchObject({ progress: '100', finishCode: '0' });
});

test('a completed job is purged, and then 404008 or 400031', async () => {
  for (const purgedJobCode of [404008, 400031] as const) {
    const client = await openClient({ pace: { keep: hour }, switches: { purgedJobCode } });
    const source = await client.published('Lines', file);
    const id = jobOf(await client.patch(source, [action('insert')], { payload: file }));
    await client.finished(id);
    client.clock.advance(hour + 1);
    expect((await client.on('GET', `/jobs/${id}`)).code).toBe(String(purgedJobCode));
    const other = jobOf(await client.patch(source, [action('insert')], { payload: file }));
    await client.finished(other);
    client.emulator.jobs.purge();
    expect((await client.on('GET', `/jobs/${other}`)).code).toBe(String(purgedJobCode));
    expect(client.emulator.jobs.log).toHaveLength(2);
  }
});

test('the spelling of the update type follows the switch', async () => {
  const client = await openClient({ switches: { updateJobType: 'updateUploadedFile' } });
  const source = await client.published('Lines', file);
  const job = await client.updated(source, [action('insert')], { payload: file });
  expect(job.type).toBe('updateUploadedFile');
});

test('jobs are listed for administrators, and read by who started them', async () => {
  const client = await openClient({ users: [loader, admin] });
  const source = await client.published('Lines', file);
  const id = jobOf(await client.patch(source, [action('insert')], { payload: file }));
  await client.finished(id);
  expect((await client.on('GET', '/jobs')).status).toBe(403);
  const boss = await signedIn(client.emulator, client.clock, { pat: admin.tokens[0] });
  const listed = async (filter: string) => {
    const { json } = await boss.on('GET', `/jobs?filter=${filter}`);
    return (json.backgroundJobs as { backgroundJob?: Body[] }).backgroundJob ?? [];
  };
  expect(await listed('jobType:eq:update_uploaded_file,status:eq:Success')).toMatchObject([{ id }]);
  expect(await listed('jobType:eq:refresh_extracts')).toEqual([]);
  const strict = await openClient({ users: [loader], switches: { ownJobsReadable: false } });
  const other = await strict.published('Lines', file);
  const hidden = jobOf(await strict.patch(other, [action('insert')], { payload: file }));
  expect((await strict.on('GET', `/jobs/${hidden}`)).status).toBe(403);
});

const refresh = (client: Client, id: string, kind = 'datasources') =>
  client.on('POST', `/${kind}/${id}/refresh`, { xml: '<tsRequest/>' });

test('a refresh is queued once; a second one meanwhile is 409093', async () => {
  const client = await openClient();
  const extract = client.emulator.addExtract({ name: 'From Desktop' });
  const first = await refresh(client, extract);
  expect(first.json.job).toMatchObject({
    type: 'RefreshExtract',
    extractRefreshJob: { datasource: { id: extract } },
  });
  expect(await refresh(client, extract)).toMatchObject({ status: 409, code: '409093' });
  expect(await client.finished(jobOf(first))).toMatchObject({ finishCode: '0' });
  expect((await refresh(client, extract)).status).toBe(202);
});

test('a refresh through Bridge ends with finishCode 3', async () => {
  const client = await openClient();
  const extract = client.emulator.addExtract({ name: 'Behind the wall', bridge: true });
  expect(await client.finished(jobOf(await refresh(client, extract)))).toMatchObject({ finishCode: '3' });
});

test('a source that is live to Hyper has nothing to refresh', async () => {
  const client = await openClient();
  const source = await client.published('Lines', file);
  expect(await refresh(client, source)).toMatchObject({ status: 409, code: '409090' });
  const strict = await openClient({ switches: { notRefreshableCode: 400000 } });
  expect((await refresh(strict, await strict.published('Lines', file))).code).toBe('400000');
});

test('a workbook with extracts is refreshed like a source, one without is not', async () => {
  const client = await openClient();
  const with_ = client.emulator.addWorkbook({ name: 'With' });
  const without = client.emulator.addWorkbook({ name: 'Without', hasExtracts: false });
  const job = await client.finished(jobOf(await refresh(client, with_, 'workbooks')));
  expect(job.extractRefreshJob).toMatchObject({ workbook: { id: with_ } });
  expect((await refresh(client, without, 'workbooks')).code).toBe('409090');
});

test('the 61st refresh of an hour is 429000 and tells the minutes', async () => {
  const client = await openClient({ pace: { queue: hour * 2, run: 0 } });
  for (let count = 0; count < 60; count += 1)
    expect((await refresh(client, client.emulator.addExtract({ name: `E${count}` }))).status).toBe(202);
  const last = await refresh(client, client.emulator.addExtract({ name: 'One more' }));
  expect(last).toMatchObject({ status: 429, code: '429000' });
  expect(last.text).toMatch(/'api\.rest\.refresh_extracts'\. Please retry after (59|60) minutes/);
  expect(last.headers.get('retry-after')).toBeNull();
});

test('job queries of a Cloud site are capped per day', async () => {
  const client = await openClient({ quotas: { jobs: 2 } });
  const probe = () => client.on('GET', '/jobs/none');
  await probe();
  await probe();
  expect((await probe()).status).toBe(429);
});

test('a waiting refresh can be cancelled, an update cannot', async () => {
  const client = await openClient({ rate: 1, pace: { queue: 1_000 } });
  const extract = client.emulator.addExtract({ name: 'From Desktop' });
  const id = jobOf(await refresh(client, extract));
  expect((await client.on('PUT', `/jobs/${id}`)).status).toBe(200);
  expect((await client.on('GET', `/jobs/${id}`)).json.job).toMatchObject({ finishCode: '2' });
  const source = await client.published('Lines', file);
  const update = jobOf(await client.patch(source, [action('insert')], { payload: file }));
  expect((await client.on('PUT', `/jobs/${update}`)).status).toBe(400);
});

const daily = {
  schedule: {
    frequency: 'Daily',
    frequencyDetails: { start: '06:00:00', intervals: { interval: [{ hours: '24' }] } },
  },
};

test('Cloud keeps refresh tasks with their own timing', async () => {
  const client = await openClient();
  const extract = client.emulator.addExtract({ name: 'From Desktop' });
  const extractRefresh = { type: 'FullRefresh', datasource: { id: extract } };
  const made = await client.on('POST', '/tasks/extractRefreshes', { json: { extractRefresh, ...daily } });
  expect(made.json).toMatchObject({
    extractRefresh: { type: 'FullRefresh', datasource: { id: extract } },
    schedule: { frequency: 'Daily' },
  });
  const id = (made.json.extractRefresh as { id: string }).id;
  const hourly = {
    schedule: {
      frequency: 'Hourly',
      frequencyDetails: { start: '06:00:00', intervals: { interval: [{ minutes: '30' }] } },
    },
  };
  const wrong = await client.on('POST', `/tasks/extractRefreshes/${id}`, { json: hourly });
  expect(wrong.code).toBe('409004');
  expect((await client.on('POST', `/tasks/extractRefreshes/${id}`, { json: daily })).status).toBe(200);
  const listed = await client.on('GET', '/tasks/extractRefreshes');
  expect(listed.json.tasks).toMatchObject({ task: [{ extractRefresh: { id } }] });
  const run = await client.on('POST', `/tasks/extractRefreshes/${id}/runNow`, { xml: '<tsRequest/>' });
  expect(run.json.job).toMatchObject({ type: 'RefreshExtract' });
  expect((await client.on('DELETE', `/tasks/extractRefreshes/${id}`)).status).toBe(204);
  expect((await client.on('GET', '/tasks/extractRefreshes')).json.tasks).toEqual({});
});

test('Server has schedules that content joins, and no tasks to create', async () => {
  const client = await openClient({ kind: 'server' });
  const extract = client.emulator.addExtract({ name: 'From Desktop', site: '' });
  const { json } = await client.call('GET', '/schedules');
  const { schedule } = json.schedules as { schedule: { id: string; type: string }[] };
  const of = (type: string) => schedule.find((one) => one.type === type)?.id ?? '';
  const task = { json: { task: { extractRefresh: { datasource: { id: extract } } } } };
  const added = await client.on('PUT', `/schedules/${of('Extract')}/datasources`, task);
  expect(added.json.task).toMatchObject({ extractRefresh: { datasource: { id: extract } } });
  expect((await client.on('PUT', `/schedules/${of('Subscription')}/datasources`, task)).code).toBe('409004');
  const extracts = await client.on('GET', `/schedules/${of('Extract')}/extracts`);
  expect(extracts.json.extracts).toMatchObject({ extract: [{ datasource: { id: extract } }] });
  const create = await client.on('POST', '/tasks/extractRefreshes', { json: daily });
  expect(create.status).toBe(404);
});

test('Cloud has no schedules; the switch decides between 404 and 405', async () => {
  const client = await openClient();
  expect((await client.call('GET', '/schedules')).status).toBe(404);
  const strict = await openClient({ switches: { wrongKindStatus: 405 } });
  expect((await strict.call('GET', '/schedules')).code).toBe('405000');
});

test('scripted faults answer instead of the server', async () => {
  const client = await openClient();
  client.emulator.faults.add(
    { path: /projects/, does: { kind: 'answer', status: 503, body: 'busy' } },
    { path: /fileUploads/, does: { kind: 'cut', when: 'before' } },
  );
  expect((await client.on('GET', '/projects')).status).toBe(503);
  await expect(client.on('POST', '/fileUploads')).rejects.toThrow();
  expect((await client.on('GET', '/projects')).status).toBe(200);
});
