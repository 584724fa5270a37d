// What a load costs: full batches, a handful of requests beside them, no quota hit, and nothing for what did not change.
import { type Message, recordMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figures } from './figures.ts';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace, steppingClock, type Workspace } from './workspace.ts';

/** A workspace whose time moves by waits alone, so that none of them comes from a slow machine. */
const open = (options: Parameters<typeof openWorkspace>[0] = {}): Promise<Workspace> =>
  openWorkspace({
    ...options,
    clock: steppingClock(),
    config: { segment_minutes: 720, ...options.config },
  });

const contacts = (count: number, name = 'x'): Message[] => [
  ...Array.from({ length: count }, (_, number) =>
    recordMessage('contacts', { TenantID: 't', ContactID: `c${number}`, Name: `${name} ${number}` }, 1),
  ),
  streamStatusMessage('contacts', 'COMPLETE', 1),
];

const paid = (count: number): Message[] => [
  ...Array.from({ length: count }, (_, number) =>
    recordMessage('payments', { TenantID: 't', PaymentID: `p${number}`, Amount: number }, 1),
  ),
  streamStatusMessage('payments', 'COMPLETE', 1),
];

/** Invoices of three lines each. */
const billed = (count: number): Message[] => [
  ...Array.from({ length: count }, (_, number) =>
    recordMessage(
      'invoices',
      {
        TenantID: 't',
        InvoiceID: `i${number}`,
        Date: '2026-08-01',
        Total: 6,
        LineItems: [1, 2, 3].map((LineAmount) => ({ Description: 'x', LineAmount })),
      },
      1,
    ),
  ),
  streamStatusMessage('invoices', 'COMPLETE', 1),
];

/** Requests that rows alone need: full batches of 10,000 for each table with rows. */
const least = (rows: readonly number[]): number =>
  rows.reduce((sum, count) => sum + Math.ceil(count / 10_000), 0);

test('rows of many segments fill batches of 10,000, with at most T + 3 requests beside them', async () => {
  await using workspace = await open({ keepBodies: false });
  await workspace.write(contacts(35_000), catalog(['contacts']), { segment_megabytes: 1 });
  const requests = workspace.newRequests();
  const rows = workspace.emulator.dataset('Finance').tables.map(({ size }) => size);
  expect(rows).toContain(35_000);
  const tables = rows.filter((size) => size > 0).length;
  expect(requests.length).toBeLessThanOrEqual(least(rows) + tables + 3);
  expect(workspace.emulator.throttled()).toBe(0);
});

test('a first load of many tables, some over a batch: full batches, and at most T + 3 requests beside them', async () => {
  const size = fc.record({
    contacts: fc.integer({ min: 1, max: 21_000 }),
    payments: fc.constantFrom(0, 1, 9_999, 10_000, 10_001, 20_001),
    invoices: fc.integer({ min: 0, max: 6_000 }),
  });
  await fc.assert(
    fc.asyncProperty(size, async ({ contacts: named, payments, invoices }) => {
      await using workspace = await open({ keepBodies: false });
      await workspace.write(
        [...contacts(named), ...paid(payments), ...billed(invoices)],
        catalog(),
        // Segments of a megabyte: what one of them brings is never sent alone.
        { segment_megabytes: 1 },
      );
      const rows = workspace.emulator.dataset('Finance').tables.map(({ size: count }) => count);
      expect(rows).toEqual(expect.arrayContaining([named, payments, invoices, 3 * invoices]));
      const tables = rows.filter((count) => count > 0).length;
      const requests = workspace.newRequests();
      // The first row of the log of deliveries goes alone: it shows that the model is in use.
      const posts = requests.filter(({ path }) => path.endsWith('/rows'));
      expect(posts).toHaveLength(least(rows) + 1);
      expect(requests.length).toBeLessThanOrEqual(least(rows) + tables + 3);
      expect(workspace.emulator.throttled()).toBe(0);
    }),
    { numRuns: 2, examples: [[{ contacts: 10_000, payments: 20_000, invoices: 3_334 }]] },
  );
});

