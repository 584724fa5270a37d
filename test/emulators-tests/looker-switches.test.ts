// What nobody has confirmed is a switch: the setting that is not the default works as well.
import { expect, test } from 'vitest';
import type { Switches } from '../emulators/looker/index.ts';
import { PROJECT, type Setup, setUp } from './looker-setup.ts';

const published = async (
  switches: Partial<Switches>,
  rest: Parameters<typeof setUp>[0] = {},
): Promise<Setup> => {
  const setup = await setUp({ ...rest, switches });
  await setup.looker.publish('ledgerpipe', PROJECT);
  return setup;
};

const COUNT = { model: 'ledger', view: 'invoices', fields: ['invoices.count'] };

test('tokens: the case of the word before them, and credentials in the address', async () => {
  const { looker, login } = await setUp({ switches: { authorizationAnyCase: false, loginInQuery: false } });
  const token = await login();
  const user = async (authorization: string) =>
    (await fetch(`${looker.api}/user`, { headers: { authorization } })).status;
  expect([
    await user(`token ${token}`),
    await user(`Bearer ${token}`),
    await user(`bearer ${token}`),
  ]).toEqual([200, 200, 401]);
  const { clientId, clientSecret } = looker.credentials;
  const inQuery = `${looker.api}/login?client_id=${clientId}&client_secret=${clientSecret}`;
  expect((await fetch(inQuery, { method: 'POST' })).status).toBe(404);
  const other = await setUp();
  const { clientId: id, clientSecret: secret } = other.looker.credentials;
  expect(
    (await fetch(`${other.looker.api}/login?client_id=${id}&client_secret=${secret}`, { method: 'POST' }))
      .status,
  ).toBe(200);
});

test("roles of one's own, quotas that are only counted, and Retry-After", async () => {
  const own = await setUp({ permissions: 'Developer', switches: { ownRolesVisible: true } });
  const [role] = (await own.call('GET', 'users/1/roles')).json as {
    permission_set: { permissions: string[] };
  }[];
  expect(role?.permission_set.permissions).toContain('use_sql_runner');
  const counted = await setUp({ quota: { db_query: 0 }, switches: { quotaEnforced: false } });
  expect((await counted.call('GET', 'scheduled_plans')).status).toBe(200);
  const refused = await setUp({ quota: { db_query: 0 }, switches: { retryAfter: true } });
  const token = await refused.login();
  const answer = await fetch(`${refused.looker.api}/scheduled_plans`, {
    headers: { authorization: `token ${token}` },
  });
  expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true]);
});

test('models that are not configured, filters the explore sets, rows without a limit, formatted values', async () => {
  const { call, looker } = await published(
    { unconfiguredModel: 'row', alwaysFilterByApi: false, defaultRowLimit: 2, applyFormatting: true },
    {},
  );
  expect((await call('POST', 'queries/run/json', { ...COUNT, model: 'none' })).json).toEqual([
    { looker_error: expect.stringContaining('has not been configured') },
  ]);
  expect((await call('POST', 'queries/run/json', COUNT)).json).toEqual([{ 'invoices.count': '5' }]);
  expect(
    (await call('POST', 'queries/run/json', { ...COUNT, fields: ['invoices.id', 'invoices.total'] })).json,
  ).toHaveLength(2);
  expect(looker.queryRuns.map(({ fromCache }) => fromCache)).toEqual([false, false]);
});

test('SQL Runner without reuse of slugs, comments and errors of drivers that insist on rows', async () => {
  const { call, looker } = await setUp({
    connectionRole: 'writer',
    switches: {
      sqlSlugReuse: false,
      contextComment: false,
      withoutResultSet: 'error',
      sqlRunnerRowLimit: undefined,
      statementLimit: undefined,
    },
  });
  const make = async (sql: string) =>
    ((await call('POST', 'sql_queries', { connection_name: 'warehouse', sql })).json as { slug: string })
      .slug;
  expect(await make('SELECT 1')).not.toBe(await make('SELECT 1'));
  expect(
    (await call('POST', `sql_queries/${await make('CREATE TABLE books.more (id int)')}/run/json`)).json,
  ).toEqual([{ looker_error: 'No results were returned by the query.' }]);
  const long = await make(`SELECT generate_series(1, 6000) AS n -- ${'x'.repeat(70_000)}`);
  expect((await call('POST', `sql_queries/${long}/run/json`)).json).toHaveLength(6000);
  expect(looker.sqlRuns).toHaveLength(2);
});

test('deploying, webhooks, datagroups, plans, directories and tests of connections', async () => {
  const { call, looker, clock } = await published({
    deployRefNeedsAdvancedMode: true,
    webhookRefusal: 'error object',
    futureTimeStatus: 400,
    planDatagroup: 'model::name',
    directoryEndpoints: true,
    fileEndpoints: true,
    testWarnings: true,
  });
  const refused = await fetch(`${looker.url}/webhooks/projects/none/deploy`, { method: 'POST' });
  expect(await refused.json()).toMatchObject({ message: 'Not found' });
  const deploy = () => call('POST', 'projects/ledgerpipe/deploy_ref_to_production?branch=main');
  expect((await deploy()).status).toBe(400);
  await call('PATCH', 'session', { workspace_id: 'dev' });
  await call('PATCH', 'projects/ledgerpipe', { git_release_mgmt_enabled: true });
  expect((await deploy()).status).toBe(204);
  expect((await call('GET', 'projects/ledgerpipe/directories')).json).toEqual([
    { path: 'dashboards' },
    { path: 'views' },
  ]);
  expect((await call('DELETE', 'projects/ledgerpipe/directories?path=views')).status).toBe(204);
  expect((await call('GET', 'projects/ledgerpipe/directories')).json).toEqual([{ path: 'dashboards' }]);
  const later = Math.floor(clock.now() / 1000) + 60;
  expect((await call('PATCH', 'datagroups/1', { triggered_at: later })).status).toBe(400);
  const plan = {
    ...{ name: 'x', lookml_dashboard_id: 'ledger::finance', datagroup: 'synced' },
    scheduled_plan_destination: [{ type: 'email', format: 'wysiwyg_pdf', address: 'a@example.com' }],
  };
  expect((await call('POST', 'scheduled_plans', plan)).status).toBe(422);
  expect((await call('PUT', 'connections/warehouse/test?tests=cdt')).json).toMatchObject([
    { status: 'warning' },
  ]);
});
