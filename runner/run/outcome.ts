// How a job ends: done, tried again later, or left for a person; decided by the kind of the failure, never by its words.
import type { ConnectorError } from '@airbyte/cdk-typescript-shim';
import type { Settings } from '../settings/index.ts';
import type { Job, JobFailure, JobOutcome } from '../store/contract.ts';
import type { Tally } from './tally.ts';

export interface Ended {
  readonly tally: Tally;
  /** Why it could not begin or go on. */
  readonly error?: ConnectorError | undefined;
  /** Somebody asked it to stop. */
  readonly stopped: boolean;
  readonly now: number;
  readonly retry: Settings['retry'];
}

/**
 * A config error waits for a person: records are parked, because no later run would read them; whole streams have
 * failed, because the next run reads them. Everything else is tried again until the limit, then parked.
 */
export function outcomeOf(job: Job, { tally, error, stopped, now, retry }: Ended): JobOutcome {
  const counts = { read: tally.read, committed: tally.committed, endedAt: now };
  // A source may end well when it is told to stop: only what it called complete is.
  if (!error && tally.ok && (!stopped || tally.allComplete)) return { state: 'done', ...counts };
  const failure = failureOf(tally, error, stopped);
  if (stopped) return { state: 'waiting', ...counts, failure, dueAt: now };
  if (failure.kind === 'config') return { state: job.records ? 'parked' : 'failed', ...counts, failure };
  if (job.attempt >= retry.attempts) return { state: 'parked', ...counts, failure };
  const dueAt = Math.max(now + pauseAfter(job.attempt, retry), tally.quotaReset ?? 0);
  return { state: 'waiting', ...counts, failure, dueAt };
}

function failureOf(tally: Tally, error: ConnectorError | undefined, stopped: boolean): JobFailure {
  if (stopped) return { kind: 'transient', message: 'It was stopped, and goes on from its last states' };
  if (error) return { kind: error.kind, message: error.message };
  return (
    tally.failure ?? { kind: 'system', message: 'It is not complete, and neither end said why: see its log' }
  );
}

/** Milliseconds before the next start; doubles with each. */
export function pauseAfter(attempt: number, retry: Settings['retry']): number {
  const seconds = retry.first_seconds * 2 ** Math.max(0, attempt - 1);
  return Math.min(seconds, retry.longest_minutes * 60) * 1000;
}
