// The lease of a job while it runs: prolonged in time, and the work is stopped when another runner has it.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import type { Job, Jobs } from '../store/contract.ts';

export interface LeaseOptions {
  readonly jobs: Jobs;
  readonly owner: string;
  readonly clock: Clock;
  /** How long it holds without being prolonged. */
  readonly milliseconds: number;
}

export interface HeldLease {
  /** Aborted when the lease is lost. */
  readonly lost: AbortSignal;
  /** Stops prolonging it. */
  release(): void;
}

/** Three chances to prolong it before it ends. */
const chances = 3;

export function holdLease(
  { id, pipeline }: Pick<Job, 'id' | 'pipeline'>,
  { jobs, owner, clock, milliseconds }: LeaseOptions,
): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  const prolong = async (): Promise<void> => {
    while (!released.signal.aborted) {
      await clock.sleep(milliseconds / chances, released.signal);
      if (await isHeld()) continue;
      lost.abort(new Error(`Job ${id} of "${pipeline}" was taken by another runner`));
      return;
    }
  };
  const isHeld = async (): Promise<boolean> => {
    try {
      return await jobs.renew(id, owner, clock.now() + milliseconds);
    } catch (error) {
      // While the store is away nobody else can take the job either; it says whose it is when it is back.
      if (asConnectorError(error).kind === 'transient') return true;
      throw error;
    }
  };
  prolong().catch((error: unknown) => {
    if (!released.signal.aborted) lost.abort(error);
  });
  return { lost: lost.signal, release: () => released.abort() };
}
