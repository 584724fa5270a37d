// All calls below /v1.0/myorg (and /beta/myorg), behind the token and the redirect to the home cluster.
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { FaultScript } from '../faults.ts';
import type { RouteHandler, Routes } from '../routes.ts';
import { datasetCalls } from './dataset-calls.ts';
import { groupCalls } from './group-calls.ts';
import type { Parts } from './parts.ts';
import { queryCalls } from './query-calls.ts';
import { rowCalls } from './row-calls.ts';
import { tableCalls } from './table-calls.ts';

/** Sequence numbers were first read under /beta; clients use both. */
const roots = ['/v1.0/myorg', '/beta/myorg'];

export function powerBiRoutes(parts: Parts): Routes {
  const calls = {
    ...rowCalls(parts),
    ...tableCalls(parts),
    ...queryCalls(parts),
    ...datasetCalls(parts),
    ...groupCalls(parts),
  };
  return Object.fromEntries(
    Object.entries(calls).flatMap(([key, handle]) => {
      const [method, path] = key.split(' ');
      return roots.map((root) => [`${method} ${root}${path}`, guarded(parts, handle)]);
    }),
  );
}

function guarded({ access, switches }: Parts, handle: RouteHandler): RouteHandler {
  return (request, taken, rest) => {
    const { url } = request;
    if (switches.homeCluster === 'redirect' && url.searchParams.get('preferClientRouting') === 'true') {
      const home = new URL(url);
      home.searchParams.delete('preferClientRouting');
      return { status: 307, headers: { location: home.href } };
    }
    access.enter(request);
    return handle(request, taken, rest);
  };
}

/** Counts the emulator's own 429s, and lets a scripted answer take the place of the true one after the work. */
export function afterwards(
  handle: (request: EmulatorRequest) => Promise<Answer>,
  { faultsAfter, counted }: { faultsAfter: FaultScript; counted: { throttled: number } },
): (request: EmulatorRequest) => Promise<Answer> {
  return async (request) => {
    const answer = await handle(request);
    if (answer.status === 429) counted.throttled += 1;
    const fault = faultsAfter.take(request.method, request.url.pathname + request.url.search);
    return fault?.kind === 'answer' ? fault : answer;
  };
}
