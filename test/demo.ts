// `npm run demo -- [--from xero|quickbooks] [--to databricks] [--live]`: a pipeline three times, with edits in between;
// with --live the runner serves, and each edit is followed to its row. Ends with what landed beside the books.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { editBooks } from './books/index.ts';
import { type RunningDestination, runningDestinations } from './demo/destinations.ts';
import { webhookKeys } from './demo/events.ts';
import { followEdits } from './demo/live.ts';
import { type DemoSource, demoSources, type RunningSource, runningSource } from './demo/sources.ts';
import { freePort } from './emulators/free-port.ts';
import { UNLIMITED } from './emulators/xero/index.ts';
import { openSandbox } from './sandbox/open.ts';
import { askRunner, type Route, startSync, writePipeline } from './sandbox/pipeline.ts';
import { startServing } from './sandbox/serving.ts';

const documents = 1_000;
const edits = 60;
const say = (text: string) => process.stdout.write(`${text}\n`);

const { route, live } = asked(process.argv.slice(2));
const began = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-demo-'));
let failed = true;
try {
  failed = !(await runDemo());
} finally {
  await rm(folder, { recursive: true, force: true });
}
say(`\n${failed ? 'The demo FAILED' : 'Everything agrees'}, in ${seconds(began)} s.`);
process.exitCode = failed ? 1 : 0;

function asked(args: readonly string[]): { readonly route: Route; readonly live: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string', default: 'xero' },
      to: { type: 'string', default: 'databricks' },
      live: { type: 'boolean', default: false },
    },
  });
  const from = Object.keys(demoSources).find((name) => name === values.from) as Route['from'] | undefined;
  const to = Object.keys(runningDestinations).find((name) => name === values.to) as Route['to'] | undefined;
  if (from && to) return { route: { from, to }, live: values.live };
  const sources = Object.keys(demoSources).join(' or ');
  const destinations = Object.keys(runningDestinations).join(', ');
  process.stderr.write(
    `There is no demo from "${values.from}" to "${values.to}": choose --from ${sources}, --to ${destinations}\n`,
  );
  process.exit(2);
}

interface Demo {
  readonly source: DemoSource & RunningSource;
  readonly destination: RunningDestination;
  readonly sandbox: Awaited<ReturnType<typeof open>>;
}

function open() {
  const { companies, title } = demoSources[route.from];
  const organisations = companies === 1 ? 'one organisation' : `${companies} organisations`;
  say(`Starting the sandbox: ${title} with ${organisations} of ${documents} documents, and ${route.to}.`);
  return openSandbox({
    folder,
    documents,
    companies,
    products: [route.from, route.to],
    xeroLimits: UNLIMITED,
  });
}

async function runDemo(): Promise<boolean> {
  const sandbox = await open();
  try {
    const source = { ...demoSources[route.from], ...runningSource(sandbox) };
    const demo = { source, sandbox, destination: runningDestinations[route.to](sandbox) };
    return await (live ? runLive(demo) : runSyncs(demo));
  } finally {
    await sandbox.close();
  }
}

async function runSyncs(demo: Demo): Promise<boolean> {
  const { sandbox, source } = demo;
  const file = await writePipeline(sandbox, { folder, ...route, source: source.config });
  const running = { ...demo, file };
  const outcomes = [await syncStep('First sync', running)];
  for (const [index, books] of sandbox.books.entries())
    editBooks(books, { seed: 7 + index, edits, at: Date.now() });
  outcomes.push(await syncStep(`Second sync, after ${edits} edits in each organisation`, running));
  outcomes.push(await syncStep('Third sync, with nothing changed', running, { cost: 0 }));
  return outcomes.every(Boolean);
}

/** The first sync by hand; then the runner serves, edits come as webhooks, and a last sync finds what has none. */
async function runLive(demo: Demo): Promise<boolean> {
  const { sandbox, source } = demo;
  const port = await freePort();
  const runner = { http: { port }, webhooks: { [route.from]: webhookKeys[route.from] } };
  const schedules = 'default';
  const file = await writePipeline(sandbox, { folder, ...route, source: source.config, runner, schedules });
  const running = { ...demo, file };
  const outcomes = [await syncStep('First sync', running)];
  const serving = await startServing(file, { port });
  try {
    say(`\n== ledgerpipe serve, its page on ${serving.url}; invoices change in the books`);
    outcomes.push(await followEdits({ ...demo, url: serving.url, say }));
    const audit = await askRunner(file, ['audit', '--stream', 'invoices', '--limit', '5']);
    say(`\n== ledgerpipe audit --stream invoices --limit 5\n${audit}`);
  } finally {
    const code = await serving.stop();
    if (code !== 0) say(`The runner ended with ${code}:\n${serving.output()}`);
    outcomes.push(code === 0);
  }
  outcomes.push(await syncStep('Last sync: balances, journals and all that sends no webhooks', running));
  return outcomes.every(Boolean);
}

/** One sync, what it cost, and whether what landed then agrees with the books. */
async function syncStep(
  title: string,
  { source, destination, file }: Demo & { readonly file: string },
  expected: { readonly cost?: number } = {},
): Promise<boolean> {
  say(`\n== ${title}`);
  const before = { calls: source.calls(), cost: destination.cost() };
  const start = performance.now();
  const { code } = await startSync(file, { show: true, route }).ended;
  const cost = destination.cost() - before.cost;
  say(
    `${source.title} API calls: ${source.calls() - before.calls}; ${destination.title} ${destination.unit}: ${cost}; ${seconds(start)} s`,
  );
  if (code !== 0) return false;
  const { tables, text, agrees } = await destination.prove(source);
  if (expected.cost === undefined) say(`${tables}\n${text}`);
  if (expected.cost === undefined || cost === expected.cost) return agrees;
  say(`Expected ${expected.cost} ${destination.unit}, found ${cost}`);
  return false;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
