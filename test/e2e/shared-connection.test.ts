// Two programs on one consent at the same moment: one of them refreshes, both read, and the consent lives on.
import { expect, onTestFinished, test } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';

const source = '../source-xero/dist/main.js';

test('two reads that start together refresh once, and a later one still gets in', async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 30, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const refreshes = () => sandbox.xero.requests.filter(({ url }) => url.pathname === '/connect/token').length;
  const read = () => run(source, ['read', '--config', sandbox.configs['source-xero']]);

  const both = await Promise.all([read(), read()]);
  expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(refreshes()).toBe(1);

  sandbox.xero.expireAccessTokens();
  expect((await read()).code).toBe(0);
  expect(refreshes()).toBe(2);
});
