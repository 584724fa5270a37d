// Tells a URL of each job that failed for good: in the background, tried a few times, never in the way of the work.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { Job, JobOutcome } from '../store/contract.ts';
import type { Log } from './log.ts';

export interface FailureHookPorts {
  /** Absent: nobody is told. */
  readonly url: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Address of the runner's page, when others reach it. */
  readonly page?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Milliseconds before each further try. */
  readonly pauses?: readonly number[];
}

const timeout = 10_000;
const defaultPauses = [1_000, 10_000, 60_000];
/** While the URL does not answer, so many wait for it; those beyond are told in the log alone. */
const mostWaiting = 1_000;

export class FailureHook {
  readonly #ports: FailureHookPorts;
  readonly #stop = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(ports: FailureHookPorts) {
    this.#ports = ports;
  }

  /** Returns at once. */
  tell(job: Job, outcome: JobOutcome): void {
    const { url, log } = this.#ports;
    if (url === undefined) return;
    if (this.#waiting >= mostWaiting) {
      log.warn({ job: job.id, pipeline: job.pipeline }, 'on_failure was not told: too many wait already');
      return;
    }
    this.#waiting += 1;
    // One after another: a hundred failures at once are no reason to flood whoever is told.
    this.#last = this.#last
      .then(() => this.#deliver(url, job, outcome))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Resolves when nobody is left to be told; those that wait for another try are given up when `signal` aborts. */
  async end(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#stop.abort();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await this.#last;
    signal.removeEventListener('abort', stop);
  }

  async #deliver(url: string, job: Job, outcome: JobOutcome): Promise<void> {
    const { clock, log, pauses = defaultPauses } = this.#ports;
    const body = JSON.stringify(failureBody(job, outcome, this.#ports.page));
    for (let attempt = 0; ; attempt++) {
      const reason = await this.#post(url, body);
      if (reason === undefined) return;
      const pause = pauses[attempt];
      if (pause === undefined || this.#stop.signal.aborted) {
        log.error({ job: job.id, pipeline: job.pipeline, reason }, 'on_failure could not be told');
        return;
      }
      await clock.sleep(pause, this.#stop.signal).catch(() => undefined);
    }
  }

  /** Why it was not taken; undefined: it was. The URL itself may be a secret, and is never told. */
  async #post(url: string, body: string): Promise<string | undefined> {
    const send = this.#ports.fetch ?? fetch;
    try {
      const response = await send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeout)]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `it answered ${response.status}`;
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }
}

/** The code of a network error, whose text may hold the URL. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return 'it gave no answer in time';
  return 'it could not be reached';
}

/** What is sent: `text` is what chat programs show of it. */
function failureBody(job: Job, { state, read, committed, failure, endedAt }: JobOutcome, page?: string) {
  const what = state === 'parked' ? 'is parked: replay it when the reason is mended' : 'failed';
  return {
    event: 'job failed',
    text: `Job ${job.id} of ${job.pipeline} ${what}. ${failure?.message ?? ''}`.trim(),
    job: job.id,
    pipeline: job.pipeline,
    cause: job.cause,
    state,
    attempt: job.attempt,
    kind: failure?.kind ?? 'system',
    message: failure?.message ?? '',
    replay: `ledgerpipe replay --job ${job.id}`,
    read,
    committed,
    ended_at: new Date(endedAt).toISOString(),
    ...(page !== undefined && { page: `${page}/jobs/${job.id}` }),
  };
}
