// `npm run test:images`: builds every image and runs it for real: the platform's contract, weight, syncs to a sandbox.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { agreement } from '../interop/agreement.ts';
import { openSandbox, productNames } from '../sandbox/open.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import { baseImage, openBase } from './base.ts';
import { buildah, buildImage } from './buildah.ts';
import { checkConnectorImage, checkStores } from './contract.ts';
import { type OtherName, syncOther } from './others.ts';
import { type FullSandbox, type Journey, openData, type Pair, pipe, runnerSync, withPair } from './pipe.ts';
import { checkServe } from './serve.ts';
import { compareSchemas } from './tables.ts';
import { weigh } from './weigh.ts';

const documents = 150;
const sources: readonly SourceName[] = ['xero', 'quickbooks'];
const others: readonly OtherName[] = ['looker', 'powerbi', 'tableau'];

/** Megabytes that an image may weigh above its base: Looker's has git, Tableau's hyperd, the runner's everything. */
const mostMegabytes: Readonly<Record<string, number>> = {
  'source-xero': 5,
  'source-quickbooks': 5,
  'destination-databricks': 120,
  'destination-looker': 280,
  'destination-powerbi': 120,
  'destination-tableau': 360,
  runner: 580,
};

const say = (text: string) => process.stdout.write(`${text}\n`);

await openBase();
const images = new Map<string, string>();
for (const name of Object.keys(mostMegabytes)) images.set(name, await buildImage(name, name));
const imageOf = (name: string): string => images.get(name) ?? '';
const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-images-'));
const sandbox = await openSandbox({
  folder,
  documents,
  companies: 2,
  products: productNames,
  xeroLimits: UNLIMITED,
});
try {
  await checkWeights();
  for (const [name, image] of images) if (name !== 'runner') await checkConnectorImage(name, image);
  say(
    'contract: entry point, user, working directory, labels, spec and the answer to an empty form of every connector are as they must be',
  );
  for (const name of ['destination-looker', 'runner']) await checkStores(imageOf(name));
  say('stores: Looker reaches S3 and SFTP, in its own image and in that of the runner');
  for (const from of sources) {
    const pair = { source: imageOf(`source-${from}`), destination: imageOf('destination-databricks') };
    await withPair(pair, async (running) => {
      await airbyteSyncs(sandbox, { from, pair: running });
      await singerSyncs(sandbox, { from, pair: running });
    });
    await runnerSyncs(sandbox, from);
  }
  for (const to of others) {
    const pair = { source: imageOf('source-xero'), destination: imageOf(`destination-${to}`) };
    const compared = await withPair(pair, (running) =>
      syncOther(sandbox, { folder, to, pair: running, runner: imageOf('runner') }),
    );
    say(`xero to ${to}: ${compared} figures equal those of the books`);
  }
  say('images: passed');
} finally {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
  for (const image of images.values()) await buildah('rmi', image);
}

async function checkWeights(): Promise<void> {
  const weights = await weigh(images.values(), baseImage);
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);
  for (const [name, most] of Object.entries(mostMegabytes)) {
    const { aboveBase = Number.NaN, native = 0 } = weights.get(imageOf(name)) ?? {};
    say(`size: ${name} is ${megabytes(aboveBase)} MB above its base, ${megabytes(native)} MB of it native`);
    assert.ok(aboveBase <= most * 1_000_000, `The image of ${name} is heavier than ${most} MB`);
  }
}

interface Piped {
  readonly from: SourceName;
  readonly pair: Pair;
}

function journeyOf(from: SourceName, way: string): Journey {
  return { from, to: 'databricks', name: `${from}_${way}` };
}

/** Once over everything, and once more with the states: then nothing moves. */
async function airbyteSyncs(opened: FullSandbox, { from, pair }: Piped): Promise<void> {
  const journey = journeyOf(from, 'airbyte');
  const data = await openData(opened, { folder, journey });
  const write = '$AIRBYTE_ENTRYPOINT write --config /data/destination.json';
  const states = await pipe(pair, data, {
    source: '$AIRBYTE_ENTRYPOINT read --config /data/source.json',
    destination: write,
  });
  await agreesWithBooks(opened, journey);
  await writeFile(join(data, 'state.jsonl'), states, { mode: 0o644 });
  await nothingMoves(opened, () =>
    pipe(pair, data, {
      source: '$AIRBYTE_ENTRYPOINT read --config /data/source.json --state /data/state.jsonl',
      destination: write,
    }),
  );
}

async function singerSyncs(opened: FullSandbox, { from, pair }: Piped): Promise<void> {
  const journey = journeyOf(from, 'singer');
  const data = await openData(opened, { folder, journey });
  const target = 'target-databricks --config /data/destination.json';
  const states = await pipe(pair, data, {
    source: `tap-${from} --config /data/source.json`,
    destination: target,
  });
  await agreesWithBooks(opened, journey);
  await sameTables(opened, journey);
  const state = states.trim().split('\n').at(-1) ?? '';
  await writeFile(join(data, 'state.json'), state, { mode: 0o644 });
  await nothingMoves(opened, () =>
    pipe(pair, data, {
      source: `tap-${from} --config /data/source.json --state /data/state.json`,
      destination: target,
    }),
  );
}

async function runnerSyncs(opened: FullSandbox, from: SourceName): Promise<void> {
  const journey = journeyOf(from, 'runner');
  const data = await openData(opened, { folder, journey });
  await runnerSync(imageOf('runner'), data);
  await agreesWithBooks(opened, journey);
  await sameTables(opened, journey);
  await nothingMoves(opened, () => runnerSync(imageOf('runner'), data));
  await checkServe(imageOf('runner'), data);
  say(`${journey.name}: the runner serves, healthy by the check of compose, and drains`);
}

async function agreesWithBooks(opened: FullSandbox, { from, name }: Journey): Promise<void> {
  const { agrees, compared, text } = await agreement(opened, { from, schema: name });
  assert.ok(agrees, `What landed in "${name}" differs from the books:\n${text}`);
  say(`${name}: ${compared} figures equal those of the books`);
}

async function sameTables({ databricks }: FullSandbox, { from, name }: Journey): Promise<void> {
  const first = journeyOf(from, 'airbyte').name;
  const { tables, rows, differences } = await compareSchemas(databricks, [first, name]);
  assert.deepEqual(differences, []);
  assert.ok(rows > 0);
  say(`${name}: ${tables} tables with ${rows} rows are those of "${first}"`);
}

async function nothingMoves({ databricks }: FullSandbox, sync: () => Promise<string>): Promise<void> {
  const before = databricks.statements.length;
  await sync();
  assert.equal(databricks.statements.length, before, 'A sync without changes sent statements');
}
