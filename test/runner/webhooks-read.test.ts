// From an edit in the books to its rows: the event comes in, its records are read in the fewest calls, and delivered.
import { expect, onTestFinished, test } from 'vitest';
import { performJob } from '../../runner/run/perform.ts';
import { readSettings } from '../../runner/settings/index.ts';
import type { AuditRow } from '../../runner/store/index.ts';
import { addContact, addInvoice } from '../books/index.ts';
import { sendWebhook, webhookEvents } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { writePipeline } from '../sandbox/pipeline.ts';
import { retry, silent } from './engine.ts';
import { keys, openReceiver } from './webhooks-setup.ts';

test('new invoices, bills and contacts arrive because of their events, in one call of each endpoint', async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 60, companies: 1 });
  onTestFinished(() => sandbox.close());
  const settings = await readSettings(await writePipeline(sandbox, { folder }), process.env);
  const receiver = await openReceiver({ pipelines: Object.values(settings.pipelines) });
  const { store, clock } = receiver;
  const [books] = sandbox.books;
  if (!books) throw new Error('no books');
  const before = books.changes.length;
  const made = (['invoice', 'bill', 'bill', 'invoice'] as const).map((kind, index) =>
    addInvoice(books, { at: Date.now() + index, kind }),
  );
  const contact = addContact(books, { at: Date.now() + 10 });
  const events = webhookEvents(books, books.changes.slice(before));
  expect((await sendWebhook(receiver.xero, keys.xero.key, events)).status).toBe(200);
  await receiver.gather();

  const job = await store.jobs.claim('me', { now: clock.now(), milliseconds: 60_000 });
  const pipeline = settings.pipelines[job?.pipeline ?? ''];
  if (!job || !pipeline) throw new Error('no job is due');
  const asked = sandbox.xero.requests.length;
  const { outcome } = await performJob(job, pipeline, {
    ...{ settings: { ...settings, retry }, store, clock, owner: 'me', leaseMilliseconds: 60_000 },
    signal: new AbortController().signal,
    progress: silent,
  });
  expect(outcome).toMatchObject({ state: 'done', read: 5, committed: 5 });

  const rows: AuditRow[] = [];
  for await (const row of store.audit.find({ job: job.id })) rows.push(row);
  const byStream = (name: string) => rows.filter(({ stream }) => stream === name).map(({ key }) => key);
  const idsOf = (kind: string) => made.filter((one) => one.kind === kind).map(({ id }) => id);
  expect(byStream('invoices').sort()).toEqual(idsOf('invoice').sort());
  expect(byStream('bills').sort()).toEqual(idsOf('bill').sort());
  expect(byStream('contacts')).toEqual([contact.id]);
  for (const row of rows) {
    const event = await store.events.get(row.event ?? '');
    expect(event).toMatchObject({ record: row.key, state: 'done', receivedAt: row.eventAt });
    expect(row.outcome).toBe('delivered');
  }
  const paths = sandbox.xero.requests.slice(asked).map(({ url }) => url.pathname);
  expect(paths.filter((path) => path.endsWith('/Invoices'))).toHaveLength(1);
  expect(paths.filter((path) => path.endsWith('/Contacts'))).toHaveLength(1);
});
