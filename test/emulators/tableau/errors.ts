// Refusals with Tableau's six-digit codes, whose first three digits are the HTTP status (tableau.md 6).
import type { Answer } from '../emulator.ts';
import { words } from './tree.ts';
import { answer, type WriteOptions } from './write-body.ts';

const summaries: Readonly<Record<string, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized Access',
  403: 'Forbidden',
  404: 'Resource Not Found',
  405: 'Invalid Request Method',
  409: 'Resource Conflict',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  400011: 'Bad Request',
  401001: 'Signin Error',
};

/** A call that is refused; its message is the `detail` of the error body. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return Math.floor(this.code / 1_000);
  }
}

type BadRequest = 400000 | 400003 | 400006 | 400007 | 400009 | 400011 | 400020 | 400031;

export const badRequest = (code: BadRequest, detail: string): ApiFailure => new ApiFailure(code, detail);

export const forbidden = (detail: string): ApiFailure => new ApiFailure(403004, detail);

export const notFound = (code: number, detail: string): ApiFailure => new ApiFailure(code, detail);

export function refusal(failure: ApiFailure, options: WriteOptions): Answer {
  const summary = summaries[failure.code] ?? summaries[failure.status] ?? 'Error';
  const error = { code: String(failure.code), summary: words(summary), detail: words(failure.message) };
  return answer(failure.status, { error }, { ...options, headers: failure.headers });
}
