// Tokens: JWT access tokens of 30 minutes, refresh tokens that rotate with a 30-minute grace and live 60 days.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** Lifetimes in ms: developer.xero.com/documentation/guides/oauth2/auth-flow. */
export const LIFETIMES = {
  access: 30 * 60_000,
  id: 5 * 60_000,
  refresh: 60 * 86_400_000,
  grace: 30 * 60_000,
  code: 5 * 60_000,
} as const;

export interface TokenReply {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: 'Bearer';
  readonly scope: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

/** What a user allowed, once. */
export interface Grant {
  readonly scopes: readonly string[];
  /** The consent these tokens come from; undefined for a custom connection. */
  readonly authEventId: string | undefined;
  /** The only tenant of a custom connection. */
  readonly tenantId: string | undefined;
}

export interface AccessToken extends Grant {
  readonly expiresAt: number;
}

interface RefreshToken extends Grant {
  readonly expiresAt: number;
  /** When it was first used: it is superseded, and good for the grace period only. */
  usedAt: number | undefined;
  revoked: boolean;
}

const key = generateKeyPair('RS256', { extractable: true });

/** The public key that verifies id tokens, for the discovery document's jwks_uri. */
export async function publicKeys(): Promise<{ keys: JWK[] }> {
  const { publicKey } = await key;
  return { keys: [{ ...(await exportJWK(publicKey)), kid: 'emulator', alg: 'RS256', use: 'sig' }] };
}

export class TokenStore {
  readonly #clock: Clock;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #clientId: string;
  /** Set once the server knows its own address. */
  issuer = '';

  constructor(clock: Clock, clientId: string) {
    this.#clock = clock;
    this.#clientId = clientId;
  }

  /** New tokens for a grant; a refresh token only with offline_access, an id token only with openid. */
  async issue(
    grant: Grant,
    { lifetime = LIFETIMES.access }: { lifetime?: number } = {},
  ): Promise<TokenReply> {
    const now = this.#clock.now();
    const accessToken = await this.#jwt(grant, now + lifetime);
    this.#access.set(accessToken, { ...grant, expiresAt: now + lifetime });
    const offline = grant.authEventId !== undefined && grant.scopes.includes('offline_access');
    const refreshToken = offline ? randomBytes(32).toString('base64url') : undefined;
    if (refreshToken)
      this.#refresh.set(refreshToken, {
        ...grant,
        expiresAt: now + LIFETIMES.refresh,
        usedAt: undefined,
        revoked: false,
      });
    const openid = grant.authEventId !== undefined && grant.scopes.includes('openid');
    return {
      access_token: accessToken,
      expires_in: Math.floor(lifetime / 1000),
      token_type: 'Bearer',
      scope: grant.scopes.join(' '),
      ...(refreshToken ? { refresh_token: refreshToken } : {}),
      ...(openid ? { id_token: await this.#jwt(grant, now + LIFETIMES.id) } : {}),
    };
  }

  /** New tokens for a refresh token; undefined when it is unknown, expired, revoked, or superseded for too long. */
  async refresh(token: string): Promise<TokenReply | undefined> {
    const now = this.#clock.now();
    const held = this.#refresh.get(token);
    if (!held || held.revoked || now >= held.expiresAt) return undefined;
    if (held.usedAt !== undefined && now - held.usedAt > LIFETIMES.grace) return undefined;
    held.usedAt ??= now;
    return this.issue(held);
  }

  /** Kills a refresh token and all of its grant; returns the grant's consent. */
  revoke(token: string): string | undefined {
    const held = this.#refresh.get(token);
    if (!held) return undefined;
    for (const one of this.#refresh.values()) if (one.authEventId === held.authEventId) one.revoked = true;
    return held.authEventId;
  }

  /** What an access token is good for, expired or not. */
  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  /** Ends every access token at once, as after an outage: the next call gets TokenExpired. */
  expireAccess(): void {
    const now = this.#clock.now();
    for (const [token, held] of this.#access)
      this.#access.set(token, { ...held, expiresAt: Math.min(held.expiresAt, now) });
  }

  async #jwt(grant: Grant, expiresAt: number): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    const user = 'b1d0c0de-0000-4000-8000-0000000000aa';
    const claims = {
      client_id: this.#clientId,
      auth_time: now,
      xero_userid: user,
      global_session_id: randomUUID().replaceAll('-', ''),
      scope: grant.scopes,
      amr: ['ssa'],
      email: 'adviser@ledger.example',
      preferred_username: 'adviser@ledger.example',
      ...(grant.authEventId === undefined ? {} : { authentication_event_id: grant.authEventId }),
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'emulator', typ: 'JWT' })
      .setIssuer(this.issuer)
      .setAudience(this.#clientId)
      .setSubject(createHash('md5').update(user).digest('hex'))
      .setJti(randomUUID().replaceAll('-', ''))
      .setNotBefore(now)
      .setIssuedAt(now)
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign((await key).privateKey);
  }
}
