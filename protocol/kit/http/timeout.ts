// One deadline for each attempt, joined with the caller's signal.
import type { Layer } from './http.ts';

export interface TimeoutOptions {
  /** From sending to the last byte of the body, in real time. */
  readonly milliseconds: number;
}

export function timeout(options: TimeoutOptions): Layer {
  throw new Error(`in progress ${options.milliseconds}`);
}
