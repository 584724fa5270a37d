// Style and script, served as files under a name that changes with them, so that browsers keep them.
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { script } from './script.ts';
import { style } from './style.ts';

const digest = createHash('sha256').update(style).update(script).digest('hex').slice(0, 12);

export const styleLink = `/page-${digest}.css`;
export const scriptLink = `/page-${digest}.js`;

/** Readable before a login: they say nothing. */
export const isAsset = (path: string): boolean => path === styleLink || path === scriptLink;

export function serveAssets(app: FastifyInstance): void {
  const file = (type: string, text: string) => (_: FastifyRequest, reply: FastifyReply) =>
    reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(text);
  app.get(styleLink, file('text/css; charset=utf-8', style));
  app.get(scriptLink, file('text/javascript; charset=utf-8', script));
}
