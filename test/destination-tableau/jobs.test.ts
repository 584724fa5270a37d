// Jobs: followed to their end, whatever Tableau forgets or leaves unsaid, and told in one line each.
import { expect, test } from 'vitest';
import { audited, catalog, complete, openOffice, row, state, statesIn, warnings } from './office.ts';

const text = { type: ['null', 'string'] };
const notes = catalog({ notes: { properties: { id: text } } });
const note = (id: string) => [row('notes', { id }), state('notes', 1), complete('notes')];
const ids = 'SELECT "id" FROM {table} ORDER BY 1';

test('each publish and update is one line with job, code, rows, bytes and batches', async () => {
  const office = await openOffice();
  const [created] = audited(await office.write(note('a'), notes));
  const [updated] = audited(await office.write(note('b'), notes));
  const [source] = office.emulator.sources();
  expect(created).toMatchObject({
    event: 'data source published',
    outcome: 'done',
    site: 'books',
    project: 'Default',
    data_source: 'notes',
    data_source_id: source?.id,
    type: 'publishdatasource',
    finish_code: 0,
    rows: 1,
    actions: ['publish'],
  });
  expect(updated).toMatchObject({
    event: 'data source updated',
    outcome: 'done',
    request_id: office.emulator.jobs.log.at(-1)?.requestId,
    job: office.emulator.jobs.log.at(-1)?.id,
    type: 'updateuploadedfile',
    finish_code: 0,
    notes: 'Updated 1 rows',
    rows: 1,
    actions: ['upsert notes'],
    batches: [{ stream: 'notes', table: 'notes', batch: expect.stringMatching(/^[0-9a-f]{32}$/) }],
  });
  expect(updated?.bytes).toBeGreaterThan(0);
});

test('a job that was purged counts as done when the data source has changed since', async () => {
  const office = await openOffice();
  await office.write(note('a'), notes);
  office.clock.advance(60_000);
  office.emulator.jobs.setPace({ keep: 0 });
  const messages = await office.write(note('b'), notes);
  expect(statesIn(messages)).toBe(1);
  expect(audited(messages).at(-1)).toMatchObject({
    outcome: 'unconfirmed',
    evidence: expect.stringContaining('was updated'),
  });
  expect(await office.emulator.rows('notes', 'notes', ids)).toEqual([{ id: 'a' }, { id: 'b' }]);
});

for (const purgedJobCode of [404008, 400031] as const)
  test(`a purged job (${purgedJobCode}) without a trace is sent again, then taken or refused as the setting says`, async () => {
    const office = await openOffice({ switches: { purgedJobCode } });
    await office.write(note('a'), notes);
    office.emulator.jobs.setPace({ keep: 0 });
    // These end without having done anything, and are forgotten.
    for (let number = 0; number < 4; number += 1) office.emulator.jobs.failNext({ finishCode: 1 }, 'update');
    const accepted = await office.write(note('b'), notes, { purged_jobs: 'accept' });
    expect(statesIn(accepted)).toBe(1);
    expect(audited(accepted).at(-1)).toMatchObject({
      outcome: 'unconfirmed',
      evidence: expect.stringContaining('no change'),
    });
    await expect(office.write(note('c'), notes)).rejects.toThrow(/Tableau forgot the job/);
    const requests = office.emulator.requests.filter(({ method }) => method === 'PATCH');
    expect(new Set(requests.map(({ headers }) => headers.requestid)).size).toBe(4);
  });

test('an update that ends with finishCode 3, which is for Bridge, counts only when the data source has changed', async () => {
  const office = await openOffice();
  await office.write(note('a'), notes);
  // It ends without having done anything: once, and the second attempt brings the rows.
  office.emulator.jobs.failNext({ finishCode: 3 }, 'update');
  expect(statesIn(await office.write(note('b'), notes))).toBe(1);
  expect(await office.emulator.rows('notes', 'notes', ids)).toEqual([{ id: 'a' }, { id: 'b' }]);
  for (let number = 0; number < 4; number += 1) office.emulator.jobs.failNext({ finishCode: 3 }, 'update');
  await expect(office.write(note('c'), notes)).rejects.toThrow(/ended with code 3.*no change is to be seen/);
  const accepted = await office.write(note('d'), notes, { purged_jobs: 'accept' });
  expect(audited(accepted).at(-1)).toMatchObject({ outcome: 'unconfirmed', finish_code: 3 });
});

test('a failed job is tried once more under a new RequestID, and then told with its notes', async () => {
  const office = await openOffice();
  await office.write(note('a'), notes);
  office.emulator.jobs.failNext(
    { finishCode: 1, notes: 'server closed the connection (SQLSTATE 08006)' },
    'update',
  );
  expect(statesIn(await office.write(note('b'), notes))).toBe(1);
  for (let number = 0; number < 2; number += 1) office.emulator.jobs.failNext({ finishCode: 1 }, 'update');
  await expect(office.write(note('c'), notes)).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringMatching(/Tableau gave no reason \(job ".*", code 1\)/),
  });
  for (let number = 0; number < 2; number += 1)
    office.emulator.jobs.failNext(
      { finishCode: 1, notes: 'source table does not exist', errorCode: 410012 },
      'update',
    );
  await expect(office.write(note('d'), notes)).rejects.toThrow(/source table does not exist.*code 410012/);
  expect(await office.emulator.rows('notes', 'notes', ids)).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test('a job that does not end in time is an error, and no state comes back', async () => {
  const office = await openOffice({ pace: { run: 600_000 } });
  await expect(office.write(note('a'), notes, { job_minutes: 1 })).rejects.toThrow(
    /has not ended within 1 minutes/,
  );
});

test('dependents are refreshed after a change; one that is queued is good, others are told with a hint', async () => {
  const office = await openOffice({ kind: 'server' });
  const extract = office.emulator.addExtract({ name: 'Summary' });
  const workbook = office.emulator.addWorkbook({ name: 'Board', hasExtracts: false });
  office.emulator.jobs.setPace({ queue: 5_000 });
  const refresh = [
    { kind: 'datasource', id: extract },
    { kind: 'datasource', id: extract },
    { kind: 'workbook', id: workbook },
  ];
  const messages = await office.write(note('a'), notes, { refresh });
  expect(statesIn(messages)).toBe(1);
  const outcomes = audited(messages).filter(({ event }) => event === 'dependent refreshed');
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['started', 'queued', 'failed']);
  expect(warnings(messages).join('\n')).toMatch(/add it to an extract refresh schedule of the server/);
  const idle = await office.write([complete('notes')], notes, { refresh });
  expect(audited(idle)).toEqual([]);
});

test('the hourly quota of a site is waited for, not run into', async () => {
  const office = await openOffice({ quotas: { publish: 3 }, rate: 2000 });
  const many = Array.from({ length: 5 }, (_, index) => `s${index}`);
  const streams = catalog(Object.fromEntries(many.map((name) => [name, { properties: { id: text } }])));
  const messages = await office.write(
    [...many.map((name) => row(name, { id: 'a' })), ...many.map(complete)],
    streams,
    { updates_per_hour: 3 },
  );
  expect(office.emulator.sources()).toHaveLength(5);
  expect(office.emulator.requests.filter(({ status }) => status === 429)).toEqual([]);
  expect(messages.some((message) => message.type === 'LOG' && /Waits until/.test(message.log.message))).toBe(
    true,
  );
}, 60_000);
