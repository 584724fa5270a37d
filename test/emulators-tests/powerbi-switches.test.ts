// Switches of the Power BI emulator whose other setting no other test turns on: both settings do what they say.
import { expect, test } from 'vitest';
import type { Switches } from '../emulators/powerbi/index.ts';
import { ledger, type OpenTenant, openTenant } from './powerbi-setup.ts';

type Ask = (tenant: OpenTenant) => Promise<unknown>;

const one = { name: 'One', tables: [{ name: 'T', columns: [{ name: 'a', dataType: 'String' }] }] };

const rowsOf =
  (table: string): Ask =>
  async (tenant) => {
    const id = await tenant.create(one);
    return (await tenant.post(id, table, [{ a: 'x' }])).status;
  };

const twice: Ask = async (tenant) => {
  const id = await tenant.create(ledger);
  const { status } = await tenant.post(id, 'Contacts', [{ ContactID: 'a' }, { ContactID: 'a' }]);
  await tenant.post(id, 'Invoices', [{ ContactID: 'a', SubTotal: 5 }]);
  const query = 'EVALUATE SUMMARIZECOLUMNS(Contacts[Name], "s", SUM(Invoices[SubTotal]))';
  const asked = await tenant.inWorkspace('POST', `/datasets/${id}/executeQueries`, {
    body: { queries: [{ query }] },
  });
  return [status, asked.status];
};

const asViewer: Ask = async (tenant) => {
  const [workspace] = tenant.emulator.tenant.workspaces;
  if (workspace) workspace.role = 'Viewer';
  const { status, body } = await tenant.inWorkspace('POST', '/datasets', { body: one });
  return [status, body?.error.code];
};

const asContributor: Ask = async (tenant) => {
  const [workspace] = tenant.emulator.tenant.workspaces;
  if (workspace) workspace.role = 'Contributor';
  return (await tenant.inWorkspace('POST', '/datasets', { body: one })).status;
};

const fullTable: Ask = async (tenant) => {
  const id = await tenant.create(one);
  tenant.emulator.dataset('One').tables[0]?.append(new Array(5_000_000).fill(['x']), 0);
  return (await tenant.post(id, 'T', [{ a: 'x' }])).status;
};

const users: Ask = async (tenant) => {
  const { status, body } = await tenant.inWorkspace('GET', '/users');
  return status === 200 ? body.value.length : status;
};

const repeated: Ask = async (tenant) => {
  const id = await tenant.create(one);
  await tenant.post(id, 'T', [], 1);
  return (await tenant.post(id, 'T', [], 1)).status;
};

const created =
  (body: object): Ask =>
  async (tenant) =>
    (await tenant.inWorkspace('POST', '/datasets', { body })).status;

const fabricByPowerBiToken: Ask = async (tenant) => {
  const { body } = await tenant.token();
  const headers = { authorization: `Bearer ${body.access_token}` };
  return (await fetch(`${tenant.emulator.endpoints.fabric}/v1/workspaces`, { headers })).status;
};

const cases: readonly (readonly [string, Partial<Switches>, Ask, unknown])[] = [
  ['unknown application 400', {}, async (t) => (await t.token({ client_id: 'x' })).status, 400],
  [
    'unknown application 401',
    { unknownApplicationStatus: 401 },
    async (t) => (await t.token({ client_id: 'x' })).status,
    401,
  ],
  ['unknown tenant 404', { unknownTenantStatus: 404 }, async (t) => (await t.token({}, 'x')).status, 404],
  ['tokens for Power BI do not open Fabric', {}, fabricByPowerBiToken, 401],
  ['tokens for Power BI open Fabric', { fabricTakesPowerBiTokens: true }, fabricByPowerBiToken, 200],
  ['creation closed', { creation: 'closed', featureDeprecatedStatus: 403 }, created(one), 403],
  ['creation open', { creation: 'open' }, created(one), 201],
  [
    'a table called Date',
    { tableCalledDate: 'accepted' },
    created({ ...one, tables: [{ ...one.tables[0], name: 'Date' }] }),
    201,
  ],
  ['tables by case', {}, rowsOf('t'), 404],
  ['tables without case', { caseSensitiveTables: false }, rowsOf('t'), 200],
  ['ItemNotFound as 400', { itemNotFoundStatus: 400 }, rowsOf('U'), 400],
  [
    'what is not found in envelope A',
    { notFoundEnvelope: 'A' },
    async (t) => (await t.inWorkspace('GET', '/datasets/x')).body.error.message,
    'Entity is not found.',
  ],
  ['duplicate keys refused', {}, twice, [400, 200]],
  ['duplicate keys fail queries', { duplicateKeys: 'query fails' }, twice, [200, 400]],
  ['a full table as 429', { fullTableStatus: 429 }, fullTable, 429],
  ['a repeated number as 409', { repeatedSequenceStatus: 409 }, repeated, 409],
  ['a Contributor writes', {}, asContributor, 201],
  ['a Contributor does not write', { contributorWrites: false }, asContributor, 403],
  ['a refused role with a body', { roleRefusal: 'B' }, asViewer, [403, 'PowerBINotAuthorizedException']],
  ['users without the principal', { usersCall: 'not listed' }, users, 1],
  ['users refused', { usersCall: 'refused' }, users, 403],
  [
    'no filter by id',
    { filterById: false },
    async (t) => (await t.call('GET', "/groups?$filter=id%20eq%20'x'")).status,
    400,
  ],
];

test.each(cases)('%s', async (_, switches, ask, expected) => {
  const tenant = await openTenant({ switches });
  expect(await ask(tenant)).toEqual(expected);
  await tenant.emulator.close();
});

test('statistics of columns may be unknown to the engine', async () => {
  const tenant = await openTenant({ switches: { columnStatistics: false } });
  await tenant.create(one);
  await expect(tenant.emulator.dax('EVALUATE COLUMNSTATISTICS()')).rejects.toThrow(
    'COLUMNSTATISTICS is not known here',
  );
  await tenant.emulator.close();
});
