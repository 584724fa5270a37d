// Projects: git push and webhook, deploying through the API, the file endpoints, validation, models.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { LookerEmulator } from '../emulators/looker/index.ts';
import { PROJECT, setUp } from './looker-setup.ts';

const exec = promisify(execFile);

/** Pushes the files with git itself, as any developer would; answers the commit. */
async function push(
  looker: LookerEmulator,
  files: Readonly<Record<string, string>>,
  branch = 'main',
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'looker-clone-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const git = async (...parameters: string[]): Promise<string> => {
    const settings = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'safe.directory=*'];
    return (await exec('git', ['-C', folder, ...settings, ...parameters])).stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch', branch);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Model');
  await git('push', '--quiet', '--force', looker.gitUrl('ledgerpipe'), `HEAD:refs/heads/${branch}`);
  return git('rev-parse', 'HEAD');
}

const hook = async (looker: LookerEmulator, path = 'deploy', secret?: string) => {
  const headers = secret === undefined ? {} : { 'x-looker-deploy-secret': secret };
  const answer = await fetch(`${looker.url}/webhooks/projects/ledgerpipe/${path}`, {
    method: 'POST',
    headers,
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
};

const QUERY = { model: 'ledger', view: 'sales_invoices', fields: ['sales_invoices.count'] };

test('a push is in production after the webhook, and answers once its model is configured', async () => {
  const { looker, call } = await setUp({ projects: [{ name: 'ledgerpipe', deploySecret: 'hush' }] });
  const commit = await push(looker, PROJECT);
  expect((await hook(looker)).json).toEqual({ error: 'Not found.' });
  expect((await hook(looker, 'deploy', 'hush')).json).toMatchObject({ new_head: commit, old_head: null });
  expect([...looker.files('ledgerpipe').keys()].sort()).toEqual(Object.keys(PROJECT).sort());
  expect((await call('POST', 'queries/run/json', QUERY)).status).toBe(404);
  const model = { name: 'ledger', project_name: 'ledgerpipe', allowed_db_connection_names: ['warehouse'] };
  expect((await call('POST', 'lookml_models', model)).json).toMatchObject({
    has_content: true,
    explores: [{ name: 'sales_invoices' }, { name: 'invoices' }],
  });
  expect((await call('POST', 'lookml_models', model)).status).toBe(422);
  expect((await call('POST', 'queries/run/json', QUERY)).json).toEqual([{ 'sales_invoices.count': 4 }]);
  await call('PATCH', 'lookml_models/ledger', { allowed_db_connection_names: [] });
  expect((await call('POST', 'queries/run/json', QUERY)).text).toContain('not allowed to use connection');
});

test('a branch or a commit can be deployed, by webhook and by the API', async () => {
  const { looker, call } = await setUp();
  const first = await push(looker, PROJECT);
  await push(looker, { ...PROJECT, 'extra.lkml': '# more\n' }, 'next');
  await hook(looker, 'deploy/branch/next');
  expect(looker.files('ledgerpipe').has('extra.lkml')).toBe(true);
  expect((await call('POST', `projects/ledgerpipe/deploy_ref_to_production?ref=${first}`)).status).toBe(204);
  expect(looker.files('ledgerpipe').has('extra.lkml')).toBe(false);
  expect((await call('POST', 'projects/ledgerpipe/deploy_ref_to_production')).status).toBe(422);
  expect((await call('POST', 'projects/ledgerpipe/deploy_ref_to_production?branch=none')).status).toBe(400);
  expect((await hook(looker, 'deploy/branch/none')).json).toMatchObject({
    operations: [{ error: true }],
    new_head: null,
  });
});

test('the file endpoints are not there unless the switch says so', async () => {
  const { call } = await setUp();
  await call('PATCH', 'session', { workspace_id: 'dev' });
  const file = { path: 'a.view.lkml', content: 'view: a {}' };
  expect((await call('POST', 'projects/ledgerpipe/files', file)).status).toBe(404);
});

test('files written in the dev workspace are validated there and reach production by commit and deploy', async () => {
  const { looker, call } = await setUp({
    switches: { fileEndpoints: true },
    projects: [{ name: 'ledgerpipe', git: 'bare' }],
  });
  const file = {
    path: 'ledger.model.lkml',
    content: 'connection: "warehouse"\ninclude: "/views/none.view.lkml"\n',
  };
  expect((await call('POST', 'projects/ledgerpipe/files', file)).status).toBe(400);
  await call('PATCH', 'session', { workspace_id: 'dev' });
  expect((await call('POST', 'projects/ledgerpipe/files', file)).status).toBe(204);
  expect((await call('POST', 'projects/ledgerpipe/files', file)).status).toBe(409);
  expect((await call('POST', 'projects/ledgerpipe/validate')).json).toMatchObject({
    errors: [
      {
        severity: 'error',
        file_path: 'ledger.model.lkml',
        message: expect.stringContaining('matches no file'),
      },
    ],
  });
  for (const [path, content] of Object.entries(PROJECT))
    await call(path === file.path ? 'PUT' : 'POST', 'projects/ledgerpipe/files', { path, content });
  expect((await call('GET', 'projects/ledgerpipe/validate')).json).toMatchObject({ stale: true });
  expect((await call('POST', 'projects/ledgerpipe/validate')).json).toMatchObject({ errors: [] });
  expect((await call('GET', 'projects/ledgerpipe/file/content?file_path=manifest.lkml')).text).toBe(
    PROJECT['manifest.lkml'],
  );
  expect(looker.files('ledgerpipe').size).toBe(0);
  await call('POST', 'projects/ledgerpipe/commit', { message: 'Model' });
  expect((await call('POST', 'projects/ledgerpipe/deploy_to_production')).status).toBe(200);
  expect(looker.files('ledgerpipe').get('manifest.lkml')).toBe(PROJECT['manifest.lkml']);
});

test('work in the dev workspace shows in its queries and nowhere else, and a reset removes it', async () => {
  const { looker, call, login } = await setUp({ switches: { fileEndpoints: true } });
  await looker.publish('ledgerpipe', PROJECT);
  await call('PATCH', 'session', { workspace_id: 'dev' });
  const path = 'views/contacts.view.lkml';
  const content = PROJECT[path].replace(
    'dimension: name',
    `dimension: customer { sql: \${TABLE}.name ;; }\n  dimension: name`,
  );
  await call('PUT', 'projects/ledgerpipe/files', { path, content });
  const ask = () => call('POST', 'queries/run/json', { ...QUERY, fields: ['contacts.customer'] });
  expect((await ask()).json).toHaveLength(3);
  await login();
  expect((await ask()).json).toEqual([{ looker_error: expect.stringContaining('contacts.customer') }]);
  await call('PATCH', 'session', { workspace_id: 'dev' });
  expect((await call('POST', 'projects/ledgerpipe/reset_to_production')).status).toBe(204);
  expect((await ask()).json).toEqual([{ looker_error: expect.stringContaining('contacts.customer') }]);
});

test('a project is made, given a remote that git can read, and refuses one that it cannot', async () => {
  const { looker, call } = await setUp();
  expect((await call('POST', 'projects', { name: 'mine' })).status).toBe(400);
  await call('PATCH', 'session', { workspace_id: 'dev' });
  expect((await call('POST', 'projects', { name: 'mine' })).json).toMatchObject({
    id: 'mine',
    uses_git: false,
  });
  expect((await call('PATCH', 'projects/mine', { git_remote_url: '/nowhere/at.git' })).status).toBe(400);
  const remote = { git_remote_url: looker.gitUrl('ledgerpipe'), deploy_secret: 'hush' };
  const changed = await call('PATCH', 'projects/mine', remote);
  expect(changed.json).toMatchObject({ uses_git: true, git_remote_url: remote.git_remote_url });
  expect(changed.text).not.toContain('hush');
});

test('what Looker refuses in LookML is found: syntax, unknown names, missing quotes, doublets, wrong types', async () => {
  const { looker } = await setUp();
  const wrong = {
    'm.model.lkml': `connection: "warehouse"
label: Ledger
include: "*.view.lkml"
explore: nowhere {}
explore: b { join: a { sql_on: \${a.gone} = \${b.id} ;; } }
`,
    'a.view.lkml': `view: a {
  dimension: w { type: time }
  dimension: x { type: string }
  dimension: x {}
  dimension: y { sql: \${nothing} ;; }
  dimensions: z {}
}
`,
    'b.view.lkml': 'view: b { dimension: id { label: }\n',
    'c.view.lkml': `view: c { dimension: t { sql: \${n} ;; } measure: n { type: count } }\n`,
  };
  await looker.publish('ledgerpipe', wrong);
  const said = looker
    .lookml('ledgerpipe')
    .problems.map(({ message }) => message)
    .join('\n');
  for (const part of [
    'Syntax error',
    '"label" in file "m.model.lkml" must be in double quotes',
    'Unknown type "time"',
    '"dimension.x" is declared twice',
    'Unknown field "nothing"',
    'Unknown parameter "dimensions"',
    'view "nowhere", which the model does not include',
    'Unknown field "a.gone"',
    'refers to measure "n"',
  ])
    expect(said).toContain(part);
});

test('an explore is described field by field', async () => {
  const { looker, call } = await setUp();
  await looker.publish('ledgerpipe', PROJECT);
  const { json } = await call('GET', 'lookml_models/ledger/explores/sales_invoices');
  expect(json).toMatchObject({
    name: 'sales_invoices',
    connection_name: 'warehouse',
    joins: [
      { name: 'contacts', relationship: 'many_to_one' },
      { name: 'lines', relationship: 'one_to_many' },
    ],
  });
  const { fields } = json as { fields: { dimensions: { name: string }[]; measures: { name: string }[] } };
  expect(fields.measures.map(({ name }) => name)).toContain('sales_invoices.open_total');
  expect(fields.dimensions.map(({ name }) => name)).toContain('sales_invoices.issued_month');
  expect((await call('GET', 'lookml_models/ledger/explores/none')).status).toBe(404);
});
