// `npm run sandbox`: the emulators on loopback until stopped, for trying the connectors by hand without an account.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UNLIMITED } from './emulators/xero/index.ts';
import { openSandbox, productNames } from './sandbox/open.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.sandbox' },
    documents: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    'real-limits': { type: 'boolean', default: false },
  },
});

const folder = resolve(values.dir);
const sandbox = await openSandbox({
  folder,
  documents: Number(values.documents),
  seed: Number(values.seed),
  products: productNames,
  ...(values['real-limits'] ? {} : { xeroLimits: UNLIMITED }),
});

process.stdout.write(
  `${JSON.stringify({
    ready: true,
    dir: folder,
    configs: sandbox.configs,
    ...Object.fromEntries(productNames.map((name) => [name, sandbox[name].url])),
  })}\n`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void sandbox.close().then(() => process.exit(0));
  });
