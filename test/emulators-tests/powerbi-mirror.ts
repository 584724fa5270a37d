// What the tests of open mirroring share: a mirrored database that runs, and files laid down as producers do.
import { parquet } from './databricks-client.ts';
import type { OpenTenant } from './powerbi-setup.ts';

export const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

export const mirroring = {
  properties: {
    source: { type: 'GenericMirror', typeProperties: {} },
    target: { type: 'MountedRelationalDatabase', typeProperties: { defaultSchema: 'dbo', format: 'Delta' } },
  },
};

export const definition = {
  parts: [{ path: 'mirroring.json', payload: base64(mirroring), payloadType: 'InlineBase64' }],
};

/** A mirrored database that runs; answers its id. */
export async function mirror(tenant: OpenTenant): Promise<string> {
  const root = `/workspaces/${tenant.emulator.workspaceId}/mirroredDatabases`;
  const { status, body } = await tenant.fabric('POST', root, { displayName: 'Ledger', definition });
  if (status !== 201) throw new Error(JSON.stringify(body));
  tenant.clock.advance(5_000);
  await tenant.fabric('POST', `${root}/${body.id}/startMirroring`);
  return String(body.id);
}

/** Uploads under a temporary name, then renames, as producers do. */
export async function put(tenant: OpenTenant, path: string, content: Buffer): Promise<void> {
  const temporary = `${path.replace(/[^/]+$/, '')}_uploading`;
  const steps = [
    await tenant.oneLake('PUT', `${temporary}?resource=file`),
    await tenant.oneLake('PATCH', `${temporary}?action=append&position=0`, { body: content }),
    await tenant.oneLake('PATCH', `${temporary}?action=flush&position=${content.length}`),
    await tenant.oneLake('PUT', path, {
      headers: { 'x-ms-rename-source': `/${tenant.emulator.workspaceId}${temporary}` },
    }),
  ];
  const statuses = steps.map(({ status }) => status);
  if (statuses.join() !== '201,202,200,201')
    throw new Error(`${path}: ${statuses.join()} ${steps.map(({ text }) => text).join()}`);
}

export const file = (number: number) => `${String(number).padStart(20, '0')}.parquet`;
export const metadata = Buffer.from(JSON.stringify({ keyColumns: ['id'] }));

/** A table folder with keys and files made by queries. */
export async function land(
  tenant: OpenTenant,
  database: string,
  { table = 'invoices', from = 1, keys = metadata },
  ...queries: string[]
): Promise<void> {
  const folder = `/${database}/Files/LandingZone/${table}`;
  if (from === 1) await put(tenant, `${folder}/_metadata.json`, keys);
  for (const [at, query] of queries.entries())
    await put(tenant, `${folder}/${file(from + at)}`, await parquet(query));
}

export async function status(tenant: OpenTenant, database: string) {
  const { body } = await tenant.fabric(
    'POST',
    `/workspaces/${tenant.emulator.workspaceId}/mirroredDatabases/${database}/getTablesMirroringStatus`,
  );
  return body.data;
}
