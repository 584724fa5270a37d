// Runs that died, replicas that are lost, models that must be made again: nothing lost, nothing doubled, or refused.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { figures } from './figures.ts';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace, steppingClock } from './workspace.ts';

for (const strategy of ['rewrite', 'append_versions'] as const)
  test(`${strategy}: a run that dies at any request is made good by the same input again`, async () => {
    await using workspace = await openWorkspace({ delivery: { strategy } });
    const ledger = new Ledger(5);
    await workspace.write(ledger.edit(40), catalog());
    for (let skip = 0; skip < 8; skip += 1) {
      const input = ledger.edit(10);
      // From here on no answer comes back, though the work is done: neither of the rows nor of what asks about them.
      workspace.emulator.faults.add({
        path: /v1\.0/,
        skip,
        times: 1_000,
        does: { kind: 'cut', when: skip % 2 === 0 ? 'after' : 'before' },
      });
      const died = await workspace.write(input, catalog()).then(
        () => false,
        () => true,
      );
      workspace.emulator.faults.clear();
      // A run has at least so many requests that something can go wrong with.
      if (!died) {
        expect(skip).toBeGreaterThanOrEqual(5);
        break;
      }
      await workspace.write(input, catalog());
      expect(await figures(workspace.emulator), `after request ${skip}`).toEqual(ledger.totals());
    }
  });

test('a run without its replica is refused, and begins anew when the setting says so', async () => {
  await using workspace = await openWorkspace();
  const ledger = new Ledger(9);
  const first = ledger.edit(60);
  await workspace.write(first, catalog());
  await rm(join(workspace.folder, 'replica'), { recursive: true });
  const second = ledger.edit(10);
  await expect(workspace.write(second, catalog())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(
      /there is no replica of it in "replica_folder".*set "lost_replica" to "restart"/,
    ),
  });
  // Refused again, not taken for known by the second try.
  await expect(workspace.write(second, catalog())).rejects.toThrow(/no replica/);
  await workspace.write([...first, ...second], catalog(), { lost_replica: 'restart' });
  expect(await figures(workspace.emulator)).toEqual(ledger.totals());
  await workspace.write(ledger.edit(10), catalog());
  expect(await figures(workspace.emulator)).toEqual(ledger.totals());
});

test('a replica older than the model is refused', async () => {
  await using workspace = await openWorkspace();
  const ledger = new Ledger(2);
  await workspace.write(ledger.edit(20), catalog());
  const [replica, copy] = [join(workspace.folder, 'replica'), join(workspace.folder, 'copy')];
  await cp(replica, copy, { recursive: true });
  await workspace.write(ledger.edit(20), catalog());
  await rm(replica, { recursive: true });
  await cp(copy, replica, { recursive: true });
  await expect(workspace.write(ledger.edit(5), catalog())).rejects.toThrow(
    /the model was written to by another run than this replica knows of/,
  );
});

test('a stream that the model has no table for: refused, or the model is made again and reports follow', async () => {
  await using workspace = await openWorkspace();
  const ledger = new Ledger(4);
  const keyed = catalog(['contacts', 'invoices']);
  const known = (messages: ReturnType<Ledger['edit']>) =>
    messages.filter((message) => !JSON.stringify(message).includes('"payments"'));
  await workspace.write(known(ledger.edit(40)), keyed);
  const old = workspace.emulator.dataset('Finance');
  workspace.emulator.addReport('Debtors', old);
  const input = [
    ...known(ledger.edit(5)),
    recordMessage('payments', { TenantID: 't1', PaymentID: 'p', Amount: 1 }, 1),
  ];
  await expect(workspace.write(input, catalog())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/it has no table "payments".*set "allow_destructive_schema_change"/),
  });
  expect(workspace.emulator.datasets).toHaveLength(1);
  await workspace.write(input, catalog(), { allow_destructive_schema_change: true });
  const made = workspace.emulator.dataset('Finance');
  expect(made.id).not.toBe(old.id);
  expect(workspace.emulator.reports).toMatchObject([{ name: 'Debtors', datasetId: made.id }]);
  const { invoices, lines, outstanding, contacts } = ledger.totals();
  expect(await figures(workspace.emulator)).toMatchObject({
    invoices,
    lines,
    outstanding,
    contacts,
    payments: 1,
  });
});

test('a run with fewer streams still fills the keys that the others refer to', async () => {
  await using workspace = await openWorkspace();
  const ledger = new Ledger(12);
  await workspace.write(ledger.edit(30), catalog());
  const contact = { TenantID: 't1', ContactID: 'c1', Name: 'Alone' };
  await workspace.write([recordMessage('contacts', contact, 1)], catalog(['contacts']));
  const byName = `EVALUATE FILTER(SUMMARIZECOLUMNS('contacts'[Name], "n", COUNTROWS('invoices')), 'contacts'[Name] = "Alone")`;
  const [row] = await workspace.emulator.dax(byName);
  expect(row?.['[n]']).toBeGreaterThan(0);
  const more = ledger.edit(10).filter((message) => !JSON.stringify(message).includes('"contacts"'));
  await workspace.write(more, catalog(['invoices', 'payments']));
  const blank = `EVALUATE ROW("n", COUNTROWS(FILTER('invoices', ISBLANK(RELATED('contacts'[Name])))))`;
  expect((await workspace.emulator.dax(blank))[0]?.['[n]']).toBeNull();
});

