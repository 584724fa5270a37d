// Login by the token, and its end.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { field } from './fields.ts';
import { type Guard, tooOften } from './guard.ts';
import { documentOf } from './layout.ts';
import { type LoginForm, loginPage } from './login-page.ts';
import { isOwnForm, isSecure } from './origin.ts';
import { refused } from './refusals.ts';
import type { PageOptions } from './visit.ts';

export function serveLogin(app: FastifyInstance, guard: Guard, options: PageOptions): void {
  const { clock, version, settings } = options;
  const show = (reply: FastifyReply, status: number, form: LoginForm): FastifyReply =>
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(documentOf(loginPage(form), { now: clock.now(), version, csrf: '', signedIn: false }));

  app.get('/login', (request, reply) => {
    if (!guard.door || guard.sessionOf(request)) return reply.redirect('/', 303);
    return show(reply, 200, { to: '/' });
  });

  app.post('/login', (request, reply) => {
    if (!guard.door) return reply.redirect('/', 303);
    if (!isOwnForm(request.headers, settings.http.public_url))
      throw refused(
        403,
        'Not from here',
        'The login was sent by another site: open this page and log in there',
      );
    const to = ownPath(field(request.body, 'to'));
    const answer = guard.door(tokenIn(request), request.ip);
    if (answer.outcome === 'wait') throw tooOften(answer.seconds, reply);
    if (answer.outcome === 'wrong')
      return show(reply, 401, { to, problem: 'That is not the token: try again' });
    const now = clock.now();
    const cookie = guard.sessions.cookie(guard.sessions.begin(now), {
      now,
      secure: isSecure(request.headers),
    });
    return reply.header('set-cookie', cookie).redirect(to, 303);
  });

  app.post('/logout', (request, reply) => {
    guard.refuseForeign(request);
    const session = guard.sessionOf(request);
    if (session) guard.sessions.end(session, clock.now());
    return reply.header('set-cookie', guard.sessions.forget).redirect('/', 303);
  });
}

/** As it was typed: a token may be longer than other fields. */
function tokenIn({ body }: FastifyRequest): string {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  return typeof token === 'string' ? token : '';
}

/** A login leads to pages of this runner alone: `//elsewhere` and `/\elsewhere` are other hosts. */
const ownPath = (to = '/'): string => (/^\/(?![/\\])[!-~]*$/.test(to) && to !== '/login' ? to : '/');
