// What people get wrong, and what becomes of it: each refused in check or handled by a setting, with its remedy.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfiguredCatalog } from '@airbyte/cdk-typescript-shim';
import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import destination from '../../destination-powerbi/index.ts';
import { contextOf } from '../conformance/in-process.ts';
import { figures } from './figures.ts';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace, steppingClock, type Workspace } from './workspace.ts';

async function check(workspace: Workspace, change: Readonly<Record<string, unknown>> = {}) {
  const { clock } = workspace;
  return await destination.check(
    await contextOf(destination, { config: { ...workspace.config, ...change }, clock }, []),
  );
}

const stream = (name: string, properties: object, mode = 'append_dedup'): ConfiguredCatalog => ({
  streams: [
    {
      stream: {
        name,
        json_schema: { type: 'object', properties: { id: { type: 'string' }, ...properties } },
        supported_sync_modes: ['full_refresh', 'incremental'],
        source_defined_primary_key: [['id']],
      },
      sync_mode: 'incremental',
      destination_sync_mode: mode as 'append_dedup',
    },
  ],
});

const text = { type: ['null', 'string'] };
const statesIn = (messages: Awaited<ReturnType<Workspace['write']>>) =>
  messages.flatMap((message) =>
    message.type === 'STATE'
      ? [[message.state.stream?.stream_state?.page, message.state.destinationStats]]
      : [],
  );
const warnings = (messages: Awaited<ReturnType<Workspace['write']>>) =>
  messages.flatMap((message) =>
    message.type === 'LOG' && message.log.level === 'WARN' ? [message.log.message] : [],
  );

test('check names each of its steps, before the model is there and after', async () => {
  await using workspace = await openWorkspace();
  expect((await check(workspace)).message).toMatch(
    /^Verified: token; application .* in tenant .*; workspace ".*"; role Member; no semantic model "Finance" yet, it will be made; note: .*31 October 2027/,
  );
  await workspace.write(new Ledger(1).edit(3), catalog());
  expect((await check(workspace)).message).toMatch(
    /push semantic model "Finance" \(.*\); 7 tables; sequence numbers; DAX queries; note: .*this one stays/,
  );
  expect((await check(workspace, { write_probe: true })).message).toMatch(/made and deleted/);
  expect(workspace.emulator.datasets).toHaveLength(1);
});

test('service principals switched off in the tenant: check tells the list of what to look at', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.tenant.servicePrincipals = false;
  const result = await check(workspace);
  expect(result).toMatchObject({ ok: false });
  expect(result.message).toMatch(
    /tenant setting that lets service principals .*security group.*Member, Admin or Contributor/,
  );
});

test('a Viewer is told to become Member', async () => {
  await using workspace = await openWorkspace();
  for (const one of workspace.emulator.tenant.workspaces) one.role = 'Viewer';
  expect(await check(workspace)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/the service principal is Viewer there, make it Member or Contributor/),
  });
});

