// What a page is told of the request that it answers, and how its answer is sent.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LiveRun } from '../serve/live.ts';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { Store } from '../store/index.ts';

export interface PageOptions {
  readonly settings: Pick<Settings, 'http' | 'pipelines' | 'retry'>;
  readonly store: Store;
  readonly clock: Clock;
  /** What this runner is at work on. */
  readonly progress: () => readonly LiveRun[];
  readonly version: string;
}

export interface Visit {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What every form has to send back; empty for a program that sends the token itself. */
  readonly csrf: string;
  /** By a login, so that there is one to end. */
  readonly signedIn: boolean;
  readonly version: string;
  /**
   * A link of another site led here, so that the browser kept the session's cookie back (`SameSite=Strict`): it will
   * send it when the page itself asks to be loaded once more.
   */
  readonly again?: boolean;
}

/** Names come from addresses and forms, where "constructor" is one too. */
export const pipelineNamed = (
  { pipelines }: Pick<Settings, 'pipelines'>,
  name: string,
): PipelineSettings | undefined => (Object.hasOwn(pipelines, name) ? pipelines[name] : undefined);

/** Answers a request with the page that `make` gives for its visit. */
export type Show<Page> = (
  request: FastifyRequest,
  reply: FastifyReply,
  make: (visit: Visit) => Page | Promise<Page>,
) => Promise<FastifyReply>;

export const showWith =
  <Page>(
    guard: { visit(request: FastifyRequest, reply: FastifyReply): Visit },
    documentOf: (page: Page, visit: Visit) => string,
  ): Show<Page> =>
  async (request, reply, make) => {
    const visit = guard.visit(request, reply);
    return reply.type('text/html; charset=utf-8').send(documentOf(await make(visit), visit));
  };
