// The gateway: credentials, the headers of every answer, and ENDPOINT_NOT_FOUND for what no route takes.
import { randomUUID } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { dispatcher, type Routes } from '../routes.ts';
import { ApiFailure, notFound, refusal } from './answers.ts';
import type { Auth } from './auth.ts';

/** A handler that checks the credential of every route but the `open` ones. */
export function router(auth: Auth, { open, closed }: { open: Routes; closed: Routes }) {
  const answerOpen = dispatcher(open);
  const answerClosed = dispatcher(closed);
  const guarded = async (request: EmulatorRequest): Promise<Answer> => {
    auth.check(request);
    const answer = await answerClosed(request);
    if (!answer)
      throw notFound('ENDPOINT_NOT_FOUND', `No API found for '${request.method} ${request.url.pathname}'`);
    return answer;
  };
  return async (request: EmulatorRequest): Promise<Answer> => {
    try {
      const answer = (await answerOpen(request)) ?? (await guarded(request));
      return {
        ...answer,
        headers: {
          'x-request-id': randomUUID(),
          'x-databricks-org-id': '7474644166372817',
          ...answer.headers,
        },
      };
    } catch (error) {
      if (error instanceof ApiFailure) return refusal(error);
      throw error;
    }
  };
}
