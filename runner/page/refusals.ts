// What is refused: a status and a line for a person, thrown where it is found and answered in one place.
import { ConnectorError } from '@airbyte/cdk-typescript-shim';

export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly message: string;
}

/** To be thrown by routes: its message is for the person. */
export const refused = (status: number, title: string, message: string): Error & { refusal: Refusal } =>
  Object.assign(new Error(message), { refusal: { status, title, message } });

export const notFound = (message: string): Error => refused(404, 'Not found', message);

const byKind = {
  config: { status: 400, title: 'That cannot be done' },
  transient: { status: 503, title: 'Not at the moment' },
} as const;

/** What a person is told of any error: the text of those that were written for people, and no other. */
export function refusalOf(error: unknown): Refusal {
  if (isRefused(error)) return error.refusal;
  if (error instanceof ConnectorError && error.kind !== 'system')
    return { ...byKind[error.kind], message: error.message };
  const status = statusOf(error);
  if (status !== undefined && status < 500)
    return {
      status,
      title: 'That cannot be read',
      message: 'The request cannot be read: load the page again',
    };
  return {
    status: 500,
    title: 'Something went wrong',
    message: 'The page cannot be shown: the log of the runner says why, try again',
  };
}

const isRefused = (error: unknown): error is ReturnType<typeof refused> =>
  error instanceof Error && 'refusal' in error;

function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : undefined;
}
