// Open mirroring on the emulator: files of the landing zone, applied in order, and what fails a table.
import { expect, test } from 'vitest';
import { file, land, metadata, mirror, status } from './powerbi-mirror.ts';
import { openTenant } from './powerbi-setup.ts';

test('files are applied in order after the latency: inserts, updates, deletes, upserts, a new column', async () => {
  const tenant = await openTenant();
  const id = await mirror(tenant);
  await land(
    tenant,
    id,
    {},
    "SELECT * FROM (VALUES ('a', 1.10::DECIMAL(18,4), DATE '2026-01-01'), ('b', 2, NULL), ('c', 3, NULL)) t(id, amount, day)",
    "SELECT *, NULL::VARCHAR AS note, marker::INTEGER AS __rowMarker__ FROM (VALUES ('a', 1.25::DECIMAL(18,4), NULL::DATE, 1), ('b', NULL, NULL, 2), ('d', 4, NULL, 4), ('x', 9, NULL, 1)) t(id, amount, day, marker)".replace(
      'SELECT *',
      'SELECT id, amount, day',
    ),
    "SELECT id, amount, NULL::DATE AS day, 'n' AS note, marker::INTEGER AS __rowMarker__ FROM (VALUES ('d', 5::DECIMAL(18,4), 4), ('d', 6, 4), ('b', 7, 0), ('b', 7, 2), ('e', 8, 0)) t(id, amount, marker)",
  );
  expect(await status(tenant, id)).toEqual([]);
  tenant.clock.advance(45_000);
  expect(await tenant.emulator.mirrored('invoices')).toEqual([
    { id: 'a', amount: '1.2500', day: null, note: null },
    { id: 'c', amount: '3.0000', day: null, note: null },
    { id: 'd', amount: '6.0000', day: null, note: 'n' },
    { id: 'e', amount: '8.0000', day: null, note: 'n' },
  ]);
  expect(await status(tenant, id)).toMatchObject([
    {
      sourceSchemaName: 'dbo',
      sourceTableName: 'invoices',
      status: 'Replicating',
      metrics: { processedRows: 12 },
    },
  ]);
  const files = tenant.emulator.files().map((path) => path.slice(path.indexOf('invoices')));
  expect(files).toEqual([
    `invoices/${file(3)}`,
    `invoices/_ProcessedFiles/${file(1)}`,
    `invoices/_ProcessedFiles/${file(2)}`,
    'invoices/_metadata.json',
  ]);
  await tenant.emulator.close();
}, 30_000);

test('an update of a key that is not there is ignored, or inserted by the switch', async () => {
  for (const updateOfMissing of ['ignored', 'inserted'] as const) {
    const tenant = await openTenant({ switches: { updateOfMissing, replicationTakes: 0 } });
    const id = await mirror(tenant);
    await land(tenant, id, {}, "SELECT 'x' AS id, 1 AS n, 1 AS __rowMarker__");
    expect(await tenant.emulator.mirrored('invoices')).toEqual(
      updateOfMissing === 'ignored' ? [] : [{ id: 'x', n: 1 }],
    );
    await tenant.emulator.close();
  }
}, 30_000);

test('a missing number holds back all later files until it lands', async () => {
  const tenant = await openTenant({ switches: { replicationTakes: 0 } });
  const id = await mirror(tenant);
  await land(tenant, id, {}, "SELECT 'a' AS id");
  await land(tenant, id, { from: 3 }, "SELECT 'c' AS id");
  expect(await tenant.emulator.mirrored('invoices')).toEqual([{ id: 'a' }]);
  await land(tenant, id, { from: 2 }, "SELECT 'b' AS id");
  expect(await tenant.emulator.mirrored('invoices')).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  await tenant.emulator.close();
}, 30_000);

test.each([
  ['another type', metadata, ['SELECT 1 AS id', "SELECT 'a' AS id"], 'SchemaMergeFailure'],
  ['a marker that is not last', metadata, ['SELECT 0 AS __rowMarker__, 1 AS id'], 'InvalidRowMarker'],
  ['marker 3', metadata, ['SELECT 1 AS id, 3 AS __rowMarker__'], 'InvalidRowMarker'],
  ['a delete without keys', Buffer.from('{}'), ['SELECT 1 AS id, 2 AS __rowMarker__'], 'KeyColumnsMissing'],
  ['a key the file lacks', metadata, ['SELECT 1 AS n'], 'InvalidKeyColumns'],
  ['metadata that is no JSON', Buffer.from('keys'), ['SELECT 1 AS id'], 'InvalidMetadata'],
])('%s fails the table, and its status says why', async (_, keys, queries, errorCode) => {
  const tenant = await openTenant({ switches: { replicationTakes: 0 } });
  const id = await mirror(tenant);
  await land(tenant, id, { keys }, ...queries);
  expect(await status(tenant, id)).toMatchObject([{ status: 'Failed', error: { errorCode } }]);
  await tenant.emulator.close();
});

test('changed keys fail a table, and a folder made anew begins again', async () => {
  const tenant = await openTenant({ switches: { replicationTakes: 0 } });
  const id = await mirror(tenant);
  await land(tenant, id, {}, 'SELECT 1 AS id');
  await status(tenant, id);
  await land(tenant, id, { keys: Buffer.from('{"keyColumns":[]}') });
  await land(tenant, id, { from: 2 }, 'SELECT 2 AS id');
  expect(await status(tenant, id)).toMatchObject([
    { status: 'Failed', error: { errorCode: 'MetadataChanged' } },
  ]);
  const folder = `/${id}/Files/LandingZone/invoices`;
  expect((await tenant.oneLake('DELETE', folder)).status).toBe(409);
  expect((await tenant.oneLake('DELETE', `${folder}?recursive=true`)).status).toBe(200);
  await land(tenant, id, {}, "SELECT 'other type' AS id");
  expect(await tenant.emulator.mirrored('invoices')).toEqual([{ id: 'other type' }]);
  await tenant.emulator.close();
}, 30_000);

test('changed metadata is not looked at where the switch says so', async () => {
  const tenant = await openTenant({
    switches: { replicationTakes: 0, changedMetadata: 'ignored', initialisingTakes: 0 },
  });
  const id = await mirror(tenant);
  await land(tenant, id, {}, 'SELECT 1 AS id');
  await status(tenant, id);
  await land(tenant, id, { keys: Buffer.from('{"keyColumns":[]}') });
  await land(tenant, id, { from: 2 }, 'SELECT 1 AS id, 2 AS __rowMarker__');
  expect(await tenant.emulator.mirrored('invoices')).toEqual([]);
  await tenant.emulator.close();
}, 30_000);

test('tables lie in the default schema of the definition, or in the schema of their folder', async () => {
  const tenant = await openTenant({ switches: { replicationTakes: 0 } });
  const id = await mirror(tenant);
  await land(tenant, id, { table: 'books.schema/invoices' }, "SELECT 'b' AS id");
  await land(tenant, id, {}, "SELECT 'a' AS id");
  expect(await tenant.emulator.mirrored('invoices')).toEqual([{ id: 'a' }]);
  expect(await tenant.emulator.mirrored('invoices', { schema: 'books' })).toEqual([{ id: 'b' }]);
  await tenant.emulator.close();
}, 30_000);
