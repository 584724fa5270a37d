// Answers in the shape of the REST API: JSON bodies, error bodies with details, the headers every answer carries.
import { randomUUID } from 'node:crypto';
import type { Answer } from '../emulator.ts';

/** An API call that is refused; becomes the generic error body (databricks.md 1). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string | number;
  readonly reason: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string | number,
    {
      message,
      reason,
      headers = {},
    }: { message: string; reason?: string; headers?: Readonly<Record<string, string>> },
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.headers = headers;
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

export const badRequest = (message: string): ApiFailure =>
  new ApiFailure(400, 'INVALID_PARAMETER_VALUE', { message });

export const notFound = (code: string, message: string): ApiFailure => new ApiFailure(404, code, { message });

/** The answer to a refused call: `error_code`, `message`, and `details` with a reason where the API gives one. */
export function refusal(failure: ApiFailure): Answer {
  const requestId = randomUUID();
  const info = failure.reason
    ? [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: failure.reason,
          domain: 'filesystem.databricks.com',
          metadata: {},
        },
      ]
    : [];
  const request = { '@type': 'type.googleapis.com/google.rpc.RequestInfo', request_id: requestId };
  // Refused credentials come from the gateway, without details.
  const details = typeof failure.code === 'number' ? {} : { details: [...info, request] };
  return json(
    failure.status,
    { error_code: failure.code, message: failure.message, ...details },
    { 'x-request-id': requestId, ...failure.headers },
  );
}

/** One page of a list, by an opaque token that holds the offset. */
export function page<T>(
  items: readonly T[],
  { size, token }: { size: number; token: string | null },
): { items: readonly T[]; next_page_token?: string } {
  const start = token ? Number(Buffer.from(token, 'base64url').toString()) : 0;
  if (!Number.isInteger(start) || start < 0) throw badRequest('page_token is invalid.');
  const end = start + size;
  const next = end < items.length ? { next_page_token: Buffer.from(String(end)).toString('base64url') } : {};
  return { items: items.slice(start, end), ...next };
}
