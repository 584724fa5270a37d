// Content: dashboards from LookML, folders, scheduled plans with their rules and deliveries, query tasks.
import { expect, test } from 'vitest';
import { PROJECT, type Setup, setUp } from './looker-setup.ts';

const published = async (options: Parameters<typeof setUp>[0] = {}): Promise<Setup> => {
  const setup = await setUp(options);
  await setup.looker.publish('ledgerpipe', PROJECT);
  return setup;
};

const DASHBOARD = PROJECT['dashboards/finance.dashboard.lookml'];
const QUERY = { model: 'ledger', view: 'sales_invoices', fields: ['contacts.name', 'sales_invoices.total'] };

test('importing a dashboard again overwrites it by its slug', async () => {
  const { call } = await published();
  const first = (await call('POST', 'dashboards/lookml', { lookml: DASHBOARD })).json as { id: string };
  const again = await call('POST', 'dashboards/lookml', {
    lookml: DASHBOARD.replace('"Finance"', '"Money"'),
  });
  expect(again.json).toMatchObject({ id: first.id, title: 'Money', slug: 'FinanceLedgerpipe01' });
  expect((await call('GET', 'dashboards/search?slug=FinanceLedgerpipe01')).json).toHaveLength(1);
  const { dashboard_elements: elements } = again.json as {
    dashboard_elements: { query: object; query_id: string }[];
  };
  expect((await call('GET', `queries/${elements[0]?.query_id}/run/json`)).json).toHaveLength(3);
  expect((await call('POST', 'dashboards/lookml', { lookml: '- title: x' })).status).toBe(422);
  expect((await call('POST', 'dashboards/lookml', { lookml: DASHBOARD, folder_id: '99' })).status).toBe(422);
});

test('dashboards of a model are there by model and name, and are not changed through the API', async () => {
  const { call } = await published();
  expect((await call('GET', 'dashboards/ledger::finance')).json).toMatchObject({
    title: 'Finance',
    readonly: true,
  });
  expect((await call('PATCH', 'dashboards/ledger::finance', { title: 'x' })).status).toBe(405);
});

test('folders are made once under a parent', async () => {
  const { call } = await published();
  const body = { name: 'Finance', parent_id: '1' };
  const made = (await call('POST', 'folders', body)).json as { id: string };
  expect((await call('POST', 'folders', body)).status).toBe(409);
  expect((await call('GET', 'folders/search?name=Finance&parent_id=1')).json).toMatchObject([
    { id: made.id },
  ]);
});

const plan = (rest: object = {}): object => ({
  name: 'Morning',
  lookml_dashboard_id: 'ledger::finance',
  crontab: '0 6 * * 1-5',
  scheduled_plan_destination: [{ type: 'email', format: 'wysiwyg_pdf', address: 'cfo@example.com' }],
  ...rest,
});

const s3 = {
  type: 's3',
  format: 'csv',
  address: 's3://bucket/path/',
  parameters: JSON.stringify({ access_key_id: 'AKIA', region: 'eu-west-1' }),
  secret_parameters: JSON.stringify({ secret_access_key: 'very-secret' }),
};

test('a plan breaks every rule at once and is told of each', async () => {
  const { call } = await published();
  const wrong = {
    lookml_dashboard_id: 'ledger::finance',
    query_id: 'x',
    crontab: '61 * * * *',
    datagroup: 'ledger::synced',
    scheduled_plan_destination: [
      { type: 'pigeon', format: 'papyrus' },
      { ...s3, secret_parameters: { key: 1 } },
    ],
  };
  const { status, json } = await call('POST', 'scheduled_plans', wrong);
  expect(status).toBe(422);
  const { errors } = json as { errors: { field: string; code: string }[] };
  expect(errors.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'name missing_field',
    'dashboard_id invalid',
    'crontab invalid',
    'crontab invalid',
    'scheduled_plan_destination[0].type invalid',
    'scheduled_plan_destination[0].format invalid',
    'scheduled_plan_destination[1].secret_parameters invalid',
  ]);
  expect((await call('POST', 'scheduled_plans', plan({ scheduled_plan_destination: [] }))).status).toBe(422);
  expect((await call('POST', 'scheduled_plans', plan({ lookml_dashboard_id: 'ledger::none' }))).status).toBe(
    404,
  );
  expect(
    (await call('POST', 'scheduled_plans', { ...plan({ lookml_dashboard_id: null, look_id: '1' }) })).status,
  ).toBe(422);
});

