// Golden transcripts: both output channels of the programs, pinned. `npm run golden` rewrites them; review the diff.
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { type Ended, fileOf, run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';

const source = '../source-xero/dist/main.js';
const destination = '../destination-databricks/dist/main.js';

/** What differs from run to run, replaced by its kind. */
function normalised(text: string): string {
  return text
    .replace(/"emitted_at":\d+/g, '"emitted_at":0')
    .replace(/\b\d{8}T\d{9}Z-[0-9a-f]{8}\b/g, '<job>')
    .replace(/\b01[0-9a-f]{6}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<statement>')
    .replace(/"refresh_token":"[^"]+"/g, '"refresh_token":"<token>"')
    .replace(/(\\"batch\\":\\")[0-9a-f]{32}/g, '$1<batch>')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<host>')
    .replace(/"(read_at|whole_at)":("[^"]+"|\d+)/g, '"$1":"<time>"')
    .replace(/\/tmp\/[\w./-]+/g, '<path>');
}

async function expectGolden(name: string, { stdout, stderr }: Ended): Promise<void> {
  await expect(normalised(stdout)).toMatchFileSnapshot(`${name}.jsonl`);
  await expect(normalised(stderr)).toMatchFileSnapshot(`${name}.stderr`);
}

async function openTiny() {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 12, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  return { folder, sandbox };
}

const pinned = ['accounts', 'contacts', 'invoices', 'tracking_options'];

async function catalogOf(folder: string, config: string): Promise<string> {
  const { messages } = await run(source, ['discover', '--config', config]);
  const [message] = messages;
  const streams = message?.type === 'CATALOG' ? message.catalog.streams : [];
  return fileOf(folder, 'catalog.json', { streams: streams.filter(({ name }) => pinned.includes(name)) });
}

test.each([
  ['source-xero', source],
  ['destination-databricks', destination],
])('the spec of %s', async (name, main) => {
  await expectGolden(`${name}-spec`, await run(main, ['spec']));
});

test('the catalog of source-xero', async () => {
  const { sandbox } = await openTiny();
  await expectGolden(
    'source-xero-discover',
    await run(source, ['discover', '--config', sandbox.configs['source-xero']]),
  );
});

test('a read of four streams, and what the destination answers to it', async () => {
  const { folder, sandbox } = await openTiny();
  const catalog = await catalogOf(folder, sandbox.configs['source-xero']);
  const read = await run(source, ['read', '--config', sandbox.configs['source-xero'], '--catalog', catalog]);
  await expectGolden('source-xero-read', read);
  expect(read.code).toBe(0);
  // One table after the other, so that the log has one order.
  const ready = JSON.parse(await readFile(sandbox.configs['destination-databricks'], 'utf8')) as object;
  const config = await fileOf(folder, 'one-by-one.json', { ...ready, parallel: 1 });
  const args = ['write', '--config', config, '--catalog', catalog];
  const written = await run(destination, args, { input: read.stdout });
  await expectGolden('destination-databricks-write', written);
  expect(written.code).toBe(0);
});

test('a wrong secret, seen by check and by read', async () => {
  const { folder, sandbox } = await openTiny();
  const config = await fileOf(folder, 'wrong.json', {
    credentials: {
      auth_type: 'oauth2',
      client_id: sandbox.xero.app.clientId,
      client_secret: 'not-the-secret',
      refresh_token: 'not-a-token',
    },
    endpoints: { api: sandbox.xero.url, identity: sandbox.xero.url, login: sandbox.xero.url },
  });
  await expectGolden('source-xero-wrong-secret-check', await run(source, ['check', '--config', config]));
  const catalog = await catalogOf(folder, sandbox.configs['source-xero']);
  const read = await run(source, ['read', '--config', config, '--catalog', catalog]);
  await expectGolden('source-xero-wrong-secret-read', read);
  expect(read.code).toBe(1);
});
