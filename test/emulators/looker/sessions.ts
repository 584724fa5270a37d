// Tokens: each is an API session of its own, with a life of an hour and a workspace that starts as production.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, json, notFound, nothing } from './answers.ts';
import type { Switches } from './switches.ts';
import type { User, Users } from './users.ts';

export interface Session {
  readonly token: string;
  readonly user: User;
  readonly expiresAt: number;
  workspace: 'production' | 'dev';
}

export class Sessions {
  readonly #parts: { users: Users; clock: Clock; switches: Switches; lifetime: number };
  readonly #open = new Map<string, Session>();

  /** `lifetime` of a token in seconds. */
  constructor(parts: { users: Users; clock: Clock; switches: Switches; lifetime: number }) {
    this.#parts = parts;
  }

  /** POST /login: credentials in a form; wrong ones answer 404 by design (looker.md 1). */
  login({ url, body }: EmulatorRequest): Answer {
    const { users, switches } = this.#parts;
    const form = new URLSearchParams(body.toString());
    const of = (name: string): string =>
      form.get(name) ?? (switches.loginInQuery ? url.searchParams.get(name) : null) ?? '';
    const user = users.byKey(of('client_id'), of('client_secret'));
    if (!user) throw notFound();
    return this.open(user);
  }

  open(user: User): Answer {
    const { clock, lifetime } = this.#parts;
    const token = randomBytes(30).toString('base64url');
    this.#open.set(token, { token, user, expiresAt: clock.now() + lifetime * 1000, workspace: 'production' });
    return json({ access_token: token, token_type: 'Bearer', expires_in: lifetime, refresh_token: null });
  }

  /** The session of a request; 401 where there is none. */
  of({ headers }: EmulatorRequest): Session {
    const { clock, switches } = this.#parts;
    const flags = switches.authorizationAnyCase ? 'i' : '';
    const [, token = ''] =
      new RegExp(`^(?:token|Bearer) (\\S+)$`, flags).exec(headers.authorization ?? '') ?? [];
    const session = this.#open.get(token);
    if (!session || session.expiresAt <= clock.now() || session.user.disabled)
      throw new ApiFailure(401, 'Requires authentication.');
    return session;
  }

  logout(session: Session): Answer {
    this.#open.delete(session.token);
    return nothing();
  }

  /** Ends every session, as a restart of the instance does. */
  expireAll(): void {
    this.#open.clear();
  }
}
