// Judges what went over the wire between a client and the Power BI emulator by Microsoft's official document.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { LoggedRequest } from '../emulators/emulator.ts';
import type { Finding } from './findings.ts';
import { type Operation, operationsOf } from './openapi.ts';
import { type Judge, judgeOf } from './openapi-answers.ts';
import { judgeRequest } from './openapi-requests.ts';
import { powerBiDocument, ROOT } from './powerbi-swagger.ts';

export interface Exchange {
  /** Path, method, parameters, headers and body of the request. */
  readonly request: readonly Finding[];
  /** The answer: its declared schema, or one of the four envelopes of errors. */
  readonly answer: readonly Finding[];
}

let compiled: { readonly operations: readonly Operation[]; readonly judge: Judge } | undefined;

function contract() {
  const { document } = powerBiDocument();
  compiled ??= { operations: operationsOf(document), judge: judgeOf(document) };
  return compiled;
}

/** A request of the REST API; undefined for those of Entra, Fabric and OneLake, which the document does not know. */
export function judgePowerBi(logged: LoggedRequest): Exchange | undefined {
  const { method, url, headers, body } = logged;
  if (!url.pathname.startsWith(ROOT)) return undefined;
  const { operations, judge } = contract();
  const path = url.pathname.slice(ROOT.length);
  const asked = { method, path, headers, query: url.searchParams };
  const { operation, findings } = judgeRequest(operations, asked);
  const on = operation?.path ?? path;
  const request = [...findings, ...(operation ? judgeBody({ on, method, body }, judge) : [])];
  if (logged.status >= 400) return { request, answer: judgeError(on, logged) };
  const sent = answerBody(logged);
  if (!operation) return { request, answer: [] };
  if (operation.answer) return { request, answer: judge(on, operation.answer, sent) };
  return { request, answer: sent === undefined ? [] : [finding(on, 'answer', 'undeclared', sent)] };
}

function judgeBody(
  { on, method, body }: { on: string; method: string; body: Buffer },
  judge: Judge,
): readonly Finding[] {
  const schema = powerBiDocument().bodyOf(method, on);
  if (schema === undefined)
    return body.length === 0 ? [] : [finding(on, 'body', 'undeclared', body.toString())];
  try {
    return judge(on, schema, JSON.parse(body.toString()));
  } catch {
    return [finding(on, 'body', 'no JSON', body.toString())];
  }
}

/** The answer as clients read it, without the byte order mark of queries. */
function answerBody({ answer }: LoggedRequest): unknown {
  const text = String(answer?.body ?? '').replace(/^\ufeff/, '');
  return text === '' ? undefined : JSON.parse(text);
}

export type Envelope = 'A' | 'B' | 'C' | 'D';

/** Which of the four shapes an error comes in; undefined: in none of them. */
export function envelopeOf(logged: LoggedRequest): Envelope | undefined {
  const body = answerBody(logged);
  if (body === undefined) return 'D';
  if (!isObject(body)) return undefined;
  const { error, ...rest } = body;
  if (error === undefined)
    return typeof rest.message === 'string' && Object.keys(rest).length === 1 ? 'C' : undefined;
  if (!isObject(error) || Object.keys(rest).length > 0 || typeof error.code !== 'string') return undefined;
  const inner = error['pbi.error'];
  if (isObject(inner)) return inner.code === error.code && Array.isArray(inner.details) ? 'B' : undefined;
  return typeof error.message === 'string' ? 'A' : undefined;
}

const judgeError = (on: string, logged: LoggedRequest): readonly Finding[] =>
  envelopeOf(logged) === undefined ? [finding(on, 'error', 'in no known shape', logged.answer?.body)] : [];

const finding = (on: string, place: string, problem: string, value: unknown): Finding => ({
  on,
  place,
  problem,
  detail: String(JSON.stringify(value)).slice(0, 200),
});
