// kill -9 of source, destination or runner at random moments: after a rerun nothing is lost and nothing is doubled.
import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { seededRandom } from '../books/random.ts';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox, type Sandbox } from '../sandbox/open.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';

const rounds = 20;
const victims = ['runner', 'source-xero', 'destination-databricks'] as const;

/** Pids of the runner's children whose command line names the program. */
function childrenOf(pid: number, program: string): readonly number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join(' ').includes(program))
    .map(([child]) => Number(child));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself a moment ago.
  }
}

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

test('twenty kills at random moments lose and double nothing', { timeout: 400_000 }, async () => {
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
    if (code !== 0) {
      console.log(output.slice(-1500));
      for (const t of ['report_balance_sheet'])
        console.log(
          await sandbox.databricks.query(
            `SELECT TenantID, RowID, count(*) n, list(_job_id), list(_batch_id), list(_deleted_at) FROM "${sandbox.databricks.catalog}".${schema}.${t} GROUP BY ALL HAVING count(*)>1 LIMIT 5`,
          ),
        );
      console.log(
        sandbox.databricks.statements.slice(-6).map((s) => [s.kind, s.state, s.text.slice(0, 1500)]),
      );
    }
    expect(code, `round ${round}, after the end of ${victim}: ${output}`).toBe(0);
    const { text, agrees } = compare(sandbox.books, await landed(sandbox.databricks, schema));
    expect(agrees, `round ${round}, after the end of ${victim}: ${text}`).toBe(true);
    usual = Math.max(40, Math.floor((requestsOf(sandbox) - began) / 2));
  }
  // The moments are random, so some come after the end; most must have hit.
  expect(killed).toBeGreaterThanOrEqual(rounds / 2);
});
