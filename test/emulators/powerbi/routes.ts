// Which path and method leads where; what no route takes is a 404 of the gateway.
import { randomUUID } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { Refusal } from './answers.ts';

/** `parts` are the decoded segments that `*` took; `rest` is what `**` took, still encoded. */
export type RouteHandler = (
  request: EmulatorRequest,
  parts: readonly string[],
  rest: string,
) => Answer | Promise<Answer>;

/** Routes by `METHOD /path/*`; a method of `*` takes any. */
export type Routes = Readonly<Record<string, RouteHandler>>;

interface Compiled {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: RouteHandler;
}

/** A handler of all routes, tried in order; every answer gets the RequestId that support asks for. */
export function router(routes: Routes): (request: EmulatorRequest) => Promise<Answer> {
  const compiled = compile(routes);
  return async (request) => {
    const answer = await dispatch(compiled, request).catch((error: unknown) => {
      if (error instanceof Refusal) return error.answer;
      throw error;
    });
    const id = randomUUID();
    return {
      ...answer,
      headers: {
        requestid: id,
        'x-ms-request-id': id,
        'home-cluster-uri': 'https://wabi-north-europe-redirect.analysis.windows.net/',
        ...answer.headers,
      },
    };
  };
}

async function dispatch(routes: readonly Compiled[], request: EmulatorRequest): Promise<Answer> {
  for (const { method, pattern, handle } of routes) {
    if (method !== '*' && method !== request.method) continue;
    const found = pattern.exec(request.url.pathname);
    if (!found) continue;
    const { rest = '', ...named } = found.groups ?? {};
    return handle(request, Object.values(named).map(decodeURIComponent), rest);
  }
  const message = `No HTTP resource was found that matches the request URI '${request.url.pathname}'.`;
  return { status: 404, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

function compile(routes: Routes): Compiled[] {
  return Object.entries(routes).map(([key, handle]) => {
    const [method = '', path = ''] = key.split(' ');
    let count = 0;
    const source = path
      .replace(/[.]/g, '\\.')
      .replaceAll('**', '\u0000')
      .replaceAll('*', () => `(?<part${count++}>[^/]+)`)
      .replaceAll('\u0000', '(?<rest>.*)');
    return { method, pattern: new RegExp(`^${source}/?$`), handle };
  });
}
