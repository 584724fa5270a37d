// The endpoints that the vendors post events to, as a plugin of the runner's server.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Settings } from '../settings/contract.ts';
import type { Store } from '../store/contract.ts';
import { type Log, type ReceivePorts, receive, senders } from './receive.ts';
import { routingOf } from './routing.ts';
import { sparing } from './sparing.ts';

export interface WebhookOptions {
  /** Secrets in the clear; the endpoint of a vendor without one is not there. */
  readonly keys: Settings['webhooks'];
  readonly store: Pick<Store, 'events'>;
  readonly clock: Clock;
  readonly pipelines: Settings['pipelines'];
  readonly log: Log;
}

/** POST /webhooks/xero and /webhooks/quickbooks. Every answer has an empty body and no cookies. */
export function webhookRoutes({ keys, store, clock, pipelines, log }: WebhookOptions): FastifyPluginAsync {
  const common = { store, clock, log, routing: routingOf(pipelines), sparing: sparing(clock) };
  return async (server) => {
    // Bodies are read here as they come: the signature is over their bytes, whatever their type is said to be.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request, _body, done) => done(null));
    server.setErrorHandler((error, _request, reply) => {
      const status = statusOf(error);
      if (status >= 500) log.error({ err: error }, 'A webhook failed');
      return reply.code(status).send();
    });
    if (keys.xero) add(server, 'xero', { ...common, key: keys.xero.key });
    if (keys.quickbooks) add(server, 'quickbooks', { ...common, key: keys.quickbooks.verifier_token });
  };
}

function add(server: FastifyInstance, source: 'xero' | 'quickbooks', ports: ReceivePorts): void {
  server.post(`/webhooks/${source}`, async (request, reply) => {
    const status = await receive(request.raw, senders[source], ports);
    // The rest of a body that was refused is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close');
    return reply.code(status).send();
  });
}

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
