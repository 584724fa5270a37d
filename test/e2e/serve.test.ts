// `ledgerpipe serve` on PostgreSQL, two runners, and kills at random moments: nothing is lost, doubled or told twice.
import { expect, onTestFinished, test } from 'vitest';
import { keyText, newKey } from '../../runner/vault/key.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { openBattlefield, strike, victims } from './strikes.ts';
import { aftermath } from './strikes-proof.ts';

test('whichever is killed, the books arrive and the trail tells of each record once', {
  timeout: 400_000,
}, async () => {
  const sandbox = await openSandbox({
    folder: await temporaryFolder(),
    documents: 80,
    companies: 2,
    xeroLimits: UNLIMITED,
  });
  onTestFinished(() => sandbox.close());
  const postgres = await startPostgres({ settings: { fsync: 'on', synchronous_commit: 'on' } });
  onTestFinished(() => postgres.close());
  const field = await openBattlefield(sandbox, {
    postgres,
    folders: [await temporaryFolder(), await temporaryFolder()],
    key: keyText(newKey()),
    seed: 20_261_121,
  });
  onTestFinished(async () => {
    for (const { serving } of field.runners) await serving.stop();
  });
  for (const [round, victim] of victims.entries()) {
    const { healed, report } = await strike(field, { round, victim });
    expect(healed, `round ${round}, after the end of ${victim}: ${report}`).toBeDefined();
  }
  const ends = await Promise.all(field.runners.map(({ serving }) => serving.stop()));
  expect(ends).toEqual([0, 0]);
  const { delivered, ...faults } = await aftermath(field);
  expect(delivered).toBeGreaterThan(0);
  expect(faults).toEqual({ doubled: [], untold: [], unsettled: [], tokenLost: false });
});
