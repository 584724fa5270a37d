// From rows to a model in production: by webhook, by API and by the file endpoints; once, again, and when it fails.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openPublishWorld, type PublishWorld, type Run, region } from './publish-world.ts';

const git = promisify(execFile);

const spend = ({ looker }: PublishWorld) =>
  looker.query({
    model: 'ledgerpipe',
    view: 'purchase_bills',
    fields: ['bills_line_items.tracking_region', 'bills_line_items.spend'],
  });

const proofs = ({ info }: Run): readonly Record<string, unknown>[] =>
  info
    .filter((line) => line.includes('read back through Looker'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const north = [{ 'bills_line_items.tracking_region': 'North', 'bills_line_items.spend': '100' }];
const trimmed = (rows: readonly Record<string, unknown>[]) =>
  rows.map((row) => ({ ...row, 'bills_line_items.spend': String(Number(row['bills_line_items.spend'])) }));

test('one run by webhook: tables, model, configuration, tracking, datagroup and proof', async () => {
  const world = await openPublishWorld();
  const run = await world.run();
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(world.looker.lookml('ledgerpipe').problems).toEqual([]);
  expect(trimmed(await spend(world))).toEqual(north);
  const [datagroup] = world.looker.datagroups();
  expect(datagroup).toMatchObject({ model: 'ledgerpipe', name: 'ledgerpipe' });
  expect(datagroup?.triggeredAt).toBeGreaterThan(0);
  expect(
    proofs(run).map(({ table, rows, rows_in_looker, columns_missing }) => ({
      table,
      rows,
      rows_in_looker,
      columns_missing,
    })),
  ).toEqual(
    expect.arrayContaining([
      { table: 'bills_LineItems', rows: 1, rows_in_looker: 1, columns_missing: [] },
      { table: 'tracking_categories', rows: 1, rows_in_looker: 1, columns_missing: [] },
    ]),
  );
  expect(proofs(run).find(({ table }) => table === 'bills_LineItems')?.sums).toEqual({
    'bills_line_items.spend_home': 100,
  });
});

test('a second run with the same streams changes nothing in git and deploys nothing', async () => {
  const world = await openPublishWorld();
  await world.run();
  const heads = async () =>
    (await git('git', ['-C', world.looker.gitUrl('ledgerpipe'), 'for-each-ref'])).stdout;
  const before = await heads();
  const spent = world.looker.quotaCalls();
  const requests = world.looker.requests.length;
  // Most streams bring no rows this time, and are part of the model all the same.
  const run = await world.run({ records: { tracking_categories: [region] } });
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(await heads()).toBe(before);
  const paths = world.looker.requests.slice(requests).map(({ method, url }) => `${method} ${url.pathname}`);
  expect(paths.filter((path) => /deploy|validate|git_branch|lookml_models/.test(path))).toEqual([]);
  // Datagroups, their change, and the columns of the tables.
  expect(world.looker.quotaCalls().non_query - spent.non_query).toBe(3);
});

test('a run without proof costs two calls of administration and one query', async () => {
  const world = await openPublishWorld();
  const config = { after_commit: { trigger_datagroup: true, read_back: 'none' } };
  await world.run({ config });
  const before = world.looker.quotaCalls();
  await world.run({ config });
  const after = world.looker.quotaCalls();
  expect([after.non_query - before.non_query, after.db_query - before.db_query]).toEqual([2, 1]);
});

test('a tracking category of any name is a harmless label, and its options are values', async () => {
  const world = await openPublishWorld();
  const Name = "{{ 7 }}'; DROP TABLE x; --";
  const run = await world.run({ records: { tracking_categories: [{ ...region, Name }] } });
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(world.looker.lookml('ledgerpipe').problems).toEqual([]);
  const view = world.looker.files('ledgerpipe').get('ledgerpipe/views/bills.view.lkml') ?? '';
  expect(view).toContain(`label: "{ { 7 } }'; DROP TABLE x; --"`);
  const rows = await world.looker.query({
    model: 'ledgerpipe',
    view: 'tracking_categories',
    fields: ['tracking_categories.name', 'tracking_categories.count'],
  });
  expect(rows).toEqual([{ 'tracking_categories.name': Name, 'tracking_categories.count': '1' }]);
});

test.each([false, true])(
  'through the API, where a reference needs advanced deploy mode: %s',
  async (deployRefNeedsAdvancedMode) => {
    const world = await openPublishWorld({ switches: { deployRefNeedsAdvancedMode } });
    const run = await world.run({ model: { deploy: 'api' } });
    expect([run.error, run.warnings]).toEqual([undefined, []]);
    expect(trimmed(await spend(world))).toEqual(north);
  },
);

test.each([false, true])(
  'through the file endpoints, with those for folders: %s',
  async (directoryEndpoints) => {
    const world = await openPublishWorld({ switches: { fileEndpoints: true, directoryEndpoints } });
    const model = { deploy: 'files', git_remote: undefined };
    const run = await world.run({ model });
    expect([run.error, run.warnings]).toEqual([undefined, []]);
    expect(trimmed(await spend(world))).toEqual(north);
    const requests = world.looker.requests.length;
    await world.run({ model });
    const written = world.looker.requests
      .slice(requests)
      .filter(({ method, url }) => method !== 'GET' && /\/files|directories/.test(url.pathname));
    expect(written).toEqual([]);
  },
);

test('without a deployment the files lie in a folder, and Looker is left as it is', async () => {
  const world = await openPublishWorld();
  const directory = join(world.folder, 'lookml');
  const model = { deploy: 'none', directory, project: undefined, git_remote: undefined };
  const config = { after_commit: { trigger_datagroup: false, read_back: 'none' } };
  const run = await world.run({ model, config });
  expect(run.error).toBeUndefined();
  expect((await readdir(join(directory, 'ledgerpipe', 'views'))).sort()).toEqual(
    ['accounts', 'bills', 'contacts', 'invoices', 'items', 'organisations', 'tracking_categories'].map(
      (stream) => `${stream}.view.lkml`,
    ),
  );
  expect(world.looker.files('ledgerpipe').size).toBe(0);
  expect(
    world.looker.requests.filter(
      ({ method, url }) => method !== 'GET' && !/login|logout|queries/.test(url.pathname),
    ),
  ).toEqual([]);
});

test('an instance without the file endpoints says so', async () => {
  const world = await openPublishWorld();
  const run = await world.run({ model: { deploy: 'files' } });
  expect(run.error).toMatch(
    /^Cannot write "ledgerpipe\/.*" of the LookML project "ledgerpipe" \(permission "develop"\)/,
  );
});

test('a session that ends in the middle is renewed, the development workspace too', async () => {
  const world = await openPublishWorld({ tokenLifetime: 30 });
  const run = await world.run({ model: { deploy: 'api' } });
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(trimmed(await spend(world))).toEqual(north);
});

test('a wrong webhook secret is a config error', async () => {
  const world = await openPublishWorld({ projects: [{ name: 'ledgerpipe', deploySecret: 'right' }] });
  const run = await world.run({ model: { webhook_secret: 'wrong' } });
  expect(run.error).toMatch(/check "model\.project" and "model\.webhook_secret"$/);
  expect((await world.run({ model: { webhook_secret: 'right' } })).error).toBeUndefined();
  expect(trimmed(await spend(world))).toEqual(north);
});

test('a run that dies between push and deployment is made good by the next', async () => {
  const world = await openPublishWorld();
  world.looker.faults.add({ path: /webhooks/, times: 10, does: { kind: 'answer', status: 500 } });
  const first = await world.run();
  expect(first.error).toMatch(/deploy the LookML project/);
  world.looker.faults.clear();
  expect((await world.run()).error).toBeUndefined();
  expect(trimmed(await spend(world))).toEqual(north);
});

test.each(['404', 'row'] as const)(
  'a model that is not configured (%s) is said to be, and the rows are safe',
  async (unconfiguredModel) => {
    const world = await openPublishWorld({ switches: { unconfiguredModel } });
    const run = await world.run({ model: { configure: false } });
    expect(run.error).toBeUndefined();
    expect(run.warnings.join('\n')).toMatch(/deploy and configure the model/);
  },
);

test('a model that belongs to another project is not taken over', async () => {
  const world = await openPublishWorld({ projects: [{ name: 'ledgerpipe' }, { name: 'theirs' }] });
  await world.looker.publish('theirs', { 'ledgerpipe.model.lkml': 'connection: "warehouse"\n' });
  const run = await world.run();
  expect(run.error).toBe(
    'Cannot configure the model "ledgerpipe": it belongs to the LookML project "theirs" and not to "ledgerpipe", choose another "model.name"',
  );
});

test("an error in somebody else's file is told and stops nothing", async () => {
  const world = await openPublishWorld();
  await world.looker.publish('ledgerpipe', {
    'theirs.view.lkml': 'view: theirs { dimension: a { type: nonsense } }\n',
  });
  const run = await world.run();
  expect(run.error).toBeUndefined();
  expect(run.warnings.join('\n')).toMatch(/has an error that is not Ledgerpipe's: .*theirs\.view\.lkml/);
  expect(trimmed(await spend(world))).toEqual(north);
});

test('a key without "deploy" is told what it lacks', async () => {
  const world = await openPublishWorld();
  world.looker.grant(['access_data', 'explore', 'see_looks', 'see_lookml', 'develop', 'manage_models']);
  const run = await world.run({ model: { deploy: 'api' } });
  expect(run.error).toMatch(/^Cannot deploy the LookML project "ledgerpipe" \(permission "deploy"\)/);
});
