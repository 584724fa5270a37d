// Fabric and OneLake on the emulator: items and their status, files by the DFS endpoint, a Direct Lake model.
import { expect, test } from 'vitest';
import { base64, definition, land, mirror } from './powerbi-mirror.ts';
import { openTenant } from './powerbi-setup.ts';

test('mirroring starts only once initialised, stops, and needs a capacity and a role', async () => {
  const tenant = await openTenant({ switches: { itemCreation: 'operation' } });
  const root = `/workspaces/${tenant.emulator.workspaceId}/mirroredDatabases`;
  const created = await tenant.fabric('POST', root, { displayName: 'Ledger', definition });
  expect(created.status).toBe(202);
  const operation = `/operations/${created.headers.get('x-ms-operation-id')}`;
  expect((await tenant.fabric('GET', `${operation}/result`)).status).toBe(400);
  await tenant.fabric('GET', operation);
  expect((await tenant.fabric('GET', operation)).body.status).toBe('Succeeded');
  const { body } = await tenant.fabric('GET', `${operation}/result`);
  const at = `${root}/${body.id}`;
  const state = async () => (await tenant.fabric('POST', `${at}/getMirroringStatus`)).body.status;
  expect([await state(), (await tenant.fabric('POST', `${at}/startMirroring`)).status]).toEqual([
    'Initializing',
    400,
  ]);
  tenant.clock.advance(5_000);
  expect([
    await state(),
    (await tenant.fabric('POST', `${at}/startMirroring`)).status,
    await state(),
  ]).toEqual(['Initialized', 200, 'Running']);
  await tenant.fabric('POST', `${at}/stopMirroring`);
  expect(await state()).toBe('Stopped');
  const [workspace] = tenant.emulator.tenant.workspaces;
  if (workspace) workspace.capacity = false;
  const refused = await tenant.fabric('POST', root, { displayName: 'Other', definition });
  expect([refused.status, refused.body.errorCode]).toEqual([403, 'FeatureNotAvailable']);
  if (workspace) workspace.role = 'Viewer';
  expect((await tenant.fabric('POST', root, { displayName: 'Other', definition })).body.errorCode).toBe(
    'InsufficientPrivileges',
  );
  expect(
    (await tenant.oneLake('PUT', `/${body.id}/Files/LandingZone/t/_metadata.json?resource=file`)).status,
  ).toBe(403);
  await tenant.emulator.close();
});

test('a file needs its true positions, managed folders stay, and ignored headers are named', async () => {
  const tenant = await openTenant();
  const id = await mirror(tenant);
  const path = `/${id}/Files/LandingZone/t/x`;
  const created = await tenant.oneLake('PUT', `${path}?resource=file`, {
    headers: { 'x-ms-acl': 'user::rwx' },
  });
  expect([created.status, created.headers.get('x-ms-rejected-headers')]).toEqual([201, 'x-ms-acl']);
  expect(
    (await tenant.oneLake('PUT', `${path}?resource=file`, { headers: { 'if-none-match': '*' } })).body.error
      .code,
  ).toBe('PathAlreadyExists');
  expect(
    (await tenant.oneLake('PATCH', `${path}?action=append&position=3`, { body: Buffer.from('abc') })).status,
  ).toBe(400);
  expect(
    (await tenant.oneLake('PATCH', `${path}?action=append&position=0`, { body: Buffer.from('abc') })).status,
  ).toBe(202);
  expect((await tenant.oneLake('GET', path)).text).toBe('');
  expect((await tenant.oneLake('PATCH', `${path}?action=flush&position=2`)).body.error.code).toBe(
    'InvalidFlushPosition',
  );
  expect((await tenant.oneLake('PATCH', `${path}?action=flush&position=3`)).status).toBe(200);
  expect((await tenant.oneLake('GET', path)).text).toBe('abc');
  const listed = await tenant.oneLake(
    'GET',
    `?resource=filesystem&directory=${id}/Files/LandingZone&recursive=true`,
  );
  expect(listed.body.paths).toMatchObject([
    { isDirectory: 'true' },
    { name: `${id}/Files/LandingZone/t/x`, contentLength: '3' },
  ]);
  expect((await tenant.oneLake('DELETE', `/${id}/Files/LandingZone?recursive=true`)).status).toBe(403);
  expect(
    (await tenant.oneLake('GET', `/${id}/Files/LandingZone/nothing`)).headers.get('x-ms-error-code'),
  ).toBe('PathNotFound');
  await tenant.emulator.close();
});

const model = (database: string) => ({
  compatibilityLevel: 1604,
  model: {
    expressions: [
      {
        name: 'DatabaseQuery',
        kind: 'm',
        expression: ['let', `  database = Sql.Database("server", "${database}")`, 'in', '  database'],
      },
    ],
    tables: [
      {
        name: 'Invoices',
        columns: [
          { name: 'id', dataType: 'string', sourceColumn: 'id' },
          { name: 'amount', dataType: 'decimal', sourceColumn: 'amount' },
          { name: 'day', dataType: 'dateTime', sourceColumn: 'day' },
        ],
        measures: [{ name: 'Total', expression: "SUM('Invoices'[amount])" }],
        partitions: [
          {
            name: 'p',
            mode: 'directLake',
            source: {
              type: 'entity',
              schemaName: 'dbo',
              entityName: 'invoices',
              expressionSource: 'DatabaseQuery',
            },
          },
        ],
      },
    ],
  },
});

test('a Direct Lake model over the mirror answers DAX with the newest rows', async () => {
  const tenant = await openTenant({ switches: { replicationTakes: 0 } });
  const id = await mirror(tenant);
  await land(
    tenant,
    id,
    {},
    "SELECT 'a' AS id, 0.1::DECIMAL(18,4) AS amount, DATE '2026-01-31' AS day UNION ALL SELECT 'b', 0.2, NULL",
  );
  const parts = [
    { path: 'definition.pbism', payload: base64({ version: '4.0' }), payloadType: 'InlineBase64' },
    { path: 'model.bim', payload: base64(model(id)), payloadType: 'InlineBase64' },
  ];
  const created = await tenant.fabric('POST', `/workspaces/${tenant.emulator.workspaceId}/semanticModels`, {
    displayName: 'Books',
    definition: { parts },
  });
  expect(created.status).toBe(201);
  const query = 'EVALUATE ROW("total", [Total], "last", MAX(Invoices[day]))';
  const ask = () =>
    tenant.inWorkspace('POST', `/datasets/${created.body.id}/executeQueries`, {
      body: { queries: [{ query }] },
    });
  expect((await ask()).body.results[0]?.tables[0]?.rows).toEqual([
    { '[total]': 0.3, '[last]': '2026-01-31T00:00:00' },
  ]);
  await land(
    tenant,
    id,
    { from: 2 },
    "SELECT 'b' AS id, 0.5::DECIMAL(18,4) AS amount, NULL::DATE AS day, 4 AS __rowMarker__",
  );
  expect(await tenant.emulator.dax(query, 'Books')).toEqual([
    { '[total]': '0.6000', '[last]': '2026-01-31T00:00:00' },
  ]);
  await tenant.emulator.close();
}, 30_000);