test('keys that no dimension has get a member, which the real row replaces', async () => {
  await using workspace = await openWorkspace({ config: { unmatched_references: 'insert' } });
  const invoice = {
    TenantID: 't',
    InvoiceID: 'i',
    Contact: { ContactID: 'c9' },
    Date: '2026-08-01',
    Total: 1,
  };
  const done = streamStatusMessage('invoices', 'COMPLETE', 1);
  await workspace.write([recordMessage('invoices', invoice, 1), done], catalog());
  expect(workspace.emulator.rows('contacts')).toMatchObject([{ ContactID: 'c9', Name: '(unknown c9)' }]);
  const real = recordMessage('contacts', { TenantID: 't', ContactID: 'c9', Name: 'Real' }, 1);
  await workspace.write([real, done], catalog());
  expect(workspace.emulator.rows('contacts')).toMatchObject([{ ContactID: 'c9', Name: 'Real' }]);
});

test('verification counts the rows by DAX, and a table that lost some is sent again by the next run', async () => {
  await using workspace = await openWorkspace({ delivery: { verify: 'full' } });
  const ledger = new Ledger(6);
  await workspace.write(ledger.edit(40), catalog());
  workspace.emulator
    .dataset('Finance')
    .tables.find(({ name }) => name === 'invoices')
    ?.clear();
  const payment = recordMessage('payments', { TenantID: 't1', PaymentID: 'more', Amount: 0 }, 1);
  await expect(workspace.write([payment], catalog())).rejects.toThrow(
    /Cannot confirm the delivery: "invoices" has 0 rows for \d+/,
  );
  await workspace.write(ledger.edit(1), catalog());
  const { invoices, outstanding, lines } = ledger.totals();
  expect(await figures(workspace.emulator)).toMatchObject({ invoices, outstanding, lines });
});

test('an append whose answer is lost and that nobody can tell of goes again, and is marked', async () => {
  await using workspace = await openWorkspace({
    switches: { sequenceNumbers: 'no endpoint', queriesOnPush: false },
  });
  await workspace.write(new Ledger(1).edit(3), catalog());
  workspace.emulator.faults.add({ path: /payments\/rows$/, does: { kind: 'cut', when: 'after' } });
  const payment = recordMessage('payments', { TenantID: 't1', PaymentID: 'p', Amount: 2 }, 1);
  await workspace.write([payment, streamStatusMessage('payments', 'COMPLETE', 1)], catalog());
  const events = workspace.emulator.rows('_sync').filter(({ event }) => event === 'possible duplicate');
  expect(events).toMatchObject([{ table: 'payments', detail: expect.stringMatching(/may be there twice/) }]);
});

test('rows that come after a batch nobody can tell of are not taken for it', async () => {
  await using workspace = await openWorkspace({
    switches: { sequenceNumbers: 'no endpoint', repeatedSequence: 'ignored', queriesOnPush: false },
  });
  await workspace.write(new Ledger(1).edit(3), catalog());
  const paid = (...ids: string[]) => [
    ...ids.map((id) => recordMessage('payments', { TenantID: 't1', PaymentID: id, Amount: 2 }, 1)),
    streamStatusMessage('payments', 'COMPLETE', 1),
  ];
  const cut = { kind: 'cut', when: 'after' } as const;
  workspace.emulator.faults.add({ path: /payments\/rows$/, times: 1_000, does: cut });
  await expect(workspace.write(paid('p'), catalog())).rejects.toMatchObject({ kind: 'transient' });
  workspace.emulator.faults.clear();
  // The source reads again from where its state is, and finds more.
  await workspace.write(paid('p', 'q'), catalog());
  const ids = new Set(workspace.emulator.rows('payments').map(({ PaymentID }) => PaymentID));
  expect([...ids]).toEqual(expect.arrayContaining(['p', 'q']));
});

for (const deleteResetsSequence of [true, false])
  for (const repeatedSequence of ['refused', 'ignored', 'appended'] as const)
    test(`numbers that cannot be read, without gaps, repeated ones ${repeatedSequence}, ${deleteResetsSequence ? 'forgotten' : 'kept'} by DELETE: nothing is refused for its number`, async () => {
      await using workspace = await openWorkspace({
        switches: {
          sequenceNumbers: 'no endpoint',
          queriesOnPush: false,
          sequenceGaps: false,
          deleteResetsSequence,
          repeatedSequence,
        },
        clock: steppingClock(),
        delivery: { strategy: 'append_versions' },
      });
      const ledger = new Ledger(6);
      for (let run = 0; run < 3; run += 1) {
        for (const table of ['contacts', 'invoices'])
          workspace.emulator.faults.add({
            path: new RegExp(`${table}/rows$`),
            method: 'POST',
            does: { kind: 'cut', when: run === 1 ? 'before' : 'after' },
          });
        const messages = await workspace.write(ledger.edit(20), catalog());
        expect(JSON.stringify(messages)).not.toContain('refused a row');
        expect(await figures(workspace.emulator), `run ${run}`).toEqual(ledger.totals());
      }
    });
