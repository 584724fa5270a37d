// Tokens: access tokens of an hour, refresh tokens that change their value once a day, live 100 days and 5 years at most.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { idToken } from './openid.ts';
import type { QuickbooksSwitches } from './switches.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lifetimes in ms: developer.intuit.com, OAuth 2.0 FAQ; the hard end counts from the consent. */
export const LIFETIMES = {
  access: HOUR,
  code: 5 * 60_000,
  grace: DAY,
  hard: 157_680_000 * 1000,
} as const;

export interface TokenReply {
  readonly access_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly x_refresh_token_expires_in: number;
  readonly x_refresh_token_hard_expires_in?: number;
  readonly id_token?: string;
}

/** One app connected to one company by one person. */
export interface Consent {
  readonly realmId: string;
  readonly scopes: readonly string[];
  readonly grantedAt: number;
  ended: boolean;
  /** The refresh token that counts. */
  current: { value: string; issuedAt: number; expiresAt: number };
}

export interface AccessToken {
  readonly consent: Consent;
  readonly expiresAt: number;
}

export interface GrantOptions {
  readonly scopes: readonly string[];
  /** When the person consented; now unless given. */
  readonly grantedAt?: number;
  /** Life of the access token in ms. */
  readonly lifetime?: number;
}

export class TokenStore {
  readonly #clock: Clock;
  readonly #switches: QuickbooksSwitches;
  readonly #clientId: string;
  readonly #access = new Map<string, AccessToken>();
  /** Every refresh token ever issued, with the instant it was superseded. */
  readonly #refresh = new Map<string, { consent: Consent; supersededAt: number | undefined }>();

  constructor(clock: Clock, { switches, clientId }: { switches: QuickbooksSwitches; clientId: string }) {
    this.#clock = clock;
    this.#switches = switches;
    this.#clientId = clientId;
  }

  /** Tokens of a new consent. */
  grant(realmId: string, { scopes, grantedAt = this.#clock.now(), lifetime }: GrantOptions): TokenReply {
    const consent: Consent = { realmId, scopes, grantedAt, ended: false, current: this.#fresh() };
    this.#refresh.set(consent.current.value, { consent, supersededAt: undefined });
    return this.#reply(consent, lifetime);
  }

  /** New tokens for a refresh token; undefined for `invalid_grant`. */
  refresh(value: string): TokenReply | undefined {
    const now = this.#clock.now();
    const held = this.#refresh.get(value);
    if (!held || held.consent.ended) return undefined;
    const { consent } = held;
    if (now >= consent.grantedAt + LIFETIMES.hard || now >= consent.current.expiresAt) return undefined;
    if (held.supersededAt !== undefined && !this.#stillGood(held.supersededAt, now)) {
      if (this.#switches.reuseRevokes) consent.ended = true;
      return undefined;
    }
    this.#renew(consent, now);
    return this.#reply(consent, undefined);
  }

  /** Seconds left of the five years, for the header that asks. */
  hardSeconds(value: string): number {
    const held = this.#refresh.get(value);
    return held ? Math.floor((held.consent.grantedAt + LIFETIMES.hard - this.#clock.now()) / 1000) : 0;
  }

  /** What an access token is good for, expired or not. */
  access(value: string): AccessToken | undefined {
    return this.#access.get(value);
  }

  /** Ends the consent an access or refresh token belongs to; false when nothing does. */
  revoke(value: string): boolean {
    const consent = this.#refresh.get(value)?.consent ?? this.#access.get(value)?.consent;
    if (!consent || consent.ended) return false;
    consent.ended = true;
    return true;
  }

  disconnect(realmId: string): void {
    for (const { consent } of this.#refresh.values()) if (consent.realmId === realmId) consent.ended = true;
  }

  /** Ends every access token now; refresh tokens stay. */
  expireAccess(): void {
    const now = this.#clock.now();
    for (const [value, held] of this.#access)
      this.#access.set(value, { ...held, expiresAt: Math.min(held.expiresAt, now) });
  }

  #stillGood(supersededAt: number, now: number): boolean {
    return this.#switches.oldRefreshToken === 'works for 24 hours' && now - supersededAt < LIFETIMES.grace;
  }

  /** The 100 days start again; the value changes once a day. */
  #renew(consent: Consent, now: number): void {
    const due = now - consent.current.issuedAt >= this.#switches.rotateAfterHours * HOUR;
    if (!due) {
      consent.current.expiresAt = now + this.#switches.refreshTokenDays * DAY;
      return;
    }
    const old = this.#refresh.get(consent.current.value);
    if (old) old.supersededAt = now;
    consent.current = this.#fresh();
    this.#refresh.set(consent.current.value, { consent, supersededAt: undefined });
  }

  #fresh(): Consent['current'] {
    const now = this.#clock.now();
    const value = `RT1-${randomBytes(4).readUInt8()}-H0-${Math.floor(now / 1000)}${randomBytes(15).toString('hex')}`;
    return { value, issuedAt: now, expiresAt: now + this.#switches.refreshTokenDays * DAY };
  }

  #reply(consent: Consent, lifetime: number = LIFETIMES.access): TokenReply {
    const now = this.#clock.now();
    const value = `eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0..${randomBytes(96).toString('base64url')}`;
    this.#access.set(value, { consent, expiresAt: now + lifetime });
    return {
      access_token: value,
      token_type: 'bearer',
      expires_in: Math.floor(lifetime / 1000),
      refresh_token: consent.current.value,
      x_refresh_token_expires_in: Math.floor((consent.current.expiresAt - now) / 1000),
      ...(consent.scopes.includes('openid')
        ? { id_token: idToken(consent, { clientId: this.#clientId, now }) }
        : {}),
    };
  }
}
