// Answers of the Power BI REST API: JSON bodies, and the four envelopes errors come in.
import type { Answer } from '../emulator.ts';

/** A call that is refused; the router answers with what it carries. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`${answer.status} ${String(answer.body ?? '')}`);
    this.answer = answer;
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; odata.metadata=minimal', ...headers },
    body: JSON.stringify(body),
  };
}

/** A list as OData wraps it. */
export const list = (context: string, value: readonly unknown[]): Answer =>
  json(200, { 'odata.context': `http://api.powerbi.com/v1.0/myorg/$metadata#${context}`, value });

interface Detail {
  readonly message: string;
  readonly target?: string;
}

/** Envelope A: `error` with code, message and details, as OData has it. */
export function odataError(
  status: number,
  code: string,
  { message, details, headers = {} }: { message: string; details?: readonly Detail[]; headers?: Headers },
): Refusal {
  return new Refusal(json(status, { error: { code, message, ...(details ? { details } : {}) } }, headers));
}

type Headers = Readonly<Record<string, string>>;

/** Envelope B: `pbi.error`, without a message; details as pairs of a code and a text. */
export function pbiError(
  status: number,
  code: string,
  details: Readonly<Record<string, string>> = {},
): Refusal {
  const pairs = Object.entries(details).map(([name, value]) => ({ code: name, detail: { type: 1, value } }));
  const error = { code, parameters: {}, details: pairs, exceptionCulprit: 1 };
  return new Refusal(json(status, { error: { code, 'pbi.error': error } }));
}

/** Envelope C: a bare message, from the gateway. */
export const plainError = (status: number, message: string, headers: Headers = {}): Refusal =>
  new Refusal(json(status, { message }, headers));

/** Envelope D: no body at all. */
export const emptyError = (status: number): Refusal => new Refusal({ status });

/** 400 with what is wrong in the details, as unknown properties and bad rows are told. */
export const badRequest = (message: string, target = 'dataset'): Refusal =>
  odataError(400, 'BadRequest', {
    message: 'Bad request.',
    details: [{ message, target }],
  });

/** What is not there, in the envelope the switch says. */
export function notFound(
  envelope: 'A' | 'B',
  code: 'PowerBIEntityNotFound' | 'PowerBIFolderNotFound',
): Refusal {
  return envelope === 'B' ? pbiError(404, code) : odataError(404, code, { message: 'Entity is not found.' });
}
