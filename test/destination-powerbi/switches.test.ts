// Whatever of Power BI nobody has confirmed: under each setting of it, and with faults anywhere, the figures are right.
import { expect, test } from 'vitest';
import type { FaultAction } from '../emulators/faults.ts';
import type { Switches } from '../emulators/powerbi/index.ts';
import { figures } from './figures.ts';
import { catalog, Ledger, randomNumbers } from './ledger.ts';
import { openWorkspace } from './workspace.ts';

const settings: readonly (readonly [name: string, switches: Partial<Switches>])[] = [
  ['the likeliest', {}],
  ['no endpoint for sequence numbers', { sequenceNumbers: 'no endpoint' }],
  ['sequence numbers that nobody looks at', { sequenceNumbers: 'ignored' }],
  ['repeated numbers taken for done', { repeatedSequence: 'ignored' }],
  ['repeated numbers stored again', { repeatedSequence: 'appended' }],
  ['repeated numbers refused by 409', { repeatedSequenceStatus: 409 }],
  ['numbers without gaps that DELETE resets', { sequenceGaps: false, deleteResetsSequence: true }],
  ['rows that show late', { visibleAfter: 4_000, sequenceNumbers: 'no endpoint' }],
  [
    'types without null and columns kept',
    { typesWithoutNull: ['String', 'Datetime', 'Decimal'], droppedColumn: 'kept' },
  ],
  ['measures kept, tables told whole', { omittedMeasures: 'kept', tablesAnswer: 'definitions' }],
  ['fixed windows, no Retry-After', { quotaWindow: 'fixed', retryAfter: false, throttleEnvelope: 'A' }],
  ['a home cluster elsewhere', { homeCluster: 'redirect', createStatus: 202, createAnswer: 'full' }],
  ['models listed late', { listedAfter: 20_000, duplicateKeys: 'query fails' }],
];

const faults: readonly FaultAction[] = [
  { kind: 'cut', when: 'after' },
  { kind: 'cut', when: 'before' },
  { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
  { kind: 'answer', status: 500, body: 'oops' },
  { kind: 'answer', status: 429, headers: { 'retry-after': '2' } },
  { kind: 'truncate' },
];

for (const strategy of ['rewrite', 'append_versions'] as const)
  for (const [name, switches] of settings)
    test(`${strategy}: figures equal the ledger under ${name}, with faults at random requests`, async () => {
      await using workspace = await openWorkspace({ switches, delivery: { strategy } });
      const ledger = new Ledger(7);
      const random = randomNumbers(name.length * 31 + strategy.length);
      for (let run = 0; run < 2; run += 1) {
        for (let count = 0; count < 2; count += 1) {
          const does = faults[Math.floor(random() * faults.length)] ?? { kind: 'cut', when: 'after' };
          workspace.emulator.faults.add({ skip: Math.floor(random() * 10), does });
          // The work is done, and yet it is said to have failed.
          workspace.emulator.faultsAfter.add({
            method: 'POST',
            path: /rows$/,
            skip: Math.floor(random() * 4),
            does: { kind: 'answer', status: 503 },
          });
        }
        await workspace.write(ledger.edit(25), catalog());
        workspace.clock.advance(10_000);
        expect(await figures(workspace.emulator), `run ${run}`).toEqual(ledger.totals());
        workspace.emulator.faults.clear();
        workspace.emulator.faultsAfter.clear();
      }
      expect(workspace.emulator.throttled()).toBe(0);
    });