test('two models of one name: check and write ask for the ID', async () => {
  await using workspace = await openWorkspace();
  const body = JSON.stringify({
    name: 'Finance',
    tables: [{ name: 'T', columns: [{ name: 'a', dataType: 'String' }] }],
  });
  const token = await fetch(
    `${workspace.emulator.endpoints.login}/${workspace.emulator.tenantId}/oauth2/v2.0/token`,
    {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: workspace.emulator.clientId,
        client_secret: workspace.emulator.clientSecret,
        scope: 'https://analysis.windows.net/powerbi/api/.default',
      }),
    },
  );
  const { access_token } = (await token.json()) as { access_token: string };
  const url = `${workspace.emulator.url}/v1.0/myorg/groups/${workspace.emulator.workspaceId}/datasets`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${access_token}` };
  for (let made = 0; made < 2; made += 1) await fetch(url, { method: 'POST', headers, body });
  const words = /2 are called "Finance" \(.*\), put the ID of one into "delivery.dataset_id"/;
  expect(await check(workspace)).toMatchObject({ ok: false, message: expect.stringMatching(words) });
  await expect(workspace.write(new Ledger(1).edit(3), catalog())).rejects.toThrow(words);
});

test('a model that is no push model is refused', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.addImportDataset('Finance');
  const words = /it is not a push semantic model, choose another "delivery.dataset_name"/;
  expect(await check(workspace)).toMatchObject({ ok: false, message: expect.stringMatching(words) });
  await expect(workspace.write(new Ledger(1).edit(3), catalog())).rejects.toThrow(words);
});

test('"common" as a tenant is refused before anything is asked', async () => {
  await using workspace = await openWorkspace();
  expect(await check(workspace, { tenant_id: 'common' })).toMatchObject({
    ok: false,
    message: expect.stringMatching(/put its ID or domain into "tenant_id"/),
  });
});

test('a creation that Microsoft has closed names the other mode', async () => {
  await using workspace = await openWorkspace({ switches: { creation: 'closed' } });
  await expect(workspace.write(new Ledger(1).edit(3), catalog())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/FeatureDeprecatedError.*"delivery.mode" to "open_mirroring"/),
  });
});

test('after 31 October 2027 a model that is there is written to as before, and check says what stopped', async () => {
  await using workspace = await openWorkspace({ clock: steppingClock(Date.parse('2027-10-30T08:00:00Z')) });
  const ledger = new Ledger(4);
  expect((await check(workspace)).message).toMatch(/make this one before then/);
  await workspace.write(ledger.edit(10), catalog());
  workspace.clock.advance(3 * 86_400_000);
  await workspace.write(ledger.edit(10), catalog());
  expect(await figures(workspace.emulator)).toEqual(ledger.totals());
  expect((await check(workspace)).message).toMatch(/this one stays$/);
  const other = { delivery: { mode: 'push', dataset_name: 'Another' } };
  expect((await check(workspace, other)).message).toMatch(
    /will most likely be refused, name an existing one in "delivery.dataset_id" or set "delivery.mode" to "open_mirroring"$/,
  );
});

test('a table called Date, and names that Power BI refuses, are told apart and arrive', async () => {
  await using workspace = await openWorkspace();
  const named = stream('Date', { 'a[b]': text, 'A[B]': text, 'x"y': text, _key: text, _batch_id: text });
  const record = { id: '1', 'a[b]': 'one', 'A[B]': 'two', 'x"y': 'three', _key: 'four', _batch_id: 'five' };
  await workspace.write(
    [recordMessage('Date', record, 1), streamStatusMessage('Date', 'COMPLETE', 1)],
    named,
  );
  const [row] = workspace.emulator.rows('Dates');
  expect(Object.values(row ?? {})).toEqual(expect.arrayContaining(['one', 'two', 'three', 'four', 'five']));
});

test('texts over 4,000 characters are cut with a warning, or end the run', async () => {
  await using workspace = await openWorkspace();
  const long = `${'x'.repeat(3_999)}😀😀`;
  const input = [
    recordMessage('notes', { id: '1', body: long }, 1),
    streamStatusMessage('notes', 'COMPLETE', 1),
  ];
  await expect(
    workspace.write(input, stream('notes', { body: text }), { string_overflow: 'fail' }),
  ).rejects.toThrow(
    /Cannot send texts over 4000 characters in table "notes": 1 in "body"; set "string_overflow"/,
  );
  const messages = await workspace.write(input, stream('notes', { body: text }));
  expect(warnings(messages)).toContain('Cut texts over 4000 characters in table "notes": 1 in "body"');
  const [row] = workspace.emulator.rows('notes');
  expect(String(row?.body)).toMatch(/^x{3999}$/);
});

test('more than 75 columns: the least useful are left out with a warning, or the run ends', async () => {
  await using workspace = await openWorkspace();
  const wide = Object.fromEntries(Array.from({ length: 90 }, (_, number) => [`c${number}`, text]));
  const schema = { ...wide, money: { type: ['null', 'number'], 'x-role': 'amount' } };
  const input = [
    recordMessage('wide', { id: '1', c89: 'x', money: 1.5 }, 1),
    streamStatusMessage('wide', 'COMPLETE', 1),
  ];
  await expect(workspace.write(input, stream('wide', schema), { over_limit: 'fail' })).rejects.toThrow(
    /Power BI takes 75, set "over_limit" to "drop"/,
  );
  const messages = await workspace.write(input, stream('wide', schema));
  expect(warnings(messages).join()).toMatch(/Table "wide" holds 75 columns: left out "c\d+"/);
  expect(workspace.emulator.rows('wide')).toMatchObject([{ id: '1', money: '1.5000' }]);
  expect(workspace.emulator.dataset('Finance').tables[0]?.columns).toHaveLength(75);
});

test('a permission that comes late is waited for; one that never comes ends with the checklist', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.tenant.refusedCalls = 4;
  await workspace.write(new Ledger(1).edit(3), catalog());
  workspace.emulator.tenant.servicePrincipals = false;
  const began = workspace.clock.now();
  await expect(workspace.write(new Ledger(2).edit(3), catalog())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/check that the tenant setting/),
  });
  const minutes = (workspace.clock.now() - began) / 60_000;
  expect(minutes).toBeGreaterThan(4);
});

test('rows that Power BI refuses are kept apart, with the reason, and all others arrive', async () => {
  await using workspace = await openWorkspace();
  const rejects = join(workspace.folder, 'rejects.jsonl');
  // Beyond the integers of the emulator: the real service refuses other values, by the same answer.
  const rows = Array.from({ length: 40 }, (_, number) =>
    recordMessage(
      'counts',
      { id: `${number}`, n: number === 17 ? 9_007_199_254_740_993n.toString() : number },
      1,
    ),
  );
  const input = rows.map(
    (message) => `${JSON.stringify(message).replace('"9007199254740993"', '9007199254740993')}\n`,
  );
  const counts = stream('counts', { n: { type: ['null', 'integer'] } });
  const states = [1, 2].map((page) => `${JSON.stringify(stateMessage('counts', { page }, 20))}\n`);
  const messages = await workspace.write(
    [...input.slice(0, 20), ...states.slice(0, 1), ...input.slice(20), ...states.slice(1)],
    counts,
  );
  // Where the audit trail looks for what was put aside; the last state stands for the one before it.
  expect(JSON.parse(await readFile(rejects, 'utf8'))).toEqual({
    stream: 'counts',
    record: { id: '17' },
    reason: expect.any(String),
  });
  expect(statesIn(messages)).toEqual([[2, { recordCount: 39, rejectedRecordCount: 1 }]]);
  expect(workspace.emulator.rows('counts')).toHaveLength(39);
  expect(warnings(messages).join()).toMatch(
    /Table "counts": Power BI refused a row, it is kept in ".*quarantine.jsonl"/,
  );
  const failed = messages.find(
    (message) => message.type === 'LOG' && message.log.message.includes('"event":"request failed"'),
  );
  expect(failed).toMatchObject({ log: { message: expect.stringMatching(/"status":400.*"requestId":/) } });
  const events = workspace.emulator.rows('_sync').map(({ event }) => event);
  expect(events).toContain('quarantined');
  // A row of an earlier run that is refused again with its table is not a record of this one.
  const again = await workspace.write(
    [recordMessage('counts', { id: '3', n: 33 }, 1), stateMessage('counts', { page: 3 }, 1)],
    counts,
  );
  expect(statesIn(again)).toEqual([[3, { recordCount: 1 }]]);
  expect((await readFile(rejects, 'utf8')).trim().split('\n')).toHaveLength(1);
});

test('a refused line of a document is told as its record, once', async () => {
  await using workspace = await openWorkspace();
  const lines = catalog(['invoices']);
  for (const { stream: one } of lines.streams)
    Object.assign(one, {
      json_schema: {
        type: 'object',
        properties: {
          TenantID: { type: 'string' },
          InvoiceID: { type: 'string' },
          LineItems: {
            type: ['null', 'array'],
            items: { type: 'object', properties: { n: { type: ['null', 'integer'] } } },
          },
        },
      },
    });
  const invoice = (id: number, n: string) =>
    `${JSON.stringify(recordMessage('invoices', { TenantID: 't', InvoiceID: `i${id}`, LineItems: [{ n: 0 }, { n: 0 }] }, 1)).replaceAll('"n":0', `"n":${n}`)}\n`;
  const messages = await workspace.write(
    [invoice(1, '1'), invoice(2, '9007199254740993'), stateMessage('invoices', { page: 1 }, 2)],
    lines,
  );
  expect(workspace.emulator.rows('invoices_LineItems')).toHaveLength(2);
  expect(statesIn(messages)).toEqual([[1, { recordCount: 1, rejectedRecordCount: 1 }]]);
  expect(JSON.parse(await readFile(join(workspace.folder, 'rejects.jsonl'), 'utf8'))).toMatchObject({
    stream: 'invoices',
    record: { TenantID: 't', InvoiceID: 'i2' },
  });
});

test('no secret and no row value is in what is logged', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.faults.add({
    path: /rows$/,
    times: 2,
    does: { kind: 'answer', status: 400, body: 'no' },
  });
  const messages = await workspace.write(
    [recordMessage('notes', { id: '1', body: 'confidential' }, 1)],
    stream('notes', { body: text }),
  );
  const said = JSON.stringify(messages);
  expect(said).toContain('request failed');
  expect(said).not.toContain('confidential');
  expect(said).not.toContain(workspace.emulator.clientSecret);
});
