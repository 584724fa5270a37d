// What goes wrong on the way: lost answers, conflicts, slow starts, refusals, files that vanish, a run that is stopped.
import { expect, test } from 'vitest';
import { childTable, type Row, table } from './segments.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const a: Row = { id: 'a', total: '1' };
const b: Row = { id: 'b', total: '2' };

const invoices = (rows: readonly Row[]) => table('Invoices', { id: 'text', total: 'decimal(18,4)' }, rows);

/** A segment with every kind of load. */
function everything() {
  const parent = invoices([
    { ...a, total: '5' },
    { id: 'b', gone: true },
    { id: 'c', total: '3' },
  ]);
  return [
    parent,
    childTable(parent, 'Lines', { columns: { n: 'integer' }, rows: [{ id: 'a', _position: 0, n: 1 }] }),
    table('Events', { id: 'text' }, [{ id: 'e' }], { mode: 'append' }),
    table('Rates', { id: 'text' }, [{ id: 'r' }], { mode: 'replace' }),
  ];
}

/** All rows of all tables, without what differs from run to run. */
async function contents(workspace: Workspace): Promise<unknown> {
  return {
    invoices: await workspace.rows('invoices', 'id, total, _deleted_at', 'id'),
    lines: await workspace.rows('invoices_lines', 'id, _position, n, _deleted_at', 'id, _position'),
    events: await workspace.rows('events', 'id', 'id'),
    rates: await workspace.rows('rates', 'id', 'id'),
    commits: await workspace.rows('ledgerpipe_commits', 'table_name, mode, staged_rows', 'table_name'),
  };
}

async function started(): Promise<Workspace> {
  const workspace = await openWorkspace({}, { rate: 200 });
  const parent = invoices([a, b]);
  await workspace.deliver([
    parent,
    childTable(parent, 'Lines', {
      columns: { n: 'integer' },
      rows: [
        { id: 'a', _position: 0, n: 1 },
        { id: 'a', _position: 1, n: 2 },
        { id: 'b', _position: 0, n: 3 },
      ],
    }),
  ]);
  return workspace;
}

test('an answer lost after any of the requests that change something doubles and loses nothing', async () => {
  await using reference = await started();
  const before = reference.emulator.requests.length;
  await reference.deliver(everything());
  const wanted = await contents(reference);
  const changing = reference.emulator.requests.slice(before).filter(({ method }) => method !== 'GET');
  expect(changing.filter(({ method }) => method === 'POST').length).toBeGreaterThanOrEqual(8);
  for (let skip = 0; skip < changing.length; skip += 1) {
    await using workspace = await started();
    workspace.emulator.faults.add({
      path: /^\/(api\/2.0\/sql|api\/2.0\/fs|oidc)/,
      method: changing[skip]?.method ?? '',
      skip: changing.slice(0, skip).filter(({ method }) => method === changing[skip]?.method).length,
      does: { kind: 'cut', when: 'after' },
    });
    await workspace.deliver(everything());
    expect(await contents(workspace), `after a lost answer to request ${skip}`).toEqual(wanted);
    expect(workspace.emulator.files()).toEqual([]);
    expect(workspace.emulator.requests.filter(({ status }) => status === 0)).toHaveLength(1);
  }
});

test('answers that never came, came cut short, or were 429 and 503, are asked for again', async () => {
  await using workspace = await started();
  workspace.emulator.faults.add(
    { method: 'POST', path: /statements$/, does: { kind: 'cut', when: 'before' } },
    { method: 'POST', path: /statements$/, does: { kind: 'truncate' } },
    {
      method: 'POST',
      path: /statements$/,
      does: { kind: 'answer', status: 429, headers: { 'retry-after': '2' } },
    },
    { method: 'PUT', path: /fs\/files/, does: { kind: 'answer', status: 503 } },
    {
      method: 'GET',
      path: /unity-catalog\/tables/,
      does: { kind: 'answer', status: 503, body: '<pre>busy</pre>' },
    },
  );
  await workspace.deliver(everything());
  expect(await workspace.rows('invoices', 'count(*) AS n')).toEqual([{ n: 3 }]);
});

