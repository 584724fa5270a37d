// What the Xero source prints as a program: nothing but messages that the schemas of the protocol accept.
import { expect, onTestFinished } from 'vitest';
import { catalogOf } from '../../source-xero/index.ts';
import { generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { startXero, UNLIMITED } from '../emulators/xero/index.ts';
import { fileOf, run, temporaryFolder } from '../program.ts';
import { configFor } from '../source-xero/bench.ts';
import { expectValid } from './protocol.ts';
import { contractTest } from './specs.ts';

const MAIN = '../source-xero/main.ts';

contractTest('spec, check, discover, a read and a refused read print messages alone', async () => {
  const xero = await startXero({
    companies: [generateBooks({ seed: 12, documents: 24 })],
    clock: fastClock(),
    limits: UNLIMITED,
    switches: { forbidden: ['Contacts'] },
  });
  onTestFinished(() => xero.close());
  const { refresh_token } = await xero.issueTokens();
  const folder = await temporaryFolder();
  const config = ['--config', await fileOf(folder, 'config.json', configFor(xero, refresh_token ?? ''))];
  const streams = catalogOf({ journals: false }).streams.map((stream) => ({
    ...{ stream, sync_mode: 'incremental', destination_sync_mode: 'append_dedup' },
  }));
  const catalog = ['--catalog', await fileOf(folder, 'catalog.json', { streams })];
  const types = new Set<string>();
  for (const args of [
    ['spec'],
    ['check', ...config],
    ['discover', ...config],
    ['read', ...config, ...catalog],
  ]) {
    const { messages } = await run(MAIN, args);
    expectValid(messages);
    for (const { type } of messages) types.add(type);
  }
  const wanted = ['SPEC', 'CONNECTION_STATUS', 'CATALOG', 'RECORD', 'STATE', 'TRACE', 'CONTROL'];
  expect([...types]).toEqual(expect.arrayContaining(wanted));
});
