// Golden transcripts: both output channels of the programs, pinned. `npm run golden` rewrites them; review the diff.
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { fileOf, run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { expectGolden } from './golden.ts';

const mains = {
  xero: '../source-xero/dist/main.js',
  quickbooks: '../source-quickbooks/dist/main.js',
} as const;
type SourceName = keyof typeof mains;

/** A handful of streams: dimensions, and facts that refer to them. */
const pinned: Readonly<Record<SourceName, readonly string[]>> = {
  xero: ['accounts', 'contacts', 'invoices', 'tracking_options'],
  quickbooks: ['accounts', 'customers', 'invoices', 'classes', 'tax_codes'],
};

const destination = '../destination-databricks/dist/main.js';

async function openTiny() {
  const folder = await temporaryFolder();
  const products = ['xero', 'quickbooks', 'databricks'] as const;
  const sandbox = await openSandbox({ folder, documents: 12, companies: 1, products, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  return { folder, sandbox };
}

async function catalogOf(folder: string, name: SourceName, config: string): Promise<string> {
  const { messages } = await run(mains[name], ['discover', '--config', config]);
  const message = messages.find(({ type }) => type === 'CATALOG');
  const streams = message?.type === 'CATALOG' ? message.catalog.streams : [];
  const chosen = streams.filter((stream) => pinned[name].includes(stream.name));
  return fileOf(folder, 'catalog.json', { streams: chosen });
}

const names = Object.keys(mains) as SourceName[];

test.each([
  ['source-xero', mains.xero],
  ['source-quickbooks', mains.quickbooks],
  ['destination-databricks', destination],
  ['destination-looker', '../destination-looker/dist/main.js'],
  ['destination-powerbi', '../destination-powerbi/dist/main.js'],
  ['destination-tableau', '../destination-tableau/dist/main.js'],
])('the spec of %s', async (name, main) => {
  await expectGolden(`${name}-spec`, await run(main, ['spec']));
});

test.each(names)('the catalog of source-%s', async (name) => {
  const { sandbox } = await openTiny();
  const config = sandbox.configs[`source-${name}`];
  await expectGolden(`source-${name}-discover`, await run(mains[name], ['discover', '--config', config]));
});

test.each(names)('a read of some streams of source-%s', async (name) => {
  const { folder, sandbox } = await openTiny();
  const config = sandbox.configs[`source-${name}`];
  const catalog = await catalogOf(folder, name, config);
  const read = await run(mains[name], ['read', '--config', config, '--catalog', catalog]);
  await expectGolden(`source-${name}-read`, read);
  expect(read.code).toBe(0);
});

test('what the destination answers to a read', async () => {
  const { folder, sandbox } = await openTiny();
  const catalog = await catalogOf(folder, 'xero', sandbox.configs['source-xero']);
  const args = ['--config', sandbox.configs['source-xero'], '--catalog', catalog];
  const { stdout } = await run(mains.xero, ['read', ...args]);
  // One table after the other, so that the log has one order.
  const ready = JSON.parse(await readFile(sandbox.configs['destination-databricks'], 'utf8')) as object;
  const config = await fileOf(folder, 'one-by-one.json', { ...ready, parallel: 1 });
  const written = await run(destination, ['write', '--config', config, '--catalog', catalog], {
    input: stdout,
  });
  await expectGolden('destination-databricks-write', written);
  expect(written.code).toBe(0);
});

test.each(names)('a wrong secret of source-%s, seen by check and by read', async (name) => {
  const { folder, sandbox } = await openTiny();
  const { url, app } = sandbox[name];
  const config = await fileOf(folder, 'wrong.json', {
    credentials: {
      auth_type: 'oauth2',
      client_id: app.clientId,
      client_secret: 'not-the-secret',
      refresh_token: 'not-a-token',
    },
    ...(name === 'quickbooks' ? { realm_id: sandbox.quickbooks.companies[0]?.realmId } : {}),
    endpoints: { api: url, identity: url, login: url },
  });
  await expectGolden(
    `source-${name}-wrong-secret-check`,
    await run(mains[name], ['check', '--config', config]),
  );
  const catalog = await catalogOf(folder, name, config);
  const read = await run(mains[name], ['read', '--config', config, '--catalog', catalog]);
  await expectGolden(`source-${name}-wrong-secret-read`, read);
  expect(read.code).toBe(1);
});
