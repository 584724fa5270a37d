// From a request to a handler: version gate, session, scopes, site, and refusals as Tableau words them.
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { Call, Handler, Result } from './call.ts';
import { ApiFailure, notFound, refusal } from './errors.ts';
import { atLeast, type World } from './model.ts';
import { readBody } from './read-body.ts';
import type { Session, Sessions } from './sessions.ts';
import { sitePath } from './sign-in.ts';
import { answer } from './write-body.ts';

export interface Route {
  /** `METHOD /path`, below /api/{version}; `*` takes one segment. A first `/sites/*` is the caller's site. */
  readonly on: string;
  readonly does: Handler;
  /** Without a session. */
  readonly open?: true;
  /** The path's version must be at least this. */
  readonly since?: string;
  /** What a Connected App token must allow. */
  readonly scope?: string;
  /** The scope is known to servers from this version on. */
  readonly scopeSince?: string;
  /** Only one kind of server has it. */
  readonly only?: 'cloud' | 'server';
}

interface Compiled extends Route {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Serves `/api/{version}/...`; anything else is nobody's. */
export function dispatcher(
  routes: readonly Route[],
  { world, sessions }: { world: World; sessions: Sessions },
) {
  const compiled = routes.map(compile);
  return async (request: EmulatorRequest): Promise<Answer> => {
    const options = { request, version: world.version, switches: world.switches };
    try {
      const { status, tree, raw, headers = {} } = await serve(request, compiled, { world, sessions });
      if (raw) return { status, headers, body: raw };
      return tree ? answer(status, tree, { ...options, headers }) : { status, headers };
    } catch (error) {
      if (error instanceof ApiFailure) return refusal(error, options);
      throw error;
    }
  };
}

interface Server {
  readonly world: World;
  readonly sessions: Sessions;
}

async function serve(
  request: EmulatorRequest,
  routes: readonly Compiled[],
  { world, sessions }: Server,
): Promise<Result> {
  const [, version = '', path = ''] = /^\/api\/(\d+\.\d+)(\/.*)$/.exec(request.url.pathname) ?? [];
  if (version === '' || !atLeast(world.version, version))
    throw notFound(404003, `The API endpoint ${request.url.pathname} could not be found.`);
  const { route, segments } = find(routes, { request, path, version, world });
  const session = route.open ? nobody(world) : sessions.of(request);
  const ofSite = /^\/sites\//i.test(path);
  const site = ofSite ? sitePath(world, session, segments[0] ?? '') : session.site;
  if (!route.open) checkScope(route, session, world);
  const contentType = request.headers['content-type'];
  const structured = !/^multipart\//i.test(contentType ?? '');
  const call: Call = {
    request,
    version,
    session,
    site,
    parts: ofSite ? segments.slice(1) : segments,
    query: request.url.searchParams,
    // The body of a Hyper update is read by its handler: duplicates are answered unread.
    input: structured && request.method !== 'PATCH' ? readBody(request.body, contentType) : {},
  };
  return route.does(call);
}

function find(
  routes: readonly Compiled[],
  {
    request,
    path,
    version,
    world,
  }: { request: EmulatorRequest; path: string; version: string; world: World },
): { route: Compiled; segments: string[] } {
  const matches = routes.filter(
    ({ pattern, since }) => pattern.test(path) && (!since || atLeast(version, since)),
  );
  if (matches.length === 0) throw notFound(404003, `The API endpoint ${path} could not be found.`);
  const route = matches.find(({ method }) => method === request.method);
  if (!route) throw new ApiFailure(405000, `The method ${request.method} is not allowed for ${path}`);
  if (route.only && route.only !== world.kind) {
    const code = world.switches.wrongKindStatus === 404 ? 404003 : 405000;
    throw new ApiFailure(code, `The endpoint ${path} is not available on Tableau ${world.kind}`);
  }
  const segments = (route.pattern.exec(path) ?? []).slice(1).map(decodeURIComponent);
  return { route, segments };
}

/** Open routes look at no session; this one belongs to nobody. */
function nobody({ users: [user], sites }: World): Session {
  const [site] = sites.values();
  if (!user || !site) throw new Error('The emulator needs a user and a site');
  return { token: '', user, site, method: 'password', pat: undefined, scopes: [], expiresAt: 0 };
}

function checkScope({ scope, scopeSince, on }: Compiled, { scopes }: Session, world: World): void {
  if (scopes === undefined || scope === undefined) return;
  const known = scopeSince === undefined || atLeast(world.version, scopeSince);
  const covers = (granted: string): boolean =>
    granted === scope ||
    (world.switches.scopeWildcards && granted.endsWith('*') && scope.startsWith(granted.slice(0, -1)));
  if (known && scopes.some(covers)) return;
  const code = world.switches.missingScopeStatus === 401 ? 401002 : 403004;
  throw new ApiFailure(code, `The token's scopes do not cover ${on.split(' ')[0]} (${scope})`);
}

function compile(route: Route): Compiled {
  const [method = '', path = ''] = route.on.split(' ');
  const source = path.replaceAll('*', '([^/]+)');
  // The Python client asks for /serverInfo.
  return { ...route, method, pattern: new RegExp(`^${source}/?$`, 'i') };
}
