// A step of `check`: it says what it verified, or throws with the remedy.
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { Config } from '../spec.ts';

export type Step = () => Promise<string>;

/** Steps in the order in which they are worth knowing, and what to close afterwards. */
export interface Steps {
  readonly steps: readonly Step[];
  close(): Promise<void>;
}

export type CheckContext = Context<Config>;
