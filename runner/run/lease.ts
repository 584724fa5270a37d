// The lease of a job while it runs: prolonged in time, and the work is stopped when another runner has it.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import type { Job, Jobs } from '../store/contract.ts';

export interface LeaseOptions {
  readonly jobs: Jobs;
  readonly owner: string;
  readonly clock: Clock;
  /** How long it holds without being prolonged. */
  readonly milliseconds: number;
  /**
   * Runners on other machines may reach the store while this one does not: the work stops in time for them to have
   * the job when the lease is over. Otherwise a store that is away is away for all, and is waited for.
   */
  readonly shared?: boolean;
}

export interface HeldLease {
  /** Aborted when the lease is lost. */
  readonly lost: AbortSignal;
  /** Stops prolonging it. */
  release(): void;
}

/** Three chances to prolong it before it ends; the last third is for stopping what runs. */
const chances = 3;

/** What the store says of the lease; undefined: it gives no answer. */
type Answer = 'held' | 'lost' | undefined;

export function holdLease({ id, pipeline }: Pick<Job, 'id' | 'pipeline'>, options: LeaseOptions): HeldLease {
  const { clock, milliseconds, shared = false } = options;
  const lost = new AbortController();
  const released = new AbortController();
  const pause = milliseconds / chances;
  const prolong = async (): Promise<void> => {
    let until = clock.now() + milliseconds;
    while (!released.signal.aborted) {
      const last = until - pause;
      const left = Math.max(1, last - clock.now());
      await clock.sleep(shared ? Math.min(pause, left) : pause, released.signal);
      const next = clock.now() + milliseconds;
      const asked = ask(id, next, options);
      const answer = await (shared ? within(Math.max(pause / 4, last - clock.now()), asked, clock) : asked);
      if (answer === 'held') until = next;
      if (answer === 'held' || (answer === undefined && !(shared && clock.now() >= last))) continue;
      lost.abort(new Error(`Job ${id} of "${pipeline}" may be another runner's by now`));
      return;
    }
  };
  prolong().catch((error: unknown) => {
    if (!released.signal.aborted) lost.abort(error);
  });
  return { lost: lost.signal, release: () => released.abort() };
}

async function ask(id: number, until: number, { jobs, owner }: LeaseOptions): Promise<Answer> {
  try {
    return (await jobs.renew(id, owner, until)) ? 'held' : 'lost';
  } catch (error) {
    // It says whose the job is when it is back.
    if (asConnectorError(error).kind === 'transient') return undefined;
    throw error;
  }
}

async function within(time: number, asked: Promise<Answer>, clock: Clock): Promise<Answer> {
  const over = new AbortController();
  const late = clock.sleep(time, over.signal).then(() => undefined);
  late.catch(() => undefined);
  asked.catch(() => undefined);
  return await Promise.race([asked, late]).finally(() => over.abort());
}
