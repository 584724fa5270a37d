// One deadline for each attempt, joined with the caller's signal.
import type { Layer } from './http.ts';
import { LostAnswer } from './lost-answer.ts';
import { hostOf, purposeOf } from './purpose.ts';

export interface TimeoutOptions {
  /** From sending to the last byte of the body, in real time. */
  readonly milliseconds: number;
}

/** Ends an attempt that takes too long with a LostAnswer; the caller's own abort passes through with its reason. */
export function timeout({ milliseconds }: TimeoutOptions): Layer {
  return (next) =>
    async function timed(request) {
      // Not AbortSignal.any: on Node 20 each joined signal stays attached to a source that lives as long as the run
      // (nodejs/node issue 54614), and a long read makes very many requests.
      const attempt = new AbortController();
      const abort = (): void => attempt.abort(request.signal?.reason);
      request.signal?.throwIfAborted();
      request.signal?.addEventListener('abort', abort, { once: true });
      let late = false;
      const deadline = setTimeout(() => {
        late = true;
        attempt.abort();
      }, milliseconds);
      try {
        return await next({ ...request, signal: attempt.signal });
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        if (!late) throw error;
        const limit = `no complete answer from "${hostOf(request)}" within ${milliseconds / 1000} s`;
        throw new LostAnswer(`Cannot ${purposeOf(request)}: ${limit}, try again later`, {
          arrived: true,
          cause: error,
        });
      } finally {
        clearTimeout(deadline);
        request.signal?.removeEventListener('abort', abort);
      }
    };
}