test('a conflict with another writer is tried again until it passes', async () => {
  await using workspace = await started();
  workspace.newStatements();
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'DELTA_CONCURRENT_APPEND', times: 3 });
  await workspace.deliver([invoices([{ ...a, total: '9' }])]);
  expect(await workspace.rows('invoices', 'total')).toEqual([{ total: '2.0000' }, { total: '9.0000' }]);
  expect(workspace.newStatements()).toHaveLength(2 + 3);
});

test('a conflict that does not pass ends the run as transient, without states', async () => {
  await using workspace = await started();
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'DELTA_CONCURRENT_APPEND', times: 100 });
  await expect(workspace.deliver([invoices([a])])).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringMatching(/^Cannot load table "workspace\.finance\.invoices": .*, run again later$/),
  });
});

test('a statement that failed for the moment on the server is tried again', async () => {
  await using workspace = await started();
  for (const errorClass of ['TEMPORARILY_UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'IO_ERROR'])
    workspace.emulator.failNext({ kind: 'merge', errorClass });
  await workspace.deliver([invoices([{ ...a, total: '9' }])]);
  expect(await workspace.rows('invoices', 'total')).toEqual([{ total: '2.0000' }, { total: '9.0000' }]);
});

test('a failure that a statement reports after its commit does no harm when it is sent again', async () => {
  await using workspace = await started();
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'IO_ERROR', when: 'after' });
  workspace.emulator.failNext({ kind: 'insert', errorClass: 'IO_ERROR', when: 'after', times: 2 });
  await workspace.deliver(everything());
  expect(await workspace.rows('events', 'id')).toEqual([{ id: 'e' }]);
  expect(await workspace.rows('rates', 'id')).toEqual([{ id: 'r' }]);
});

test('a stopped warehouse starts with the first statement, and people are told that it is waited for', async () => {
  await using workspace = await openWorkspace(
    { warehouse: { state: 'STOPPED', startSeconds: 240 } },
    { rate: 400 },
  );
  await workspace.deliver([invoices([a])]);
  expect(workspace.emulator.warehouse.starts).toBe(1);
  expect(workspace.logs()).toContain('INFO Waits for the SQL warehouse to start');
  expect(await workspace.rows('invoices', 'id')).toEqual([{ id: 'a' }]);
});

test('a warehouse that does not start in time ends the run, and its statement is cancelled', async () => {
  await using workspace = await openWorkspace(
    { warehouse: { state: 'STOPPED', startSeconds: 3600 } },
    { rate: 400 },
  );
  await expect(
    workspace.deliver([invoices([a])], { config: { warehouse_start_minutes: 2 } }),
  ).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringContaining('the SQL warehouse did not start within 2 minutes'),
  });
  expect(workspace.emulator.statements.at(-1)?.state).toBe('CANCELED');
});

test('a token that expires in the middle of a run is renewed', async () => {
  await using workspace = await started();
  const run = workspace.run();
  await workspace.deliver([invoices([a])], { run });
  workspace.emulator.grants.expireToken();
  await workspace.deliver([invoices([{ ...a, total: '7' }])], { run, number: 1 });
  expect(await workspace.rows('invoices', 'total')).toEqual([{ total: '2.0000' }, { total: '7.0000' }]);
});

test('a revoked personal access token is told as such', async () => {
  await using workspace = await openWorkspace();
  const authentication = {
    auth_type: 'token',
    personal_access_token: workspace.emulator.credentials.token,
  } as const;
  await workspace.deliver([invoices([a])], { config: { authentication } });
  workspace.emulator.grants.expireToken();
  await expect(workspace.deliver([invoices([b])], { config: { authentication } })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/Databricks refused the access token, check the setting "authentication"/),
  });
});

