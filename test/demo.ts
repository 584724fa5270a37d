// `npm run demo -- [--from xero|quickbooks] [--to databricks]`: a pipeline three times, with edits in between; ends with
// what landed beside the books.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { editBooks } from './books/index.ts';
import { type RunningDestination, runningDestinations } from './demo/destinations.ts';
import { type DemoSource, demoSources, type RunningSource, runningSource } from './demo/sources.ts';
import { UNLIMITED } from './emulators/xero/index.ts';
import { openSandbox } from './sandbox/open.ts';
import { type Route, startSync, writePipeline } from './sandbox/pipeline.ts';

const documents = 1_000;
const edits = 60;
const say = (text: string) => process.stdout.write(`${text}\n`);

const route = routeOf(process.argv.slice(2));
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

function routeOf(args: readonly string[]): Route {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string', default: 'xero' }, to: { type: 'string', default: 'databricks' } },
  });
  const from = Object.keys(demoSources).find((name) => name === values.from) as Route['from'] | undefined;
  const to = Object.keys(runningDestinations).find((name) => name === values.to) as Route['to'] | undefined;
  if (from && to) return { from, to };
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
  readonly file: string;
}

async function runDemo(): Promise<boolean> {
  const demo = demoSources[route.from];
  const { companies, title } = demo;
  const organisations = companies === 1 ? 'one organisation' : `${companies} organisations`;
  say(`Starting the sandbox: ${title} with ${organisations} of ${documents} documents, and ${route.to}.`);
  const sandbox = await openSandbox({
    folder,
    documents,
    companies,
    products: [route.from, route.to],
    xeroLimits: UNLIMITED,
  });
  try {
    const source = { ...demo, ...runningSource(sandbox) };
    const destination = runningDestinations[route.to](sandbox);
    const file = await writePipeline(sandbox, { folder, ...route, source: demo.config });
    const running = { source, destination, file };
    const outcomes = [await syncStep('First sync', running)];
    for (const [index, books] of sandbox.books.entries())
      editBooks(books, { seed: 7 + index, edits, at: Date.now() });
    outcomes.push(await syncStep(`Second sync, after ${edits} edits in each organisation`, running));
    outcomes.push(await syncStep('Third sync, with nothing changed', running, { cost: 0 }));
    return outcomes.every(Boolean);
  } finally {
    await sandbox.close();
  }
}

/** One sync, what it cost, and whether what landed then agrees with the books. */
async function syncStep(
  title: string,
  { source, destination, file }: Demo,
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
