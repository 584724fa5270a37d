// The sessions of a run: one sign-in per site, kept until the end, whatever a personal access token does to them.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Clock, TokenSource } from '@airbyte/cdk-typescript-shim/kit';
import type { Authorized, Server } from '../api.ts';
import type { Credentials } from '../spec.ts';
import { codeOf } from './errors.ts';
import { type Session, signIn, signOut, switchSite } from './sign-in.ts';

/** A site that somebody is signed in to. */
export interface Site extends Authorized {
  /** Content URL; empty for the default site. */
  readonly name: string;
  readonly id: string;
  readonly userId: string;
  readonly version: string;
  /** https://HOST/api/VERSION/sites/LUID */
  readonly url: string;
}

export interface SessionsOptions {
  readonly server: Server;
  readonly clock: Clock;
}

/** Whose session it is; sessions of one personal access token end each other, on whatever site ("Personal Access Tokens"). */
interface Account {
  readonly credentials: Credentials;
  readonly seats: Map<string, Promise<Seat>>;
  /** Work under way with it: for a token, that of one site at a time. */
  turn: Promise<unknown>;
  /** Where the account's latest session is: for a token, its only living one. */
  active?: Seat;
}

interface Seat {
  readonly site: Site;
  session: Session;
  /** When the session began. */
  since: number;
  stolen: number;
}

/** A token refused sooner than this after its sign-in was not idle: someone else signed in. Sessions live 120 minutes. */
const shortest = 10 * 60_000;

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #accounts = new Map<string, Account>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Does `work` on a site, signed in. Sites that share a personal access token have their turns one after another. */
  async on<T>(
    where: { readonly site: string; readonly credentials: Credentials },
    work: (site: Site) => Promise<T>,
  ): Promise<T> {
    const account = this.#account(where.credentials);
    if (where.credentials.auth_type !== 'pat')
      return await work((await this.#seat(where.site, account)).site);
    const turn = account.turn.then(async () => {
      const seat = await this.#seat(where.site, account);
      if (account.active && account.active !== seat) await this.#moveTo(seat, account);
      account.active = seat;
      return await work(seat.site);
    });
    account.turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Signs out everywhere. A session that cannot be ended ends by itself. */
  async close(): Promise<void> {
    for (const { credentials, active, seats } of this.#accounts.values()) {
      const opened = await Promise.allSettled(seats.values());
      const alive = opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const own = credentials.auth_type === 'pat' ? alive.filter((seat) => seat === active) : alive;
      await Promise.allSettled(own.map(({ session }) => signOut(this.#options.server, session)));
    }
    this.#accounts.clear();
  }

  #account(credentials: Credentials): Account {
    const key = JSON.stringify(credentials);
    const account = this.#accounts.get(key) ?? { credentials, seats: new Map(), turn: Promise.resolve() };
    this.#accounts.set(key, account);
    return account;
  }

  #seat(site: string, account: Account): Promise<Seat> {
    const known = account.seats.get(site);
    if (known) return known;
    const opened = this.#open(site, account);
    account.seats.set(site, opened);
    opened.catch(() => account.seats.delete(site));
    return opened;
  }

  async #open(name: string, account: Account): Promise<Seat> {
    const { server, clock } = this.#options;
    const { credentials } = account;
    const session = await signIn({ server, site: name, credentials, clock });
    let seat: Seat | undefined;
    const tokens: TokenSource = {
      token: async () => seat?.session.token ?? session.token,
      renew: async (rejected) => {
        if (!seat) return session.token;
        if (seat.session.token === rejected) await this.#renew(seat, credentials);
        return seat.session.token;
      },
    };
    const site: Site = {
      name,
      id: session.siteId,
      userId: session.userId,
      version: server.version,
      url: `${server.url}/api/${server.version}/sites/${session.siteId}`,
      ...server.authorized(singleFlight(tokens)),
    };
    seat = { site, session, since: clock.now(), stolen: 0 };
    account.active = seat;
    return seat;
  }

  /** The token was refused: expired, or ended by a sign-in elsewhere. The latter is borne once. */
  async #renew(seat: Seat, credentials: Credentials): Promise<void> {
    const { server, clock } = this.#options;
    if (clock.now() - seat.since < shortest) seat.stolen += 1;
    if (seat.stolen > 1)
      throw configError(
        `Cannot use site "${seat.site.name}": Tableau ended the session twice (401002), another program signs in with the same ${credentials.auth_type === 'pat' ? `token "${credentials.token_name}"` : 'credentials'}, make a token for this connector alone`,
      );
    seat.session = await signIn({ server, site: seat.site.name, credentials, clock });
    seat.since = clock.now();
  }

  /** Back to a site whose session another site of the same token has ended: by switching, without a new sign-in. */
  async #moveTo(seat: Seat, account: Account): Promise<void> {
    const { server, clock } = this.#options;
    const { active, credentials } = account;
    if (!active) return;
    try {
      seat.session = await switchSite(server, active.session, seat.site.name);
    } catch (error) {
      // Tokens bound to one site cannot switch; what exactly Tableau answers then is not documented.
      if (codeOf(error) === '') throw error;
      seat.session = await signIn({ server, site: seat.site.name, credentials, clock });
    }
    seat.since = clock.now();
  }
}

/** Requests that are refused at the same moment share one renewal. */
function singleFlight(tokens: TokenSource): TokenSource {
  let renewing: Promise<string> | undefined;
  return {
    token: tokens.token,
    renew: (rejected) => {
      renewing ??= tokens.renew(rejected).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
  };
}