test('a wrong client secret is told as such', async () => {
  await using workspace = await openWorkspace();
  const authentication = { auth_type: 'oauth_m2m', client_id: 'me', client_secret: 'wrong-secret' } as const;
  const failed = workspace.deliver([invoices([a])], { config: { authentication } });
  await expect(failed).rejects.toMatchObject({ kind: 'config' });
  await expect(failed).rejects.toThrow(/client id and secret/);
  await expect(failed).rejects.not.toThrow(/wrong-secret/);
});

test('a privilege that is taken away is named, with what to run', async () => {
  await using workspace = await started();
  workspace.emulator.grants.revoke('MODIFY');
  await expect(workspace.deliver([invoices([{ ...a, total: '9' }])])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining(
      'GRANT MODIFY ON TABLE `workspace`.`finance`.`invoices` TO the principal that signs in',
    ),
  });
});

test('staged files that vanish before they are read are staged once more', async () => {
  await using workspace = await started();
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'PATH_NOT_FOUND', sqlState: '42K03' });
  const uploads = () => workspace.emulator.requests.filter(({ method }) => method === 'PUT').length;
  const before = uploads();
  await workspace.deliver([invoices([{ ...a, total: '9' }])]);
  expect(uploads() - before).toBe(2);
  expect(await workspace.rows('invoices', 'total')).toEqual([{ total: '2.0000' }, { total: '9.0000' }]);
});

test('staged files that cannot be deleted are told and do no harm', async () => {
  await using workspace = await started();
  workspace.emulator.faults.add({
    method: 'DELETE',
    times: 50,
    does: { kind: 'answer', status: 403, body: '{}' },
  });
  await workspace.deliver([invoices([{ ...a, total: '9' }])]);
  expect(workspace.logs().some((line) => line.startsWith('WARN Staged files remain in "/Volumes/'))).toBe(
    true,
  );
});

test('a run that is stopped cancels its statement and ends with the reason', async () => {
  await using workspace = await openWorkspace({ warehouse: { statementSeconds: 600 } }, { rate: 50 });
  const delivery = workspace.deliver([invoices([a])]);
  const stopped = expect(delivery).rejects.toThrow('stopped by the test');
  while (workspace.emulator.statements.length === 0) await workspace.clock.sleep(100);
  workspace.controller.abort(new Error('stopped by the test'));
  await stopped;
  expect(workspace.emulator.statements.map(({ state }) => state)).toEqual(['CANCELED']);
});

test('a run that is stopped already sends nothing', async () => {
  await using workspace = await openWorkspace();
  workspace.controller.abort(new Error('stopped'));
  await expect(workspace.deliver([invoices([a])])).rejects.toThrow('stopped');
  expect(workspace.emulator.statements).toEqual([]);
});

test('a missing schema and volume are made, also when somebody else makes them at that moment', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.faults.add(
    { method: 'POST', path: /schemas$/, does: { kind: 'cut', when: 'after' } },
    { method: 'POST', path: /volumes$/, does: { kind: 'cut', when: 'after' } },
  );
  await workspace.deliver([invoices([a])]);
  expect(await workspace.rows('invoices', 'id')).toEqual([{ id: 'a' }]);
});

test('staged files go also when the delivery fails', async () => {
  await using workspace = await started();
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'PARSE_SYNTAX_ERROR', sqlState: '42601' });
  await expect(workspace.deliver([invoices([a])])).rejects.toMatchObject({ kind: 'system' });
  expect(workspace.emulator.files()).toEqual([]);
  workspace.emulator.faults.add({
    method: 'PUT',
    path: /fs\/files/,
    skip: 1,
    times: 50,
    does: { kind: 'answer', status: 403, body: '{"error_code":"PERMISSION_DENIED","message":"no"}' },
  });
  await expect(workspace.deliver(everything())).rejects.toMatchObject({ kind: 'config' });
  expect(workspace.emulator.files()).toEqual([]);
});
