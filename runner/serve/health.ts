// Whether this runner can do its work: what the probes of an orchestrator ask.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import type { Store } from '../store/contract.ts';

export interface HealthPorts {
  readonly store: Pick<Store, 'ping' | 'secrets'>;
  readonly clock: Clock;
  /** When the loop came round last, milliseconds since the epoch. */
  readonly lastTick: () => number;
  readonly draining: () => boolean;
}

/** Twenty rounds of the loop. */
const longestRound = 10_000;
const patience = 3_000;

/** What keeps it from working, in words; nothing: it works. */
export async function notReady({
  store,
  clock,
  lastTick,
  draining,
}: HealthPorts): Promise<readonly string[]> {
  const [answers, opens] = await Promise.all([
    problemOf(store.ping(), clock),
    problemOf(store.secrets.prove(), clock),
  ]);
  const late = clock.now() - lastTick() > longestRound;
  return [
    ...(draining() ? ['The runner is stopping'] : []),
    ...(answers === undefined ? [] : [answers]),
    ...(opens === undefined || opens === answers ? [] : [opens]),
    ...(late ? ['The loop that claims jobs does not come round: see the log'] : []),
  ];
}

async function problemOf(work: Promise<void>, clock: Clock): Promise<string | undefined> {
  const over = new AbortController();
  try {
    const late = clock.sleep(patience, over.signal).then(() => 'The store gives no answer');
    late.catch(() => undefined);
    return await Promise.race([work.then(() => undefined), late]);
  } catch (thrown) {
    return asConnectorError(thrown).message;
  } finally {
    over.abort();
  }
}