test('a changed plan replaces its destinations, keeps them where they are left out, and never shows a secret', async () => {
  const { call } = await published();
  const { id: query_id } = (await call('POST', 'queries', QUERY)).json as { id: string };
  expect(query_id).toHaveLength(32);
  const made = await call(
    'POST',
    'scheduled_plans',
    plan({ lookml_dashboard_id: null, query_id, scheduled_plan_destination: [s3] }),
  );
  expect(made.status).toBe(200);
  expect(made.text).not.toContain('very-secret');
  const { id } = made.json as { id: string };
  expect((await call('PATCH', `scheduled_plans/${id}`, { name: 'Evening' })).json).toMatchObject({
    name: 'Evening',
    scheduled_plan_destination: [{ address: 's3://bucket/path/' }],
  });
  expect((await call('PATCH', `scheduled_plans/${id}`, { scheduled_plan_destination: [] })).status).toBe(422);
  const email = { type: 'email', format: 'csv', address: 'cfo@example.com' };
  const replaced = await call('PATCH', `scheduled_plans/${id}`, { scheduled_plan_destination: [email] });
  expect((replaced.json as { scheduled_plan_destination: object[] }).scheduled_plan_destination).toHaveLength(
    1,
  );
  expect((await call('DELETE', `scheduled_plans/${id}`)).status).toBe(204);
  expect((await call('GET', 'scheduled_plans')).json).toEqual([]);
});

test('plans deliver when they are run once and when their datagroup is triggered by new rows', async () => {
  const { call, looker, postgres, clock } = await published();
  const { id: query_id } = (await call('POST', 'queries', QUERY)).json as { id: string };
  const onData = plan({
    lookml_dashboard_id: null,
    query_id,
    crontab: null,
    datagroup: 'ledger::synced',
    scheduled_plan_destination: [s3],
  });
  const { id } = (await call('POST', 'scheduled_plans', onData)).json as { id: string };
  expect((await call('POST', `scheduled_plans/${id}/run_once`, {})).status).toBe(200);
  expect((await call('POST', 'scheduled_plans/run_once', { ...onData, id })).status).toBe(404);
  expect(await looker.maintain()).toEqual([]);
  await postgres.query(`INSERT INTO books.lines VALUES ('l9', 'i2', '200', 1)`);
  clock.advance(300_000);
  expect(await looker.maintain()).toMatchObject([{ name: 'synced' }]);
  expect(looker.deliveries.map(({ why, address }) => `${why} ${address}`)).toEqual([
    'run once s3://bucket/path/',
    'datagroup s3://bucket/path/',
  ]);
  expect(looker.deliveries[0]?.content).toContain('Acme,200.2000');
  expect(looker.deliveries[0]?.filename).toMatch(/^Morning_2026-03-15T\d{4}_\w{6}\.csv$/);
});

test('a destination needs its permission', async () => {
  const { call } = await published({ permissions: 'Developer' });
  expect((await call('POST', 'scheduled_plans', plan())).status).toBe(200);
  const file = { ...s3, format: 'csv_zip' };
  expect((await call('POST', 'scheduled_plans', plan({ scheduled_plan_destination: [file] }))).status).toBe(
    404,
  );
});

test('a query task is started, asked for, and fetched', async () => {
  const { call } = await published();
  const { id: query_id } = (await call('POST', 'queries', QUERY)).json as { id: string };
  const { id } = (await call('POST', 'query_tasks', { query_id, result_format: 'json' })).json as {
    id: string;
  };
  await expect
    .poll(async () => (await call('GET', `query_tasks/${id}`)).json)
    .toMatchObject({ status: 'complete' });
  expect((await call('GET', `query_tasks/${id}/results`)).json).toHaveLength(3);
  expect((await call('GET', `query_tasks/multi_results?query_task_ids=${id},none`)).json).toMatchObject({
    [id]: { status: 'complete' },
    none: { status: 'missing' },
  });
  expect((await call('GET', 'query_tasks/none/results')).status).toBe(404);
});
