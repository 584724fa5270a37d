// Before every answer: the headers that keep a page to itself, and who may see it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isAsset } from './assets.ts';
import { createDoor, type Door } from './door.ts';
import { field } from './fields.ts';
import { documentOf } from './layout.ts';
import { loginPage } from './login-page.ts';
import { isFromElsewhere, isLocal, isOwnForm } from './origin.ts';
import { refused } from './refusals.ts';
import { createSessions, isSame, type Session, type Sessions } from './sessions.ts';
import type { PageOptions, Visit } from './visit.ts';

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: forms would then say that they come from the origin "null".
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export interface Guard {
  readonly sessions: Sessions;
  /** Absent: the page needs no login, and is for this machine alone. */
  readonly door: Door | undefined;
  /** For all requests: refuses those that may not go on, by an answer or by throwing. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>;
  /** The visit of an admitted request; begins a session where there is no login to do it. */
  visit(request: FastifyRequest, reply: FastifyReply): Visit;
  /** The visit of any request, admitted or not: for pages without forms. */
  plainVisit(request: FastifyRequest): Visit;
  /** Throws unless the form was sent by a page of this session, or by a program that knows the token. */
  refuseForeign(request: FastifyRequest): void;
  sessionOf(request: FastifyRequest): Session | undefined;
}

export function createGuard({ settings: { http }, clock, version }: PageOptions): Guard {
  const token = http.token === '' ? undefined : http.token;
  const sessions = createSessions({ token, port: http.port });
  const door = token === undefined ? undefined : createDoor(token, clock);
  const sessionOf = ({ headers: { cookie } }: FastifyRequest): Session | undefined =>
    sessions.of(cookie, clock.now());
  return {
    sessions,
    door,
    sessionOf,
    async admit(request, reply) {
      reply.headers(headers);
      if (!door) return refuseStrangers(request);
      const path = pathOf(request);
      if (path === '/login' || isAsset(path) || sessionOf(request)) return undefined;
      const given = bearerOf(request);
      if (given === undefined) return askForLogin(request, reply, { now: clock.now(), version });
      const answer = door(given, request.ip);
      if (answer.outcome === 'in') return undefined;
      if (answer.outcome === 'wait') throw tooOften(answer.seconds, reply);
      return reply.code(401).header('www-authenticate', challenge).send('The token is not the right one\n');
    },
    visit(request, reply) {
      const now = clock.now();
      const known = sessionOf(request);
      const again = !known && isFromElsewhere(request.headers);
      const program = door !== undefined && !known;
      const session = known ?? (program || again ? undefined : sessions.begin(now));
      if (session && !known) reply.header('set-cookie', sessions.cookie(session, { now, secure: false }));
      return { now, csrf: session?.csrf ?? '', signedIn: door !== undefined && !program, version, again };
    },
    plainVisit(request) {
      const known = sessionOf(request);
      return {
        now: clock.now(),
        csrf: known?.csrf ?? '',
        signedIn: door !== undefined && known !== undefined,
        version,
      };
    },
    refuseForeign(request) {
      // Admitted without a session, it carries the token: nothing that a browser adds by itself.
      const session = sessionOf(request);
      if (door && !session && bearerOf(request) !== undefined) return;
      const bound = isSame(field(request.body, 'csrf') ?? '', session?.csrf ?? 'none');
      if (!session || !bound || !isOwnForm(request.headers, http.public_url))
        throw refused(
          403,
          'That form is out of date',
          'The form was not sent by this page, or long ago: go back, load the page again and repeat it',
        );
    },
  };
}

const challenge = 'Bearer realm="ledgerpipe"';

const bearerOf = ({ headers: { authorization } }: FastifyRequest): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

export const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? url;

/** Too many wrong tokens: not looked at for a while. */
export function tooOften(seconds: number, reply: FastifyReply): Error {
  reply.header('retry-after', String(seconds));
  return refused(
    429,
    'Wait a little',
    `Too many wrong tokens have come from your address: try again in ${seconds} s`,
  );
}

function refuseStrangers({ headers: given }: FastifyRequest): undefined {
  if (isLocal(given)) return undefined;
  throw refused(
    403,
    'Only on this machine',
    'The page has no login, so that only this machine may see it: open it as 127.0.0.1, or set "token" in "http"',
  );
}

/** People get the form, with the status that tells programs; programs get the status alone. */
function askForLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  { now, version }: Pick<Visit, 'now' | 'version'>,
): FastifyReply {
  reply.code(401).header('www-authenticate', challenge);
  if (!asksForPage(request)) return reply.send('A login or the token is needed\n');
  const again = isFromElsewhere(request.headers);
  const page = loginPage({ to: request.method === 'GET' ? request.url : '/' });
  return reply
    .type('text/html; charset=utf-8')
    .send(documentOf(page, { now, version, csrf: '', signedIn: false, again }));
}

const forPrograms = new Set(['/live', '/audit.csv']);

export const asksForPage = (request: FastifyRequest): boolean =>
  (request.headers.accept ?? '').includes('text/html') && !forPrograms.has(pathOf(request));
