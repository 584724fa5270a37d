// Signing in, three ways; out; over to another site; and asking who one is (tableau.md 1.3).
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Call, Result } from './call.ts';
import type { AppTokens } from './connected-app.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { atLeast, type PersonalToken, type Site, siteOf, type World } from './model.ts';
import type { Session, Sessions } from './sessions.ts';
import { childOf, type Input, textOf } from './tree.ts';

const day = 86_400_000;

/** Personal access tokens die unused after 15 days, and a year after they were made. */
const patUnusedDays = 15;
const patDays = 365;

const refused = (): ApiFailure => new ApiFailure(401001, 'Error signing in to Tableau');

/** The handlers of `/auth` and `/sessions`. */
export function signInHandlers(world: World, parts: { sessions: Sessions; appTokens: AppTokens }) {
  const { sessions } = parts;
  return {
    signIn: async ({ input, version }: Call): Promise<Result> => {
      const credentials = childOf(input, 'credentials');
      if (!credentials) throw badRequest(400003, 'The request has no credentials');
      const who = await identify(world, credentials, { version, appTokens: parts.appTokens });
      const site = siteOf(world, textOf(childOf(credentials, 'site'), 'contentUrl') ?? '');
      if (!site || (world.kind === 'cloud' && site.contentUrl === '') || !who.user.roles.has(site.id))
        throw refused();
      return signedIn(sessions, sessions.open(who.user, site, who));
    },
    signOut: ({ session }: Call): Result => {
      sessions.end(session);
      return { status: 204 };
    },
    switchSite: ({ session, input }: Call): Result => {
      const contentUrl = textOf(childOf(input, 'site'), 'contentUrl') ?? '';
      const site = siteOf(world, contentUrl);
      if (!site || !session.user.roles.has(site.id)) throw refused();
      if (site === session.site) throw new ApiFailure(403070, 'The user is already signed in to that site');
      if (session.pat && !world.switches.patSwitchesSite)
        throw new ApiFailure(403004, 'A personal access token cannot switch to another site');
      sessions.end(session);
      const { method, pat, scopes } = session;
      return signedIn(sessions, sessions.open(session.user, site, { method, pat, scopes }));
    },
    current: ({ session: { site, user } }: Call): Result => ({
      status: 200,
      tree: {
        session: {
          site: { id: site.id, name: site.name, contentUrl: site.contentUrl },
          user: { id: user.id, name: user.name, siteRole: user.roles.get(site.id) },
        },
      },
    }),
  };
}

function signedIn(sessions: Sessions, session: Session): Result {
  const { token, site, user } = session;
  const credentials = {
    token,
    estimatedTimeToExpiration: sessions.remaining(session),
    site: { id: site.id, contentUrl: site.contentUrl },
    user: { id: user.id },
  };
  return { status: 200, tree: { credentials } };
}

type Who = Pick<Session, 'user' | 'method' | 'pat' | 'scopes'>;

async function identify(
  world: World,
  credentials: Input,
  { version, appTokens }: { version: string; appTokens: AppTokens },
): Promise<Who> {
  const jwt = textOf(credentials, 'jwt');
  if (jwt !== undefined) {
    // Connected apps sign in to REST from 3.16 on.
    if (!atLeast(version, '3.16')) throw refused();
    const { user, scopes } = await appTokens.verify(jwt, world.users);
    return { user, method: 'jwt', pat: undefined, scopes };
  }
  const patName = textOf(credentials, 'personalAccessTokenName');
  if (patName !== undefined) {
    if (!atLeast(version, '3.6')) throw refused();
    const pat = findToken(world, patName, textOf(credentials, 'personalAccessTokenSecret') ?? '');
    return { user: pat.user, method: 'pat', pat, scopes: undefined };
  }
  const name = textOf(credentials, 'name');
  if (name === undefined) throw badRequest(400003, 'The credentials name neither a user nor a token');
  const user = world.users.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!user || !same(user.password, textOf(credentials, 'password') ?? '')) throw refused();
  return { user, method: 'password', pat: undefined, scopes: undefined };
}

function findToken({ tokens, clock }: World, name: string, secret: string): PersonalToken {
  const found = tokens.find((token) => token.name === name && same(token.secret, secret));
  const now = clock.now();
  if (!found || now - found.createdAt > patDays * day || now - found.usedAt > patUnusedDays * day)
    throw new ApiFailure(401001, 'The personal access token you provided is invalid.');
  return found;
}

function same(left: string, right: string): boolean {
  const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** The site a content path names: the caller's own, or a refusal (404000 when there is none). */
export function sitePath(world: World, session: Session, id: string): Site {
  const site = world.sites.get(id);
  if (!site) throw new ApiFailure(404000, `The site ID "${id}" could not be found.`);
  if (site === session.site) return site;
  const { otherSiteStatus } = world.switches;
  throw new ApiFailure(
    otherSiteStatus === 401 ? 401002 : 403004,
    'The credentials token belongs to another site',
  );
}
