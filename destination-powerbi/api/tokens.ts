// Access tokens of the service principal: asked for early enough that no request outlives its own.
import { type Clock, clientCredentials, type Send, type TokenSource } from '@airbyte/cdk-typescript-shim/kit';
import { explainEntra } from './entra-errors.ts';

export interface PrincipalOptions {
  readonly login: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly clock: Clock;
  /** The short stack, without `authorize`. */
  readonly send: Send;
}

/** Before its end, in milliseconds: a batch of 12 MB over a slow line, and a try or two of it. */
const margin = 5 * 60_000;

export interface PrincipalTokens extends TokenSource {
  /** The next `token()` asks for a new one. */
  expire(): void;
}

/** Client credentials against the v2.0 endpoint. Refusals carry the advice of their AADSTS code. */
export function principalTokens(options: PrincipalOptions): PrincipalTokens {
  const { login, tenant, scope, clock, send, clientId, clientSecret } = options;
  const inner = clientCredentials({
    tokenUrl: `${login}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    clientId,
    clientSecret,
    authentication: 'post',
    scope,
    clock,
    send,
  });
  let current: { readonly token: string; readonly since: number } | undefined;
  const keep = (token: string): string => {
    if (current?.token !== token) current = { token, since: clock.now() };
    return token;
  };
  const explained = async (obtain: Promise<string>): Promise<string> => {
    try {
      return keep(await obtain);
    } catch (error) {
      throw explainEntra(error);
    }
  };
  let expired = false;
  return {
    async token() {
      const token = await explained(inner.token());
      const stale = expired || isStale(current, clock.now());
      expired = false;
      return stale ? await explained(inner.renew(token)) : token;
    },
    renew: (rejected) => explained(inner.renew(rejected)),
    expire: () => {
      expired = current !== undefined;
    },
  };
}

/** Tokens that live shorter than twice the margin serve half their life. */
function isStale(
  current: { readonly token: string; readonly since: number } | undefined,
  now: number,
): boolean {
  if (current === undefined) return false;
  const { exp } = claimsOf(current.token);
  if (exp === undefined) return false;
  return now > exp * 1000 - Math.min(margin, (exp * 1000 - current.since) / 2);
}

export interface Claims {
  /** Seconds since the epoch. */
  readonly exp?: number;
  readonly tid?: string;
  readonly appid?: string;
  /** Object id of the service principal: what role lists show. */
  readonly oid?: string;
}

/** What a JSON web token says of itself, unverified; nothing when it is none. */
export function claimsOf(token: string): Claims {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Claims) : {};
  } catch {
    return {};
  }
}
