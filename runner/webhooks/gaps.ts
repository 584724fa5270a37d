// Events that should have come and did not: their pipelines look for changes themselves.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { Store, StoredEvent } from '../store/contract.ts';
import { unreadable } from './reading.ts';
import type { Routing } from './routing.ts';
import type { Source } from './streams.ts';

export interface LookPorts {
  readonly routing: Routing;
  readonly store: Pick<Store, 'events' | 'jobs'>;
  readonly clock: Clock;
}

/**
 * A delivery that failed is repeated by then (Xero: at once, then every 15 minutes), and until then all gaps share one
 * look at the books: numbers that never close must not spend the quota of the day.
 */
const patienceMilliseconds = 15 * 60_000;

/**
 * Adds a `reconcile` job for each pipeline of a vendor whose numbers have a gap in front of one of these events, or
 * that sent what could not be read. The numbers run over all organisations, so a missing event may be of any; the
 * streams are those that events tell of, for the others wait for their schedule anyway.
 */
export async function lookAgain(events: readonly StoredEvent[], ports: LookPorts): Promise<void> {
  for (const source of ['xero', 'quickbooks'] as const) {
    const own = events.filter((event) => event.source === source);
    if (!own.some(({ type }) => type === unreadable) && !(await hasGap(own, source, ports))) continue;
    const dueAt = ports.clock.now() + patienceMilliseconds;
    for (const { pipeline, streams } of ports.routing.all(source))
      await ports.store.jobs.add({ pipeline, streams, cause: 'reconcile', dueAt });
  }
}

/** Numbers do nothing but tell gaps: deliveries may overtake one another. */
async function hasGap(
  events: readonly StoredEvent[],
  source: Source,
  { store }: LookPorts,
): Promise<boolean> {
  const numbers = new Set(events.flatMap(({ sequence }) => (sequence === undefined ? [] : [sequence])));
  if (numbers.size === 0) return false;
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const number of numbers) {
    from = Math.min(from, number);
    to = Math.max(to, number);
  }
  const gaps = await store.events.gaps(source, { from, to });
  // Other events of the range have had their turn, or will have it.
  return gaps.some((number) => numbers.has(number));
}
