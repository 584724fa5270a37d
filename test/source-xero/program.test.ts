// The source as a program.
import { onTestFinished } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { describeSourceProgram } from '../conformance/source-program.ts';
import { fastClock } from '../emulators/clock.ts';
import { startXero, UNLIMITED } from '../emulators/xero/index.ts';
import { configFor } from './bench.ts';

async function open() {
  const books = generateBooks({ seed: 5, documents: 40 });
  const xero = await startXero({ companies: [books], clock: fastClock(), limits: UNLIMITED });
  onTestFinished(() => xero.close());
  const { refresh_token = '' } = await xero.issueTokens();
  return { config: configFor(xero, refresh_token), bills: books.bills.length };
}

describeSourceProgram({
  main: '../source-xero/main.ts',
  open,
  async refused() {
    const { config, bills } = await open();
    // Without the scope that journals need.
    return { config: { ...config, journals: true }, bills, stream: 'journals' };
  },
});
