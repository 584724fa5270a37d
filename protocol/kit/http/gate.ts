// What one limit is to the limiter: it may block the next request, and it sees every send and its answer.
import type { HttpResponse } from './http.ts';

export interface Blocked {
  /** When to look again, in milliseconds since the epoch; undefined: when an answer comes. */
  readonly until: number | undefined;
  /** The wait outlasts a run: the request fails instead. */
  readonly ends: boolean;
  readonly reason: string;
}

/** Called once with the answer, or with undefined when none came; `counted` false: the request never reached the server. */
export type Answered = (response: HttpResponse | undefined, now: number, counted: boolean) => void;

export interface Gate {
  /** Why a request may not be sent at `now`; undefined: it may. */
  blocked(now: number): Blocked | undefined;
  /** A request is sent now. */
  sent(): Answered;
}
