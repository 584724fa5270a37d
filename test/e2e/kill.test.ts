// kill -9 of source, destination or runner at random moments: after a rerun nothing is lost, nothing is doubled, and the trail says so.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../runner/settings/index.ts';
import { openStore } from '../../runner/store/index.ts';
import { editBooks } from '../books/index.ts';
import { seededRandom } from '../books/random.ts';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox, type Sandbox } from '../sandbox/open.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';
import { childrenOf, kill } from '../sandbox/processes.ts';

const rounds = 12;
const victims = ['runner', 'source-xero', 'destination-databricks'] as const;

const requestsOf = (sandbox: Sandbox): number =>
  sandbox.xero.requests.length + sandbox.databricks.requests.length;

type Victim = (typeof victims)[number];

/** Lets a sync run until the emulators have had `moment` requests, then kills the victim; true when it was still there. */
async function strike(
  sandbox: Sandbox,
  file: string,
  { victim, moment }: { victim: Victim; moment: number },
) {
  const sync = startSync(file);
  let running = true;
  const ended = sync.ended.finally(() => {
    running = false;
  });
  while (running && requestsOf(sandbox) < moment) await new Promise((resolve) => setTimeout(resolve, 2));
  const pids = !running ? [] : victim === 'runner' ? [sync.pid] : childrenOf(sync.pid, victim);
  for (const pid of pids) kill(pid);
  await ended;
  return pids.length > 0;
}

/** Keys of a stream that the audit trail calls delivered. A job tells of a record once. */
async function delivered(file: string, stream: string): Promise<ReadonlySet<string>> {
  const { store: url } = await readSettings(file, process.env);
  const store = await openStore({ url, clock: systemClock });
  const rows: string[] = [];
  for await (const { job, key } of store.audit.find({ stream, outcome: 'delivered' }))
    rows.push(`${job} ${key}`);
  await store.close();
  expect(new Set(rows).size).toBe(rows.length);
  return new Set(rows.map((row) => row.split(' ')[1] ?? ''));
}

async function idsIn({ databricks }: Sandbox, schema: string): Promise<readonly string[]> {
  const rows = await databricks.query(
    `SELECT InvoiceID AS id FROM "${databricks.catalog}".${schema}.invoices`,
  );
  return rows.map(({ id }) => String(id));
}

test('twelve kills at random moments lose and double nothing', { timeout: 400_000 }, async () => {
  const sandbox = await openSandbox({
    folder: await temporaryFolder(),
    documents: 150,
    companies: 2,
    xeroLimits: UNLIMITED,
  });
  onTestFinished(() => sandbox.close());
  const random = seededRandom(20_261_120);
  let killed = 0;
  let [schema, file, usual] = ['', '', 0];
  for (let round = 0; round < rounds; round++) {
    // Every fifth round loads everything into an empty schema, the others go on from the last state.
    if (round % 5 === 0) {
      schema = `ledger_${round}`;
      const source = { page_size: 25, snapshot_hours: 0 };
      file = await writePipeline(sandbox, {
        folder: await temporaryFolder(),
        source,
        destination: { schema },
      });
      usual = 300;
    }
    for (const books of sandbox.books) editBooks(books, { seed: round, edits: 12, at: Date.now() });
    const began = requestsOf(sandbox);
    const victim = victims[round % victims.length] ?? 'runner';
    if (await strike(sandbox, file, { victim, moment: began + random.whole(1, usual) })) killed += 1;
    const { code, output } = await startSync(file).ended;
    expect(code, `round ${round}, after the end of ${victim}: ${output}`).toBe(0);
    const { text, agrees } = compare(sandbox.books, await landed(sandbox.databricks, schema));
    expect(agrees, `round ${round}, after the end of ${victim}: ${text}`).toBe(true);
    // Documents that were deleted before they ever arrived are in the trail alone.
    const told = await delivered(file, 'invoices');
    const untold = (await idsIn(sandbox, schema)).filter((id) => !told.has(id));
    expect(untold, `round ${round}, after the end of ${victim}`).toEqual([]);
    usual = Math.max(40, Math.floor((requestsOf(sandbox) - began) / 2));
  }
  // The moments are random, so some come after the end; most must have hit.
  expect(killed).toBeGreaterThanOrEqual(rounds / 2);
});
