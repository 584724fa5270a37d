// Limits of the service beside its quotas: bodies that are too large, tokens, retention, generations; and the contract.
import {
  type ConfiguredCatalog,
  type Message,
  recordMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { judgePowerBi } from '../contract/powerbi-contract.ts';
import { specsAreThere } from '../contract/specs.ts';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace, steppingClock, type Workspace } from './workspace.ts';

const open = (options: Parameters<typeof openWorkspace>[0] = {}): Promise<Workspace> =>
  openWorkspace({ ...options, clock: steppingClock() });

const contacts = (from: number, to: number, name = 'x'): Message[] => [
  ...Array.from({ length: to - from }, (_, index) =>
    recordMessage(
      'contacts',
      { TenantID: 't', ContactID: `c${from + index}`, Name: `${name} ${from + index}` },
      1,
    ),
  ),
  streamStatusMessage('contacts', 'COMPLETE', 1),
];

const posts = ({ emulator }: Workspace, table: string) =>
  emulator.requests.filter(({ method, url }) => method === 'POST' && url.pathname.endsWith(`/${table}/rows`));

const idsIn = ({ emulator }: Workspace): unknown[] =>
  emulator
    .rows('contacts')
    .map(({ ContactID }) => ContactID)
    .sort();

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `c${from + index}`).sort();

test('a body that is too large is halved until it is taken, and every row arrives once', async () => {
  await using workspace = await open();
  const tooLarge = { kind: 'answer', status: 413, body: 'Request Entity Too Large' } as const;
  workspace.emulator.faults.add({ method: 'POST', path: /contacts\/rows$/, times: 3, does: tooLarge });
  await workspace.write(contacts(0, 100), catalog(['contacts']));
  expect(idsIn(workspace)).toEqual(ids(0, 100));
  const sizes = posts(workspace, 'contacts').map(
    ({ body, status }) => [status, (JSON.parse(String(body)) as { rows: unknown[] }).rows.length] as const,
  );
  expect(sizes).toEqual([
    [413, 100],
    [413, 50],
    [413, 25],
    [200, 13],
    [200, 12],
    [200, 25],
    [200, 50],
  ]);
});

test('no body is larger than the setting, whatever the rows', async () => {
  await using workspace = await open({ config: { max_megabytes: 0.05 } });
  await workspace.write(contacts(0, 60, 'ü'.repeat(1_500)), catalog(['contacts']));
  expect(idsIn(workspace)).toEqual(ids(0, 60));
  const sizes = posts(workspace, 'contacts').map(({ body }) => body.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(0.05 * 1024 * 1024);
  expect(sizes.length).toBeLessThanOrEqual(6);
});

test('a new token for each batch, where the setting asks for it', async () => {
  await using workspace = await open({ config: { token_per_batch: true, max_rows: 10 } });
  await workspace.write(contacts(0, 50), catalog(['contacts']));
  expect(workspace.emulator.tokens()).toBeGreaterThan(posts(workspace, 'contacts').length);
  expect(posts(workspace, 'contacts')).toHaveLength(5);
});

test('a model with basicFIFO is made so, and takes streams that are appended', async () => {
  await using workspace = await open({ delivery: { retention: 'basicFIFO', verify: 'full' } });
  const payments = [1, 2, 3].map((number) =>
    recordMessage('payments', { TenantID: 't', PaymentID: `p${number}`, Amount: number }, 1),
  );
  const done = streamStatusMessage('payments', 'COMPLETE', 1);
  await workspace.write([...payments, done], catalog(['payments']));
  const made = workspace.emulator.requests.find(
    ({ method, url }) => method === 'POST' && url.pathname.endsWith('/datasets'),
  );
  expect(made?.url.searchParams.get('defaultRetentionPolicy')).toBe('basicFIFO');
  expect(workspace.emulator.rows('payments')).toHaveLength(3);
});

const generation = (
  mode: 'append' | 'append_dedup',
  [id, oldest]: readonly [number, number],
): ConfiguredCatalog => ({
  streams: catalog(['contacts']).streams.map((stream) => ({
    ...stream,
    destination_sync_mode: mode,
    generation_id: id,
    minimum_generation_id: oldest,
    sync_id: id,
  })),
});

for (const mode of ['append', 'append_dedup'] as const)
  test(`${mode}: a refresh lets the rows of older generations go once it is complete, and not before`, async () => {
    await using workspace = await open();
    await workspace.write(contacts(0, 10), generation(mode, [1, 0]));
    await workspace.write(contacts(5, 12).slice(0, 4), generation(mode, [2, 2])).catch(() => undefined);
    expect(idsIn(workspace)).toEqual(expect.arrayContaining(ids(0, 10)));
    await workspace.write(contacts(5, 12), generation(mode, [2, 2]));
    const found = idsIn(workspace);
    expect([...new Set(found)]).toEqual(ids(5, 12));
    if (mode === 'append_dedup') expect(found).toHaveLength(7);
    await workspace.write(contacts(12, 13), generation(mode, [2, 2]));
    expect([...new Set(idsIn(workspace))]).toEqual(ids(5, 13));
  });

test.skipIf(!specsAreThere)(
  'whatever the connector asks of Power BI is in the official document',
  async () => {
    await using workspace = await open({
      config: { write_probe: true, unmatched_references: 'insert' },
      delivery: { verify: 'full', versions_from_rows: 20 },
      switches: { sequenceNumbers: 'no endpoint' },
    });
    const ledger = new Ledger(8);
    await workspace.write(ledger.edit(40), catalog());
    workspace.emulator.faults.add({ path: /invoices\/rows$/, does: { kind: 'cut', when: 'after' } });
    await workspace.write(ledger.edit(20), catalog());
    await workspace.write(contacts(0, 5), catalog(['contacts']));
    await workspace.write(contacts(0, 1, 'renamed'), catalog(['contacts']));
    // The one call that no document has: sequence numbers were announced and never left the clients.
    const judged = workspace.emulator.requests
      .filter(({ url, status }) => status !== 0 && !url.pathname.endsWith('/sequenceNumbers'))
      .flatMap((request) => {
        const found = judgePowerBi(request);
        return found
          ? [[request.method, request.url.pathname.replace(/.*tables\/[^/]+/, 'table'), found] as const]
          : [];
      });
    expect(
      new Set(judged.map(([method, path]) => `${method} ${path.replace(/.*datasets.*/, 'datasets')}`)),
    ).toEqual(
      new Set(['GET datasets', 'POST datasets', 'PUT table', 'POST table/rows', 'DELETE table/rows']),
    );
    for (const [method, path, { request }] of judged) {
      // As little as the header of these numbers is.
      const findings = request.filter(({ place }) => place !== 'header x-powerbi-pushdata-sequencenumber');
      expect(findings, `${method} ${path}`).toEqual([]);
    }
  },
);
