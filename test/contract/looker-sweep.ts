// One call of every kind to the Looker emulator, with the refusals that connectors meet.
import type { Setup } from '../emulators-tests/looker-setup.ts';
import { PROJECT } from '../emulators-tests/looker-setup.ts';

const DASHBOARD = PROJECT['dashboards/finance.dashboard.lookml'];
const QUERY = { model: 'ledger', view: 'sales_invoices', fields: ['contacts.name', 'sales_invoices.total'] };

type Call = Setup['call'];

const idOf = async (call: Call, path: string, body: unknown): Promise<string> =>
  String(((await call('POST', path, body)).json as { id?: string }).id);

/** Everything a reader of the instance asks. */
export async function readAll(call: Call): Promise<void> {
  const paths = [
    ...['user', 'users/1', 'users/1/roles', 'users/99', 'session', 'connections', 'connections/warehouse'],
    ...['connections?fields=name,dialect_name', 'connections/none', 'dialect_info', 'folders', 'folders/1'],
    ...['connections/warehouse/databases', 'connections/warehouse/schemas', 'connections/warehouse/features'],
    ...['connections/warehouse/tables?schema_name=books', 'folders/search?name=Shared', 'folders/1/children'],
    ...['connections/warehouse/columns?schema_name=books&table_names=lines,invoices', 'lookml_models'],
    ...[
      'connections/warehouse/columns',
      'lookml_models/ledger',
      'lookml_models/none',
      'datagroups',
      'datagroups/1',
    ],
    ...[
      'lookml_models/ledger/explores/sales_invoices',
      'lookml_models/ledger/explores/none',
      'scheduled_plans',
    ],
    ...['projects', 'projects/ledgerpipe', 'projects/ledgerpipe/files', 'projects/ledgerpipe/manifest'],
    ...['projects/ledgerpipe/files/file?file_id=manifest.lkml', 'projects/ledgerpipe/validate', 'dashboards'],
    ...['projects/ledgerpipe/git_branches', 'projects/ledgerpipe/git_branch', 'dashboards/ledger::finance'],
    ...['projects/ledgerpipe/current_workspace', 'dashboards/search?slug=x', 'scheduled_plans/9'],
    ...['projects/ledgerpipe/lookml_tests', 'projects/ledgerpipe/lookml_tests/run'],
  ];
  for (const path of paths) await call('GET', path);
  for (const tests of ['connect,query', 'tmp_db'])
    await call('PUT', `connections/warehouse/test?tests=${tests}`);
  await call('PUT', 'connections/none/test');
}

/** Queries: inline, kept, as tasks, and through SQL Runner, right and wrong. */
export async function queryAll(call: Call): Promise<void> {
  const id = await idOf(call, 'queries', QUERY);
  await call('POST', 'queries', {});
  for (const path of [`queries/${id}`, `queries/slug/${id}`, `queries/${id}/run/json`, 'queries/none'])
    await call('GET', path);
  for (const format of ['json', 'csv', 'json_bi', 'json_detail', 'sql', 'xlsx'])
    await call('POST', `queries/run/${format}`, QUERY);
  await call('POST', 'queries/run/json', { ...QUERY, model: 'none' });
  await call(
    'GET',
    'queries/models/ledger/views/sales_invoices/run/json?fields=sales_invoices.count&f[contacts.name]=Acme',
  );
  const task = await idOf(call, 'query_tasks', { query_id: id, result_format: 'json' });
  await call('POST', 'query_tasks', {});
  for (const path of [`query_tasks/${task}`, `query_tasks/multi_results?query_task_ids=${task}`])
    await call('GET', path);
  await call('GET', `query_tasks/${task}/results`);
  await call('DELETE', 'running_queries/none');
  for (const sql of ['SELECT 1 AS one', 'SELECT nonsense', 'x'.repeat(70_000), '']) {
    const { slug } = (await call('POST', 'sql_queries', { connection_name: 'warehouse', sql })).json as {
      slug?: string;
    };
    if (slug === undefined) continue;
    await call('GET', `sql_queries/${slug}`);
    for (const format of ['json', 'csv', 'json_detail', 'png'])
      await call('POST', `sql_queries/${slug}/run/${format}`);
  }
}

