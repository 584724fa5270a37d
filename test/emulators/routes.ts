// Which path and method leads to which handler, for every emulator that names its routes in a table.
import type { Answer, EmulatorRequest } from './emulator.ts';

/** `parts` are the decoded segments that `*` took; `rest` is what `**` took, still encoded. */
export type RouteHandler = (
  request: EmulatorRequest,
  parts: readonly string[],
  rest: string,
) => Answer | Promise<Answer>;

/** Routes by `METHOD /path/*`; a method of `*` takes any. Paths may end in one slash. */
export type Routes = Readonly<Record<string, RouteHandler>>;

/** Finds the first route that takes a request and asks its handler; undefined when none does. */
export function dispatcher(
  routes: Routes,
): (request: EmulatorRequest) => Answer | Promise<Answer> | undefined {
  const compiled = Object.entries(routes).map(compile);
  return (request) => {
    for (const { method, pattern, handle } of compiled) {
      if (method !== '*' && method !== request.method) continue;
      const found = pattern.exec(request.url.pathname);
      if (!found) continue;
      const { rest = '', ...named } = found.groups ?? {};
      return handle(request, Object.values(named).map(decodeURIComponent), rest);
    }
    return undefined;
  };
}

function compile([key, handle]: readonly [string, RouteHandler]) {
  const [method = '', path = ''] = key.split(' ');
  let count = 0;
  const source = path
    .replace(/[.]/g, '\\.')
    .replaceAll('**', '\u0000')
    .replaceAll('*', () => `(?<part${count++}>[^/]+)`)
    .replaceAll('\u0000', '(?<rest>.*)');
  return { method, pattern: new RegExp(`^${source}/?$`), handle };
}
