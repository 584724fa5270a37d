// The runner's HTTP server: health, metrics, and the routes of webhooks and page, with the same rules for all.
import { configError } from '@airbyte/cdk-typescript-shim';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  fastify,
  LogController,
} from 'fastify';
import type { HttpSettings } from '../settings/index.ts';
import { refusalOf } from './access.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface HttpPorts {
  readonly http: HttpSettings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly notReady: () => Promise<readonly string[]>;
  /** Registered as they are: routes of webhooks and page. */
  readonly routes: readonly FastifyPluginAsync[];
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Headers and body of a request have to be there by then; slower ones are cut off. */
const requestMilliseconds = 15_000;
const keepAliveMilliseconds = 10_000;
/** No form of the page is larger; webhooks have a limit of their own. */
const bodyBytes = 256 * 1024;

/** Answers when it resolves. Throws a config error when the address cannot be had. */
export async function openHttp(ports: HttpPorts): Promise<HttpServer> {
  const app: FastifyInstance = fastify({
    // For what the page reports of itself; requests are told of below, without their addresses.
    loggerInstance: ports.log.child({}, { level: 'warn' }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytes,
    requestTimeout: requestMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
    forceCloseConnections: true,
  });
  observe(app, ports);
  addOperations(app, ports);
  for (const plugin of ports.routes) await app.register(plugin);
  return { url: await listen(app, ports.http), close: () => app.close() };
}

function observe(app: FastifyInstance, { log, metrics }: HttpPorts): void {
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the address: that may hold what is nobody's business.
    const route = request.routeOptions.url ?? '(none)';
    const { method } = request;
    const status = reply.statusCode;
    const seconds = reply.elapsedTime / 1000;
    metrics.answered({ method, route, status, seconds });
    log.debug({ method, route, status, seconds }, 'request');
  });
  app.addHook('onSend', async (_, reply) => {
    for (const [name, value] of Object.entries(headers))
      if (!reply.hasHeader(name)) reply.header(name, value);
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode < 500) return reply.code(statusCode).send({ error: error.message });
    log.error({ route: request.routeOptions.url, reason: error.message }, 'request failed');
    return reply.code(statusCode).send({ error: 'The runner failed: see its log' });
  });
}

/** Where a route says nothing else. */
const headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const;

function addOperations(app: FastifyInstance, { http, metrics, notReady }: HttpPorts): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async ({ headers: asked }, reply) => {
    const problems = await notReady();
    if (problems.length === 0) return { status: 'ready' };
    // A probe needs the status alone, and strangers need not know where the store is.
    const told = refusalOf(asked, http.token) ? {} : { problems };
    return reply.code(503).send({ status: 'not ready', ...told });
  });
  app.get('/metrics', async (request, reply): Promise<FastifyReply> => {
    const refusal = refusalOf(request.headers, http.token);
    if (refusal) return reply.code(refusal.status).headers(refusal.headers).send({ error: refusal.error });
    const { type, body } = await metrics.text();
    return reply.type(type).send(body);
  });
}

async function listen(app: FastifyInstance, { listen: address, port }: HttpSettings): Promise<string> {
  try {
    const host = address.replace(/^\[|\]$/g, '');
    return await app.listen({ host, port, listenTextResolver: () => '' });
  } catch (cause) {
    await app.close();
    throw configError(`Cannot listen on ${address}:${port}: ${whyNot(cause)}`, { cause });
  }
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'EADDRINUSE') return 'another program uses the port, end it or change "port" below "http"';
  if (code === 'EACCES') return 'the system does not allow it, take a port above 1023';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return 'this machine has no such address, change "listen" below "http"';
  return cause instanceof Error ? cause.message : String(cause);
}
