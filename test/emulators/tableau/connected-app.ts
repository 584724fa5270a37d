// Tokens that a Connected App signs: every claim Tableau looks at, and the number of each refusal (tableau.md 1.4).

import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { ApiFailure } from './errors.ts';
import type { ConnectedApp, User } from './model.ts';
import type { Switches } from './switches.ts';

/** Seconds: `exp` may lie no further ahead. */
const longestLife = 10 * 60;

export interface AppToken {
  readonly user: User;
  readonly scopes: readonly string[];
}

/** Verifies tokens and remembers each `jti` until its token would have expired anyway. */
export class AppTokens {
  readonly #used = new Map<string, number>();
  readonly #app: ConnectedApp;
  readonly #clock: Clock;
  readonly #switches: Switches;

  constructor(app: ConnectedApp, { clock, switches }: { clock: Clock; switches: Switches }) {
    this.#app = app;
    this.#clock = clock;
    this.#switches = switches;
  }

  /** Throws 401001 with Tableau's number for the reason: 5, 16, 126 or 127. */
  async verify(jwt: string, users: readonly User[]): Promise<AppToken> {
    const { kid, issuer } = this.#read(jwt);
    if (issuer !== this.#app.clientId) throw this.#refused(126, 'the connected app was not found');
    if (kid !== this.#app.secretId) throw this.#refused(127, 'the secret of the connected app was not found');
    const claims = await this.#signed(jwt);
    const now = this.#clock.now() / 1_000;
    if (claims.exp === undefined || claims.exp - now > longestLife)
      throw this.#refused(16, 'exp must lie no more than 10 minutes ahead');
    if (typeof claims.jti !== 'string' || claims.jti === '') throw this.#refused(16, 'jti is missing');
    for (const [jti, until] of this.#used) if (until < now) this.#used.delete(jti);
    if (this.#used.has(claims.jti)) throw this.#refused(16, 'jti was used before');
    const { scp } = claims;
    if (!Array.isArray(scp) || !scp.every((scope) => typeof scope === 'string'))
      throw this.#refused(16, 'scp must be a list of scopes');
    const user = users.find(({ name }) => name === claims.sub);
    if (!user) throw this.#refused(5, `the user "${claims.sub ?? ''}" was not found`);
    this.#used.set(claims.jti, claims.exp);
    return { user, scopes: scp as string[] };
  }

  #read(jwt: string): { kid: string | undefined; issuer: string | undefined } {
    try {
      const { kid } = decodeProtectedHeader(jwt);
      return { kid, issuer: decodeJwt(jwt).iss };
    } catch {
      throw this.#refused(16, 'the token is no JWT');
    }
  }

  async #signed(jwt: string) {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        jwt,
        new TextEncoder().encode(this.#app.secretValue),
        {
          algorithms: ['HS256'],
          audience: 'tableau',
          issuer: this.#app.clientId,
          currentDate: new Date(this.#clock.now()),
        },
      );
      if (protectedHeader.iss !== this.#app.clientId) throw new Error('iss is missing in the header');
      return payload;
    } catch (error) {
      throw this.#refused(16, (error as Error).message);
    }
  }

  #refused(number: number, reason: string): ApiFailure {
    const place = this.#switches.jwtErrorPlace;
    const detail = place === 'detail' ? ` (errorCode=${number}: ${reason})` : '';
    return new ApiFailure(401001, `Error signing in to Tableau${detail}`);
  }
}
