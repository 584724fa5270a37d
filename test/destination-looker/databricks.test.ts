// Databricks as the warehouse: the shared writer behind our settings.
import { join } from 'node:path';
import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { catalogOf } from '../conformance/destination.ts';
import { contextOf, writeAll } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { startDatabricks } from '../emulators/databricks/index.ts';
import { temporaryFolder } from '../program.ts';

async function open() {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
  const emulator = await startDatabricks({ clock });
  onTestFinished(() => emulator.close());
  const { clientId: client_id, clientSecret: client_secret } = emulator.credentials;
  const warehouse = {
    kind: 'databricks',
    host: emulator.url,
    warehouse_id: emulator.warehouseId,
    catalog: emulator.catalog,
    client_id,
    client_secret,
  };
  const config = {
    mode: 'warehouse',
    warehouse,
    schema: 'finance',
    reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
  };
  return { clock, emulator, warehouse, config };
}

test('rows land in Unity Catalog, and the state comes back', async () => {
  const { clock, emulator, config } = await open();
  const messages = await writeAll(destination, {
    clock,
    config,
    catalog: catalogOf('append_dedup'),
    input: [
      recordMessage('documents', { id: 'a', at: '2026-01-01T00:00:00Z', total: 1.5 }, 1),
      stateMessage('documents', { cursor: 1 }, 1),
      streamStatusMessage('documents', 'COMPLETE', 1),
    ],
  });
  expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
  const rows = await emulator.query(`SELECT id, total FROM "${emulator.catalog}"."finance"."documents"`);
  expect(rows.map(({ id, total }) => [id, Number(total)])).toEqual([['a', 1.5]]);
});

test('check goes through the workspace with either way to sign in', async () => {
  const { clock, emulator, config, warehouse } = await open();
  const { client_id: _id, client_secret: _secret, ...place } = warehouse;
  for (const changed of [
    config,
    { ...config, warehouse: { ...place, personal_access_token: emulator.credentials.token } },
  ]) {
    const result = await destination.check(await contextOf(destination, { config: changed, clock }, []));
    expect(result).toMatchObject({ ok: true, message: expect.stringContaining('WRITE VOLUME on volume') });
  }
});

test('a workspace without a way to sign in, or with a wrong one, is refused', async () => {
  const { clock, config, warehouse } = await open();
  const { client_id: _id, client_secret: _secret, ...place } = warehouse;
  const check = async (changed: object) =>
    destination.check(await contextOf(destination, { config: { ...config, warehouse: changed }, clock }, []));
  expect(await check(place)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/no way to sign in/),
  });
  expect(await check({ ...warehouse, client_secret: 'no' })).toMatchObject({ ok: false });
});
