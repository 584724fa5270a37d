// Gateways that lose an answer: the work is done, but the caller is told otherwise (tableau.md 10.9).
import type { Answer, EmulatorRequest, Handle } from '../emulator.ts';

/** One answer to be replaced after the work was done. */
export interface Lost {
  readonly method?: string;
  /** Matched against the path with its query. */
  readonly path?: RegExp;
  readonly times?: number;
  readonly answer: Answer;
}

/** What a proxy in front of the server says when it has waited long enough. */
export const gatewayTimeout: Answer = {
  status: 504,
  headers: { 'content-type': 'text/html' },
  body: '<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n',
};

/** The handler, and a way to lose its answers. */
export function losing(handle: Handle): { handle: Handle; lose(...lost: readonly Lost[]): void } {
  let pending: (Lost & { left: number })[] = [];
  const take = ({ method, url }: EmulatorRequest): Answer | undefined => {
    const found = pending.find(
      (lost) =>
        (lost.method === undefined || lost.method === method) &&
        (lost.path === undefined || lost.path.test(url.pathname + url.search)),
    );
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) pending = pending.filter((other) => other !== found);
    return found.answer;
  };
  return {
    lose: (...lost) => {
      for (const one of lost) pending.push({ ...one, left: one.times ?? 1 });
    },
    handle: async (request) => {
      const instead = take(request);
      const answer = await handle(request);
      return instead ?? answer;
    },
  };
}
