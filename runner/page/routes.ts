// The page as a plugin of the server: what is served where, who is let in, and how errors are told.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { serveAssets } from './assets.ts';
import { serveAudit } from './audit-routes.ts';
import { readForms } from './fields.ts';
import { asksForPage, createGuard, type Guard } from './guard.ts';
import { serveJobs } from './job-routes.ts';
import { documentOf } from './layout.ts';
import { serveLogin } from './login.ts';
import { serveOverview } from './overview-routes.ts';
import { problemPage } from './problem-page.ts';
import { notFound, refusalOf } from './refusals.ts';
import { serveReplay } from './replay-route.ts';
import { type PageOptions, showWith } from './visit.ts';

/**
 * Everything below `/` but what others have registered. Hooks, forms and errors are its own and reach no other
 * plugin. Without a token in the settings only this machine gets an answer.
 */
export function pageRoutes(options: PageOptions): FastifyPluginAsync {
  const guard = createGuard(options);
  return async function page(app) {
    readForms(app);
    app.addHook('onRequest', guard.admit);
    app.setErrorHandler((error, request, reply) => told(error, { request, reply, guard }));
    const show = showWith(guard, documentOf);
    serveAssets(app);
    serveLogin(app, guard, options);
    serveOverview(app, show, options);
    serveJobs(app, show, options);
    serveAudit(app, show, options);
    serveReplay(app, guard, options);
    nothingElse(app);
  };
}

/** Not the server's own answer: that would come without the headers, and without a login. */
function nothingElse(app: FastifyInstance): void {
  app.get('/*', (request) => {
    throw notFound(`There is no page "${request.url}"`);
  });
}

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly guard: Guard;
}

function told(error: unknown, { request, reply, guard }: Asked): FastifyReply {
  const refusal = refusalOf(error);
  if (refusal.status >= 500) request.log.error(error);
  reply.code(refusal.status).header('cache-control', 'no-store');
  if (!asksForPage(request)) return reply.type('text/plain; charset=utf-8').send(`${refusal.message}\n`);
  return reply
    .type('text/html; charset=utf-8')
    .send(documentOf(problemPage(refusal), guard.plainVisit(request)));
}
