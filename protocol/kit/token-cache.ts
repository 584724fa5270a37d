// Keeps an access token until shortly before it ends, and lets concurrent callers share one request for the next.
import type { Clock } from '../ports.ts';
import type { TokenSource } from './http/authorize.ts';

/** Times are milliseconds since the epoch. */
export interface AccessToken {
  readonly accessToken: string;
  readonly issuedAt: number;
  /** Absent: it serves until the server refuses it. */
  readonly expiresAt?: number;
}

/** Before its end, in milliseconds: a request that takes a while must not outlive its token. */
const MARGIN = 60_000;

/** Whether the token lasts long enough to begin a request with. Tokens of less than two minutes serve half their life. */
export function isFresh({ issuedAt, expiresAt }: AccessToken, now: number): boolean {
  return expiresAt === undefined || now < expiresAt - Math.min(MARGIN, (expiresAt - issuedAt) / 2);
}

/** A token source over `obtain`, which never runs twice at once; `rejected` is the token it must not give again. */
export function cachedTokens(
  clock: Clock,
  obtain: (rejected: string | undefined) => Promise<AccessToken>,
): TokenSource {
  let current: AccessToken | undefined;
  let pending: Promise<void> | undefined;

  const fetch = async (rejected: string | undefined): Promise<void> => {
    try {
      current = await obtain(rejected);
    } finally {
      pending = undefined;
    }
  };

  const give = async (rejected: string | undefined): Promise<string> => {
    // Another request may have had the same token refused, and be renewing it or have done so.
    if (pending !== undefined) await pending;
    if (current !== undefined && current.accessToken !== rejected && isFresh(current, clock.now()))
      return current.accessToken;
    pending ??= fetch(rejected);
    await pending;
    if (current === undefined) throw new Error('no token was obtained');
    return current.accessToken;
  };

  return { token: () => give(undefined), renew: (rejected) => give(rejected) };
}
