// Sessions: tokens, how long they live, and the rule of one live session per personal access token (tableau.md 1.3).
import { randomBytes } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { EmulatorRequest } from '../emulator.ts';
import { ApiFailure } from './errors.ts';
import { newId, type PersonalToken, type Site, type User } from './model.ts';
import type { Switches } from './switches.ts';

export type SignInMethod = 'pat' | 'password' | 'jwt';

export interface Session {
  readonly token: string;
  readonly user: User;
  readonly site: Site;
  readonly method: SignInMethod;
  readonly pat: PersonalToken | undefined;
  /** What a Connected App token allows; undefined: everything the user may do. */
  readonly scopes: readonly string[] | undefined;
  expiresAt: number;
}

/** One successful sign-in, for counting. */
export interface LoggedSignIn {
  readonly site: string;
  readonly method: SignInMethod;
  readonly user: string;
  readonly at: number;
}

/** Minutes: 240 on Server, 120 on Cloud. */
const lives = { server: 240, cloud: 120 };

export class Sessions {
  readonly log: LoggedSignIn[] = [];
  readonly #live = new Map<string, Session>();
  readonly #clock: Clock;
  readonly #switches: Switches;
  readonly #life: number;

  constructor(
    clock: Clock,
    { kind, switches, life }: { kind: 'cloud' | 'server'; switches: Switches; life?: number | undefined },
  ) {
    this.#clock = clock;
    this.#switches = switches;
    this.#life = life ?? lives[kind] * 60_000;
  }

  /** A sign-in with a personal access token ends the session that token had, wherever it was. */
  open(user: User, site: Site, how: Pick<Session, 'method' | 'pat' | 'scopes'>): Session {
    const { pat } = how;
    if (pat) {
      for (const session of this.#live.values()) if (session.pat === pat) this.#live.delete(session.token);
      pat.usedAt = this.#clock.now();
    }
    const token = `${randomBytes(16).toString('base64url')}|${randomBytes(24).toString('base64url')}|${newId()}`;
    const session = { token, user, site, ...how, expiresAt: this.#clock.now() + this.#life };
    this.#live.set(token, session);
    this.log.push({
      site: site.contentUrl,
      method: how.method,
      user: user.name,
      at: this.#clock.now(),
    });
    return session;
  }

  /** The session of a call; refuses it without a token (401000) and with one that is dead (401002). */
  of({ headers }: EmulatorRequest): Session {
    const token = headers['x-tableau-auth'];
    if (typeof token !== 'string' || token === '')
      throw new ApiFailure(401000, 'Authentication credentials were missing or invalid');
    const session = this.#live.get(token);
    if (!session || session.expiresAt <= this.#clock.now()) {
      this.#live.delete(token);
      const invalid = 'Invalid authentication credentials were provided.';
      throw new ApiFailure(this.#switches.expiredTokenCode, invalid);
    }
    if (this.#switches.sessionLife === 'idle') session.expiresAt = this.#clock.now() + this.#life;
    return session;
  }

  end(session: Session): void {
    this.#live.delete(session.token);
  }

  endAll(): void {
    this.#live.clear();
  }

  /** How many sessions live now. */
  get live(): number {
    const now = this.#clock.now();
    return [...this.#live.values()].filter(({ expiresAt }) => expiresAt > now).length;
  }

  /** `HH:MM:SS` until the session ends. */
  remaining({ expiresAt }: Session): string {
    const seconds = Math.max(0, Math.floor((expiresAt - this.#clock.now()) / 1_000));
    const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    return parts.map((part) => String(part).padStart(2, '0')).join(':');
  }
}
