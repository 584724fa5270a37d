// What is done in Looker after a load: schedules, dashboards, the datagroup, and the proof.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { connect } from '../../destination-looker/api.ts';
import { generate } from '../../destination-looker/publish/generate.ts';
import { readBack } from '../../destination-looker/publish/read-back.ts';
import { catalogs, tablesOf } from './model-setup.ts';
import { logged, publicationFor } from './publish-setup.ts';
import { openPublishWorld, type PublishWorld } from './publish-world.ts';

/** Nothing is read back unless a test is about that. */
const quiet = { after_commit: { trigger_datagroup: false, read_back: 'none' } };

const absent = { name: 'Absent', type: { kind: 'text' }, path: ['Absent'] } as const;

const mail = {
  name: 'Monday ageing',
  dashboard: 'finance',
  type: 'email',
  address: 'cfo@example.com',
  format: 'wysiwyg_pdf',
  crontab: '0 7 * * 1',
};

const bucket = {
  name: 'Spend to S3',
  explore: 'purchase_bills',
  fields: ['contacts.name', 'bills_line_items.spend'],
  filters: 'bills.status=AUTHORISED',
  type: 's3',
  address: 's3://finance/looker/',
  format: 'csv',
  user: 'AKIA1',
  secret: 'hunter2hunter2',
  region: 'eu-west-1',
  run_once: true,
};

const changes = (world: PublishWorld, from: number): readonly string[] =>
  world.looker.requests
    .slice(from)
    .filter(({ method, url }) => method !== 'GET' && url.pathname.includes('scheduled_plans'))
    .map(({ method, url }) => `${method} ${url.pathname.replace('/api/4.0', '')}`);

test('schedules are created once, found again by name, and changed where they differ', async () => {
  const world = await openPublishWorld();
  const run = await world.run({ config: { ...quiet, schedules: [mail] } });
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(world.looker.plans()).toMatchObject([
    {
      name: 'Monday ageing',
      lookml_dashboard_id: 'ledgerpipe::finance',
      crontab: '0 7 * * 1',
      scheduled_plan_destination: [{ type: 'email', address: 'cfo@example.com', format: 'wysiwyg_pdf' }],
    },
  ]);
  let from = world.looker.requests.length;
  await world.run({ config: { ...quiet, schedules: [mail] } });
  expect(changes(world, from)).toEqual([]);
  from = world.looker.requests.length;
  const { crontab: _, ...onDatagroup } = mail;
  const changed = await world.run({
    config: { ...quiet, schedules: [{ ...onDatagroup, address: 'ceo@example.com' }] },
  });
  expect(changed.error).toBeUndefined();
  expect(changes(world, from)).toEqual(['PATCH /scheduled_plans/1']);
  expect(world.looker.plans()).toMatchObject([
    {
      crontab: null,
      datagroup: 'ledgerpipe::ledgerpipe',
      scheduled_plan_destination: [{ address: 'ceo@example.com' }],
    },
  ]);
});

test('a delivery of an explore to S3 runs once after each load, and its secret is said nowhere', async () => {
  const world = await openPublishWorld();
  const first = await world.run({ config: { ...quiet, schedules: [bucket] } });
  expect([first.error, first.warnings]).toEqual([undefined, []]);
  await world.run({ config: { ...quiet, schedules: [bucket] } });
  expect(world.looker.plans()).toHaveLength(1);
  expect(world.looker.deliveries).toMatchObject([
    { plan: 'Spend to S3', type: 's3', address: 's3://finance/looker/', why: 'run once' },
    { plan: 'Spend to S3', type: 's3', why: 'run once' },
  ]);
  expect(world.looker.deliveries[0]?.content).toMatch(/Acme,100/);
  expect(JSON.stringify([world.looker.plans(), first.messages])).not.toContain('hunter2');
});

test('a plan on the datagroup is delivered by the load itself', async () => {
  const world = await openPublishWorld();
  const { crontab: _, ...onDatagroup } = mail;
  const config = { after_commit: { trigger_datagroup: true, read_back: 'none' }, schedules: [onDatagroup] };
  await world.run({ config });
  const before = world.looker.deliveries.length;
  world.clock.advance(60_000);
  await world.run({ config });
  await world.looker.maintain();
  expect(world.looker.deliveries.length).toBeGreaterThan(before);
});

