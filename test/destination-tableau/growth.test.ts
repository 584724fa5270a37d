// Growth, generations and costs: what is published over, what is only updated, and how many calls each takes.
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { grown } from '../../destination-tableau/layout/fit.ts';
import { temporaryFolder } from '../program.ts';
import { audited, catalog, complete, openOffice, row, state, warnings } from './office.ts';

const text = { type: ['null', 'string'] };
const amount = { type: ['null', 'number'], 'x-role': 'amount' };
const lines = { type: ['null', 'array'], items: { type: 'object', properties: { amount } } };
const notes = (properties: Record<string, unknown>) =>
  catalog({ notes: { properties: { id: text, ...properties } } });

test('a source grows by columns and by tables, keeps its rows and its LUID, and warns of what is lost', async () => {
  const office = await openOffice();
  await office.write([row('notes', { id: 'a', total: 1 }), complete('notes')], notes({ total: amount }));
  const [before] = office.emulator.sources();
  const grownUp = notes({ total: amount, text, lines });
  const messages = await office.write(
    [row('notes', { id: 'b', total: 2, text: 'x', lines: [{ amount: 3 }] }), complete('notes')],
    grownUp,
  );
  const [after] = office.emulator.sources();
  expect(after).toMatchObject({ id: before?.id, revisions: 2 });
  expect(warnings(messages).join('\n')).toMatch(/calculated fields.*are lost/);
  expect(await office.emulator.rows('notes', 'notes', 'SELECT "id", "text" FROM {table} ORDER BY 1')).toEqual(
    [
      { id: 'a', text: null },
      { id: 'b', text: 'x' },
    ],
  );
  expect(await office.emulator.rows('notes', 'notes_lines', 'SELECT "id", "amount" FROM {table}')).toEqual([
    { id: 'b', amount: '3.0000' },
  ]);
  // The narrower plan fits what is there: nothing is looked at, nothing is published.
  office.newJobs();
  const downloads = office.downloads();
  await office.write([row('notes', { id: 'c', total: 3 }), complete('notes')], notes({ total: amount }));
  expect([office.newJobs(), office.downloads()]).toEqual([['update'], downloads]);
});

test.each([{ kind: 'truncate' }, { kind: 'cut', when: 'after' }] as const)(
  'a download that is lost by %o is asked for again, and leaves nothing behind',
  async (does) => {
    const office = await openOffice();
    const folder = await temporaryFolder();
    await office.write([row('notes', { id: 'a' }), complete('notes')], notes({}));
    office.emulator.faults.add({ path: /\/content/, does });
    const grownUp = notes({ text });
    await office.write([row('notes', { id: 'b', text: 'x' }), complete('notes')], grownUp, {
      working_folder: folder,
    });
    expect(office.downloads()).toBe(2);
    expect(await office.emulator.rows('notes', 'notes', 'SELECT "id" FROM {table} ORDER BY 1')).toEqual([
      { id: 'a' },
      { id: 'b' },
    ]);
    expect(await readdir(folder)).toEqual([]);
  },
);