test('nothing changed: no row is sent', async () => {
  await using workspace = await open();
  await workspace.write(contacts(50), catalog(['contacts']));
  workspace.newRequests();
  await workspace.write(contacts(50), catalog(['contacts']));
  expect(workspace.newRequests().filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('states without records cost no request', async () => {
  await using workspace = await open();
  await workspace.write([streamStatusMessage('contacts', 'COMPLETE', 1)], catalog(['contacts']));
  expect(workspace.newRequests()).toEqual([]);
});

test('new rows are appended; a changed row empties and reloads its small table, and no other', async () => {
  await using workspace = await open();
  await workspace.write(contacts(50), catalog(['contacts']));
  workspace.newRequests();
  await workspace.write(contacts(51), catalog(['contacts']));
  const appended = workspace.newRequests();
  expect(appended.filter(({ method }) => method === 'DELETE')).toEqual([]);
  expect(workspace.emulator.rows('contacts')).toHaveLength(51);
  await workspace.write(contacts(1, 'renamed'), catalog(['contacts']));
  expect(workspace.newRequests().filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  expect(workspace.emulator.rows('contacts')).toHaveLength(51);
});

test('large tables get versions with measures for them, and are rewritten once they hold twice their rows', async () => {
  await using workspace = await open({ delivery: { versions_from_rows: 20 } });
  const ledger = new Ledger(3);
  await workspace.write(ledger.edit(80), catalog());
  const measure = () =>
    workspace.emulator.dataset('Finance').tables.find(({ name }) => name === 'invoices')?.measures[0]
      ?.expression;
  expect(measure()).not.toContain('_version');
  let compactions = 0;
  for (let run = 0; run < 5; run += 1) {
    workspace.newRequests();
    await workspace.write(ledger.edit(25), catalog());
    const emptied = workspace.newRequests().filter(({ method }) => method === 'DELETE');
    compactions += emptied.filter(({ path }) => path.includes('/tables/invoices/')).length;
    expect(await figures(workspace.emulator)).toEqual(ledger.totals());
  }
  expect(measure()).toContain('_version');
  expect(compactions).toBeGreaterThanOrEqual(1);
  expect(compactions).toBeLessThanOrEqual(4);
});

test('the quota of requests a minute is waited for, announced, and never hit, over runs too', async () => {
  await using workspace = await open({ keepBodies: false, delivery: { min_interval_seconds: 0 } });
  const waits: string[] = [];
  for (let run = 0; run < 3; run += 1) {
    const messages = await workspace.write(contacts(600, `run ${run}`), catalog(['contacts']), {
      max_rows: 6,
    });
    for (const message of messages)
      if (message.type === 'LOG' && message.log.message.startsWith('Waits until '))
        waits.push(message.log.message);
  }
  expect(waits.join()).toMatch(/the quota of 120 requests a minute is spent/);
  expect(workspace.emulator.throttled()).toBe(0);
  expect(workspace.emulator.rows('contacts')).toHaveLength(600);
});

test('a quota that lasts longer than the setting ends the run with the time to come back', async () => {
  await using workspace = await open({ keepBodies: false, delivery: { min_interval_seconds: 0 } });
  await expect(
    workspace.write(contacts(5_000), catalog(['contacts']), { max_rows: 20, max_wait_minutes: 0 }),
  ).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringMatching(
      /requests a minute is spent until .*run again after that, or raise "max_wait_minutes"/,
    ),
  });
  await workspace.write(contacts(5_000), catalog(['contacts']));
  expect(workspace.emulator.rows('contacts')).toHaveLength(5_000);
});

test('without quotas of its own the connector follows Retry-After, and the figures are right', async () => {
  await using workspace = await open({
    switches: { ownerLicence: 'free', retryAfter: false },
    rate: 50_000,
  });
  await workspace.write(contacts(15_000), catalog(['contacts']), { max_rows: 5_000 });
  expect(workspace.emulator.rows('contacts')).toHaveLength(15_000);
  expect(workspace.emulator.throttled()).toBeGreaterThan(0);
});