test('a plan that Looker refuses is a config error with its words', async () => {
  const world = await openPublishWorld();
  const run = await world.run({ config: { ...quiet, schedules: [{ ...mail, crontab: 'daily' }] } });
  expect(run.error).toMatch(/^Cannot create the scheduled plan "Monday ageing": Looker said ".*crontab/);
});

test('a plan over a Look needs no model, and one that follows a datagroup says that it does', async () => {
  const world = await openPublishWorld();
  const look = { name: 'Look', look_id: '7', type: 'email', address: 'cfo@example.com', format: 'csv' };
  const without = (schedule: object) => ({ config: { ...quiet, model: undefined, schedules: [schedule] } });
  expect((await world.run(without({ ...look, crontab: '0 7 * * *' }))).error).toBeUndefined();
  expect(world.looker.plans()).toMatchObject([{ name: 'Look', look_id: '7', require_results: false }]);
  expect((await world.run(without({ ...look, name: 'Other' }))).error).toMatch(
    /^Cannot create the scheduled plan "Other": it needs a model/,
  );
});

test('a dashboard is imported once, and again only when it changed', async () => {
  const world = await openPublishWorld();
  const model = { dashboards: 'import' };
  const imports = () =>
    world.looker.requests.filter(
      ({ method, url }) => method === 'POST' && url.pathname.endsWith('/dashboards/lookml'),
    ).length;
  const run = await world.run({ model, config: quiet });
  expect([run.error, run.warnings]).toEqual([undefined, []]);
  expect(imports()).toBe(1);
  await world.run({ model, config: quiet });
  expect(imports()).toBe(1);
  await world.run({ model: { ...model, label: 'Ledger' }, config: quiet });
  expect(imports()).toBe(2);
});

test.each([422, 400] as const)(
  'a clock ahead of Looker (%s) triggers the datagroup at the time of Looker',
  async (futureTimeStatus) => {
    const began = Date.now();
    const world = await openPublishWorld({ switches: { futureTimeStatus } });
    await world.run({ config: quiet });
    const run = await world.run({
      config: { after_commit: { trigger_datagroup: true, read_back: 'none' } },
      ahead: 3_600_000,
    });
    expect([run.error, run.warnings]).toEqual([undefined, []]);
    const [group] = world.looker.datagroups();
    expect(group?.triggeredAt).toBeLessThanOrEqual(world.clock.now() / 1000);
    expect(group?.triggeredAt).toBeGreaterThan(began / 1000 - 1);
  },
);

test('a table that the connection may not read ends the run with the words of the database', async () => {
  const world = await openPublishWorld();
  await world.run({ config: quiet });
  await world.postgres.query(`REVOKE SELECT ON ledger.contacts FROM ${world.postgres.reader.user}`);
  const TenantID = '8c4f3a50-0000-4000-8000-000000000001';
  const run = await world.run({ records: { contacts: [{ TenantID, ContactID: 'c2', Name: 'Beta' }] } });
  expect(run.error).toMatch(
    /^Cannot read table "contacts" back through the explore "contacts": Looker said ".*permission denied for table contacts/,
  );
});

test('rows and columns that Looker does not see are told as a warning', async () => {
  const world = await openPublishWorld();
  await world.run({ config: quiet });
  const api = connect({ looker: world.settings, clock: world.clock });
  const said: Message[] = [];
  const publication = publicationFor({ folder: world.folder, looker: world.settings, api, said });
  const [bills] = tablesOf({ streams: catalogs.xero().streams.filter(({ name }) => name === 'bills') });
  if (!bills) throw new Error('There is no table "bills"');
  const plan = { ...bills.plan, columns: [...bills.plan.columns, { ...absent }] };
  const loaded = [{ plan, table: 'bills', schema: 'ledger', rows: 5 }];
  const { model } = generate(
    { ...publication, loaded: [{ ...loaded[0], plan: bills.plan }] as typeof loaded },
    [],
  );
  await readBack({ ...publication, loaded, model });
  await api.close();
  expect(logged(said).map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ table: 'bills', rows: 5, rows_in_looker: 1, columns_missing: ['Absent'] }),
  ]);
  expect(said).toMatchObject([{ log: { level: 'WARN' } }]);
});

test('an edition with a monthly quota is asked for the tables people look at, and no more', async () => {
  const world = await openPublishWorld({ edition: 'standard' });
  const config = { after_commit: { trigger_datagroup: false, read_back: 'looker' } };
  const run = await world.run({ config, looker: { edition: 'standard' } });
  const proofs = run.info.filter((line) => line.includes('read back through Looker'));
  expect(run.error).toBeUndefined();
  expect(proofs.length).toBeGreaterThan(0);
  expect(proofs.length).toBeLessThanOrEqual(8);
  expect(proofs[0]).toContain('purchase_bills');
});
