// The source as a program.
import { onTestFinished } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { describeSourceProgram } from '../conformance/source-program.ts';
import { fastClock } from '../emulators/clock.ts';
import { type QuickbooksOptions, startQuickbooks, UNLIMITED } from '../emulators/quickbooks/index.ts';
import { configFor } from './bench.ts';

async function open(switches: QuickbooksOptions['switches'] = {}) {
  const books = generateBooks({ seed: 5, documents: 40 });
  const quickbooks = await startQuickbooks({
    companies: [books],
    clock: fastClock(),
    limits: UNLIMITED,
    switches: { rotateAfterHours: 0, reuseRevokes: true, ...switches },
  });
  onTestFinished(() => quickbooks.close());
  const { refresh_token } = quickbooks.issueTokens();
  return { config: configFor(quickbooks, refresh_token), bills: quickbooks.records('Bill').length };
}

describeSourceProgram({
  main: '../source-quickbooks/main.ts',
  open,
  refused: async () => ({ ...(await open({ forbidden: { Class: '5030' } })), stream: 'classes' }),
});
