// One call as the handlers see it: who asks, which version of the API, and the body as a tree.
import type { EmulatorRequest } from '../emulator.ts';
import type { Site } from './model.ts';
import type { Session } from './sessions.ts';
import type { Input, Tree } from './tree.ts';

export interface Call {
  readonly request: EmulatorRequest;
  /** As the path says, e.g. `3.29`. */
  readonly version: string;
  readonly session: Session;
  /** The caller's site. */
  readonly site: Site;
  /** The decoded segments of the path that the route leaves open, without the site. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** The body; empty for multipart ones. */
  readonly input: Input;
}

export interface Result {
  readonly status: number;
  /** Left out: no body. */
  readonly tree?: Tree;
  /** Bytes instead of a tree. */
  readonly raw?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Result | Promise<Result>;
