// `npm run test:images`: builds every image and runs it for real: the platform's contract, weight, syncs to a sandbox.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox, type Sandbox } from '../sandbox/open.ts';
import { baseImage, openBase } from './base.ts';
import { buildah, buildImage } from './buildah.ts';
import { checkConnectorImage } from './contract.ts';
import { openData, type Pair, pipe, runnerSync, withPair } from './pipe.ts';
import { compareSchemas } from './tables.ts';
import { weigh } from './weigh.ts';

/** Megabytes that an image may weigh above its base. */
const mostMegabytes = 120;
const documents = 150;

const say = (text: string) => process.stdout.write(`${text}\n`);

await openBase();
const images = {
  source: await buildImage('source-xero', 'source-xero'),
  destination: await buildImage('destination-databricks', 'destination-databricks'),
  runner: await buildImage('runner', 'ledgerpipe'),
};
const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-images-'));
const sandbox = await openSandbox({ folder, documents, companies: 2, xeroLimits: UNLIMITED });
try {
  for (const image of Object.values(images)) await checkWeight(image);
  await checkConnectorImage('source-xero', images.source);
  await checkConnectorImage('destination-databricks', images.destination);
  say(
    'contract: entry point, user, working directory, labels and spec of both connectors are as they must be',
  );
  await withPair(images, async (pair) => {
    await airbyteSyncs(sandbox, pair);
    await singerSyncs(sandbox, pair);
  });
  await runnerSyncs(sandbox, images.runner);
  say('images: passed');
} finally {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
  for (const image of Object.values(images)) await buildah('rmi', image);
}

async function checkWeight(image: string): Promise<void> {
  const { aboveBase, native } = await weigh(image, baseImage);
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);
  say(`size: ${image} is ${megabytes(aboveBase)} MB above its base, ${megabytes(native)} MB of it native`);
  assert.ok(aboveBase <= mostMegabytes * 1_000_000, `${image} is heavier than ${mostMegabytes} MB`);
}

/** Once over everything, and once more with the states: then nothing moves. */
async function airbyteSyncs(opened: Sandbox, pair: Pair): Promise<void> {
  const data = await openData(opened, folder, 'airbyte');
  const destination = '$AIRBYTE_ENTRYPOINT write --config /data/destination.json';
  const states = await pipe(pair, data, {
    source: '$AIRBYTE_ENTRYPOINT read --config /data/source.json',
    destination,
  });
  await agreesWithBooks(opened, 'airbyte');
  await writeFile(join(data, 'state.jsonl'), states, { mode: 0o644 });
  await nothingMoves(opened, () =>
    pipe(pair, data, {
      source: '$AIRBYTE_ENTRYPOINT read --config /data/source.json --state /data/state.jsonl',
      destination,
    }),
  );
}

async function singerSyncs(opened: Sandbox, pair: Pair): Promise<void> {
  const data = await openData(opened, folder, 'singer');
  const destination = 'target-databricks --config /data/destination.json';
  const states = await pipe(pair, data, { source: 'tap-xero --config /data/source.json', destination });
  await agreesWithBooks(opened, 'singer');
  await sameTables(opened, 'singer');
  const state = states.trim().split('\n').at(-1) ?? '';
  await writeFile(join(data, 'state.json'), state, { mode: 0o644 });
  await nothingMoves(opened, () =>
    pipe(pair, data, {
      source: 'tap-xero --config /data/source.json --state /data/state.json',
      destination,
    }),
  );
}

async function runnerSyncs(opened: Sandbox, image: string): Promise<void> {
  const data = await openData(opened, folder, 'runner');
  await runnerSync(image, data);
  await agreesWithBooks(opened, 'runner');
  await sameTables(opened, 'runner');
  await nothingMoves(opened, () => runnerSync(image, data));
}

async function agreesWithBooks({ books, databricks }: Sandbox, schema: string): Promise<void> {
  const { agrees, compared, text } = compare(books, await landed(databricks, schema));
  assert.ok(agrees, `What landed in "${schema}" differs from the books:\n${text}`);
  say(`${schema}: ${compared} figures equal those of the books`);
}

async function sameTables({ databricks }: Sandbox, schema: string): Promise<void> {
  const { tables, rows, differences } = await compareSchemas(databricks, ['airbyte', schema]);
  assert.deepEqual(differences, []);
  assert.ok(rows > 0);
  say(`${schema}: ${tables} tables with ${rows} rows are those of "airbyte"`);
}

async function nothingMoves({ databricks }: Sandbox, sync: () => Promise<string>): Promise<void> {
  const before = databricks.statements.length;
  await sync();
  assert.equal(databricks.statements.length, before, 'A sync without changes sent statements');
}