/** Content and models, made, changed and removed. */
export async function changeAll(call: Call, now: number): Promise<void> {
  await call('POST', 'lookml_models', {
    name: 'other',
    project_name: 'ledgerpipe',
    unlimited_db_connections: true,
  });
  await call('POST', 'lookml_models', {});
  await call('PATCH', 'lookml_models/other', { allowed_db_connection_names: ['warehouse'] });
  await call('DELETE', 'lookml_models/other');
  await call('PATCH', 'datagroups/1', { triggered_at: now });
  await call('PATCH', 'datagroups/1', { stale_before: now + 1000 });
  const folder = await idOf(call, 'folders', { name: 'Finance', parent_id: '1' });
  await call('POST', 'folders', { name: 'Finance', parent_id: '1' });
  await call('POST', 'folders', {});
  await call('PATCH', `folders/${folder}`, { name: 'Money' });
  await call('DELETE', `folders/${folder}`);
  const dashboard = await idOf(call, 'dashboards/lookml', { lookml: DASHBOARD, folder_id: '1' });
  await call('POST', 'dashboards/lookml', {});
  await call('POST', 'dashboards/from_lookml', { lookml: DASHBOARD });
  for (const path of ['', '/dashboard_elements', '/dashboard_filters'])
    await call('GET', `dashboards/${dashboard}${path}`);
  await call('GET', `dashboards/lookml/${dashboard}`);
  await call('PATCH', `dashboards/${dashboard}`, { title: 'Other' });
  await call('PATCH', 'dashboards/ledger::finance', { title: 'Other' });
  await planAll(call, dashboard);
  await call('DELETE', `dashboards/${dashboard}`);
}

async function planAll(call: Call, dashboard_id: string): Promise<void> {
  const destination = { type: 'email', format: 'csv_zip', address: 'cfo@example.com' };
  const body = {
    name: 'Morning',
    dashboard_id,
    crontab: '0 6 * * *',
    scheduled_plan_destination: [destination],
  };
  const plan = await idOf(call, 'scheduled_plans', body);
  await call('POST', 'scheduled_plans', {});
  await call('POST', 'scheduled_plans/run_once', body);
  await call('POST', `scheduled_plans/${plan}/run_once`, {});
  for (const path of [plan, `dashboard/${dashboard_id}`]) await call('GET', `scheduled_plans/${path}`);
  await call('PATCH', `scheduled_plans/${plan}`, { enabled: false });
  await call('PATCH', `scheduled_plans/${plan}`, { scheduled_plan_destination: [] });
  await call('DELETE', `scheduled_plans/${plan}`);
}

/** The life of a project in the dev workspace. */
export async function developAll(call: Call): Promise<void> {
  await call('POST', 'projects', { name: 'fresh' });
  await call('PATCH', 'session', { workspace_id: 'nowhere' });
  await call('PATCH', 'session', { workspace_id: 'dev' });
  for (const body of [{ name: 'fresh' }, { name: 'fresh' }, {}]) await call('POST', 'projects', body);
  await call('PATCH', 'projects/fresh', { git_service_name: 'bare' });
  await call('PATCH', 'projects/fresh', { git_remote_url: '/nowhere.git' });
  const project = 'projects/ledgerpipe';
  await call('POST', `${project}/git/deploy_key`);
  for (const path of ['validate', 'manifest/lock_all', 'reset_to_production'])
    await call('POST', `${project}/${path}`);
  for (const path of ['validate', 'current_workspace', 'git_branch']) await call('GET', `${project}/${path}`);
  await call('POST', `${project}/git_branch`, { name: 'topic' });
  await call('PUT', `${project}/git_branch`, { name: 'main' });
  await call('POST', `${project}/reset_to_remote`);
  await call('POST', `${project}/deploy_to_production`);
  for (const query of ['?branch=main', '', '?ref=none'])
    await call('POST', `${project}/deploy_ref_to_production${query}`);
}
