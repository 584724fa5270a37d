// The gateway: the headers that support asks for on every answer, and its 404 for what no route takes.
import { randomUUID } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { dispatcher, type Routes } from '../routes.ts';
import { Refusal } from './answers.ts';

/** A handler of all routes, tried in order. */
export function router(routes: Routes): (request: EmulatorRequest) => Promise<Answer> {
  const dispatch = dispatcher(routes);
  return async (request) => {
    const answer = await answered(request, dispatch);
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

async function answered(request: EmulatorRequest, dispatch: ReturnType<typeof dispatcher>): Promise<Answer> {
  try {
    return (await dispatch(request)) ?? nowhere(request);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function nowhere({ url }: EmulatorRequest): Answer {
  const message = `No HTTP resource was found that matches the request URI '${url.pathname}'.`;
  return { status: 404, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}