test('a source whose tags were taken away is looked into once, and tagged again', async () => {
  const office = await openOffice();
  await office.write([row('notes', { id: 'a' }), complete('notes')], notes({}));
  const [source] = office.emulator.sources();
  expect(source?.tags.length).toBeGreaterThan(1);
  const inner = office.emulator.sources()[0];
  // A person tidies up.
  const { pat } = office.emulator.config;
  const sign = await fetch(`${office.emulator.url}/api/3.29/auth/signin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      credentials: {
        personalAccessTokenName: pat.name,
        personalAccessTokenSecret: pat.secret,
        site: { contentUrl: 'books' },
      },
    }),
  });
  const { credentials } = (await sign.json()) as { credentials: { token: string; site: { id: string } } };
  for (const tag of source?.tags ?? [])
    await fetch(
      `${office.emulator.url}/api/3.29/sites/${credentials.site.id}/datasources/${inner?.id}/tags/${tag}`,
      {
        method: 'DELETE',
        headers: { 'x-tableau-auth': credentials.token, accept: 'application/json' },
      },
    );
  expect(office.emulator.sources()[0]?.tags).toEqual([]);
  for (const id of ['b', 'c']) await office.write([row('notes', { id }), complete('notes')], notes({}));
  expect(office.downloads()).toBe(1);
  expect(office.emulator.sources()[0]).toMatchObject({ revisions: 1, tags: source?.tags });
});

test('a column that became wider than 18 digits asks for file version 3, once', async () => {
  const office = await openOffice();
  const money = notes({ total: amount });
  await office.write([row('notes', { id: 'a', total: 1.5 }), complete('notes')], money);
  const wide =
    '{"type":"RECORD","record":{"stream":"notes","data":{"id":"b","total":12345678901234567890.12},"emitted_at":1767225600000}}\n';
  await office.write([wide, complete('notes')], money);
  await office.write([row('notes', { id: 'c', total: 2.25 }), complete('notes')], money);
  const rows = await office.emulator.rows('notes', 'notes', 'SELECT "id", "total" FROM {table} ORDER BY 1');
  expect(rows.map(({ id, total }) => [id, String(total).replace(/0+$/, '')])).toEqual([
    ['a', '1.5'],
    ['b', '12345678901234567890.12'],
    ['c', '2.25'],
  ]);
  expect(office.emulator.sources()[0]?.revisions).toBe(2);
});

test('on a server that reads version 2 alone, a wide column becomes a floating one', async () => {
  const office = await openOffice({ version: '3.15', fileVersion: 2 });
  const wide =
    '{"type":"RECORD","record":{"stream":"notes","data":{"id":"b","total":12345678901234567890.12},"emitted_at":1767225600000}}\n';
  await office.write([wide, complete('notes')], notes({ total: amount }));
  const [found] = await office.emulator.rows('notes', 'notes', 'SELECT "total" FROM {table}');
  expect(Number(found?.total) / 12_345_678_901_234_567_000).toBeCloseTo(1, 12);
});

test('what is there and what is wanted become tables that hold both', () => {
  const column = (name: string, type: string) => ({ name, type, required: false });
  const table = (...columns: ReturnType<typeof column>[]) => [{ name: 't', columns, key: [], links: [] }];
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['numeric(18,4)', 'numeric(18,4)', 'numeric(18,4)'],
    ['numeric(24,4)', 'numeric(18,4)', 'numeric(24,4)'],
    ['numeric(18,4)', 'numeric(24,6)', 'numeric(24,6)'],
    ['numeric(18,9)', 'numeric(18,4)', 'numeric(23,9)'],
    ['bigint', 'numeric(18,4)', 'numeric(23,4)'],
    ['bigint', 'text', 'text'],
    ['date', 'text', 'text'],
    ['text', 'date', undefined],
    ['boolean', 'bigint', undefined],
    ['numeric(38,0)', 'numeric(38,38)', undefined],
  ];
  for (const [there, wish, result] of cases) {
    const grow = () => grown(table(column('c', there)), table(column('c', wish)), { source: 's' });
    if (result === undefined) expect(grow, `${there} ${wish}`).toThrow(/delete the data source/);
    else expect(grow().tables[0]?.columns[0]?.type, `${there} ${wish}`).toBe(result);
  }
});

test('rows of older generations go once a refresh is complete', async () => {
  const office = await openOffice();
  const generation = (id: number) => {
    const { streams } = notes({ lines });
    return {
      streams: streams.map((stream) => ({
        ...stream,
        generation_id: id,
        minimum_generation_id: id,
        sync_id: id,
      })),
    };
  };
  const record = (id: string) => row('notes', { id, lines: [{ amount: 1 }] });
  await office.write([record('a'), record('b'), complete('notes')], generation(1));
  await office.write([record('b'), record('c'), complete('notes')], generation(2));
  for (const table of ['notes', 'notes_lines'])
    expect(await office.emulator.rows('notes', table, 'SELECT "id" FROM {table} ORDER BY 1')).toEqual([
      { id: 'b' },
      { id: 'c' },
    ]);
});

test('a table that is replaced by more rows than an update takes is published over, whole', async () => {
  const office = await openOffice();
  const replaced = catalog({ notes: { properties: { id: text, text, lines }, mode: 'overwrite' } });
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      row('notes', {
        id: `n${from + index}`,
        text: `${Math.random()}${Math.random()}${Math.random()}`,
        lines: [{ amount: index }],
      }),
    );
  await office.write([...many(0, 3), complete('notes')], replaced);
  office.newJobs();
  await office.write([...many(10, 8000), complete('notes')], replaced, { update_megabytes: 0.25 });
  expect(office.newJobs()).toEqual(['publish']);
  for (const table of ['notes', 'notes_lines']) {
    const [found] = await office.emulator.rows('notes', table, 'SELECT count(*) AS n FROM {table}');
    expect(Number(found?.n)).toBe(8000);
  }
}, 60_000);

test('publishes and updates of a run are as many as sources that changed, with one listing and one sign-in', async () => {
  const office = await openOffice();
  const names = ['one', 'two', 'three'];
  const streams = catalog(Object.fromEntries(names.map((name) => [name, { properties: { id: text } }])));
  const run = (...changed: string[]) =>
    office.write(
      [...changed.map((name) => row(name, { id: 'a' })), state('one', 1), ...names.map(complete)],
      streams,
    );
  await run(...names);
  expect(office.newJobs()).toEqual(['publish', 'publish', 'publish']);
  for (const changed of [['two'], ['one', 'three'], []]) {
    const before = office.emulator.requests.length;
    const messages = await run(...changed);
    const requests = office.emulator.requests.slice(before);
    const count = (method: string, path: RegExp) =>
      requests.filter((request) => request.method === method && path.test(request.url.pathname)).length;
    expect(office.newJobs()).toEqual(changed.map(() => 'update'));
    expect(audited(messages)).toHaveLength(changed.length);
    expect(count('PATCH', /\/data$/)).toBe(changed.length);
    expect(count('POST', /\/auth\/signin$/)).toBe(changed.length > 0 ? 1 : 0);
    expect(count('GET', /\/datasources$/)).toBe(changed.length > 0 ? 1 : 0);
    expect(count('GET', /\/projects$/)).toBe(changed.length > 0 ? 1 : 0);
  }
});
