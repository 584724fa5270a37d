// 100 kills of serving runners, their connectors and their PostgreSQL: how long each takes to heal, and what is left.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyText, newKey } from '../../runner/vault/key.ts';
import { type Battlefield, openBattlefield, type Round, strike, victims } from '../e2e/strikes.ts';
import { type Aftermath, aftermath } from '../e2e/strikes-proof.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox } from '../sandbox/open.ts';
import type { Row } from './row.ts';

/** One line of the benchmark; says on standard error what each kill did. */
export async function faultsRow(count: number): Promise<Row & { readonly wrong: boolean }> {
  const { rounds, left, ends } = await strikeServing(count, ({ victim, struck, healed, report }) => {
    const how =
      healed === undefined ? `NEVER HEALED: ${report}` : `healed after ${(healed / 1000).toFixed(1)} s`;
    process.stderr.write(`${victim}${struck ? '' : ' (had ended)'}: ${how}\n`);
  });
  const healed = rounds.flatMap((round) => round.healed ?? []).sort((one, other) => one - other);
  const { delivered, doubled, untold, unsettled, tokenLost } = left;
  const wrong =
    healed.length < count ||
    doubled.length + untold.length + unsettled.length > 0 ||
    tokenLost ||
    ends.some(Boolean);
  const at = (share: number): string =>
    ((healed[Math.ceil(healed.length * share) - 1] ?? 0) / 1000).toFixed(1);
  return {
    what: `serve: ${count} kills of two runners, their connectors and their PostgreSQL`,
    measured: `${healed.length} of ${count} healed; ${doubled.length} told twice, ${untold.length} untold, ${unsettled.length} jobs unsettled, ${tokenLost ? 'A TOKEN LOST' : 'no token lost'}`,
    wanted: 'all; 0, 0, 0, no token lost',
    method: `${rounds.filter(({ struck }) => struck).length} were at work; half healed within ${at(0.5)} s, 95 % within ${at(0.95)} s; ${delivered} deliveries in the trail`,
    wrong,
  };
}

interface Struck {
  readonly rounds: readonly Round[];
  readonly left: Aftermath;
  /** Exit codes of the runners when they were asked to end. */
  readonly ends: readonly (number | null)[];
}

/** Strikes two runners that share one PostgreSQL, so often. */
async function strikeServing(count: number, onRound: (round: Round) => void): Promise<Struck> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-strikes-'));
  const sandbox = await openSandbox({ folder, documents: 150, companies: 2, xeroLimits: UNLIMITED });
  const postgres = await startPostgres({ settings: { fsync: 'on', synchronous_commit: 'on' } });
  const key = keyText(newKey());
  const folders = [await mkdtemp(join(folder, 'one-')), await mkdtemp(join(folder, 'two-'))];
  const field = await openBattlefield(sandbox, { postgres, folders, key, seed: 1 });
  try {
    const rounds = await strikeAll(field, { count, onRound });
    const ends = await Promise.all(field.runners.map(({ serving }) => serving.stop()));
    return { rounds, ends, left: await aftermath(field) };
  } finally {
    for (const { serving } of field.runners) await serving.stop();
    await sandbox.close();
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function strikeAll(
  field: Battlefield,
  { count, onRound }: { readonly count: number; readonly onRound: (round: Round) => void },
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) {
    const victim = victims[round % victims.length] ?? 'runner';
    const struck = await strike(field, { round, victim });
    onRound(struck);
    rounds.push(struck);
    if (struck.healed === undefined) break;
  }
  return rounds;
}
