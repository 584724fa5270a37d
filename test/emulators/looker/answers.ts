// Answers in the shape of API 4.0: JSON and text bodies, and the error bodies (looker.md 7).
import type { Answer } from '../emulator.ts';

/** One problem of a body, as `errors[]` of a validation error lists it. */
export interface Problem {
  readonly field: string;
  readonly code: 'missing_field' | 'invalid' | 'already_exists' | 'missing';
  readonly message: string;
}

/** An API call that is refused; becomes the error body of its operation. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly problems: readonly Problem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    {
      problems,
      headers = {},
    }: { problems?: readonly Problem[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.problems = problems;
    this.headers = headers;
  }
}

/** What the emulator does not imitate: said plainly instead of answered wrongly. */
export const beyond = (what: string): ApiFailure =>
  new ApiFailure(400, `The emulator does not imitate ${what}.`);

/** Says nothing about whether the object is missing or a permission: so does Looker (looker.md 1). */
export const notFound = (): ApiFailure => new ApiFailure(404, 'Not found');

export const invalid = (...problems: readonly Problem[]): ApiFailure =>
  new ApiFailure(422, 'Validation Failed', { problems });

export const missing = (field: string): Problem => ({
  field,
  code: 'missing_field',
  message: 'This field is required.',
});

export const wrong = (field: string, message: string): Problem => ({ field, code: 'invalid', message });

export const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body: JSON.stringify(body),
});

export const text = (body: string, { status = 200, type = 'text/plain' } = {}): Answer => ({
  status,
  headers: { 'content-type': `${type};charset=utf-8` },
  body,
});

export const nothing = (): Answer => ({ status: 204 });

/** The body of a refusal; `operation` is method and path template, as the documentation's addresses have them. */
export function refusal(failure: ApiFailure, operation: string): Answer {
  const documentation_url = `https://docs.cloud.google.com/looker/docs/r/err/4.0/${failure.status}/${operation}`;
  const errors = failure.problems?.map((problem) => ({ ...problem, documentation_url }));
  const answer = json(
    { message: failure.message, ...(errors ? { errors } : {}), documentation_url },
    failure.status,
  );
  return { ...answer, headers: { ...answer.headers, ...failure.headers } };
}
