// Judges what went over the wire between a client and the Xero emulator by Xero's official documents.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { LoggedRequest } from '../emulators/emulator.ts';
import { bodyOf } from './bodies.ts';
import type { Finding } from './findings.ts';
import { type Operation, operationsOf, type Pointer, readDocument } from './openapi.ts';
import { type Judge, judgeOf } from './openapi-answers.ts';
import { judgeRequest } from './openapi-requests.ts';

export const ROOT = '/api.xro/2.0';

/** One official document, ready to judge by. */
export interface Contract {
  readonly operations: readonly Operation[];
  readonly judge: Judge;
}

const contracts = new Map<string, Contract>();

/** Each document is compiled once for a file of tests. */
export function contractOf(file: string): Contract {
  const known = contracts.get(file);
  if (known) return known;
  const document = readDocument(file);
  const contract = { operations: operationsOf(document), judge: judgeOf(document) };
  contracts.set(file, contract);
  return contract;
}

export const accounting = (): Contract => contractOf('xero_accounting.yaml');

export interface Exchange {
  readonly request: readonly Finding[];
  readonly answer: readonly Finding[];
}

/** A request to the Accounting API, and its answer where that is JSON: the declared one, or an error. */
export function judgeAccounting(logged: LoggedRequest): Exchange {
  const { operations, judge } = accounting();
  const { method, url, headers } = logged;
  const path = url.pathname.slice(ROOT.length);
  const { operation, findings } = judgeRequest(operations, {
    ...{ method, path, headers },
    query: url.searchParams,
  });
  const request = [...findings, ...judgeHeaders(path, logged)];
  const body = bodyOf(logged);
  if (logged.status === 400) return { request, answer: judge(path, '#/components/schemas/Error', body) };
  if (logged.status !== 200 || !operation?.answer) return { request, answer: [] };
  return { request, answer: judgeAnswer({ path: operation.path, schema: operation.answer }, body) };
}

/** Every reply wraps its list in the same four fields, which the document shows in examples and declares nowhere. */
export function judgeAnswer(
  { path, schema }: { path: string; schema: Pointer },
  body: unknown,
): readonly Finding[] {
  const { judge } = accounting();
  if (!isObject(body)) return judge(path, schema, body);
  const { Id, Status, ProviderName, DateTimeUTC, ...rest } = body;
  const wrong = Object.entries({
    Id: isText(Id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    Status: Status === 'OK',
    ProviderName: isText(ProviderName, /./),
    DateTimeUTC: isText(DateTimeUTC, /^\/Date\(\d+\)\/$/),
  }).filter(([, right]) => !right);
  const envelope = wrong.map(([name]) => ({
    on: path,
    place: `envelope ${name}`,
    problem: 'not as in the examples',
    detail: JSON.stringify(body[name]) ?? 'missing',
  }));
  return [...envelope, ...judge(path, schema, rest)];
}

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

/** The document knows JSON alone, a bearer token, and no body on a GET. */
function judgeHeaders(on: string, { headers, body }: LoggedRequest): readonly Finding[] {
  const right = {
    accept: headers.accept === 'application/json',
    authorization: /^Bearer \S+$/.test(headers.authorization ?? ''),
    'user-agent': isText(headers['user-agent'], /\S/),
  };
  const wrong = Object.entries(right).flatMap(([name, is]) => (is ? [] : [name]));
  const findings = wrong.map((name) => ({
    on,
    place: `header ${name}`,
    problem: 'not as it should be',
    detail: name === 'authorization' ? 'kept to itself' : String(headers[name]),
  }));
  const sent = { on, place: 'body', problem: 'undeclared', detail: `${body.length} bytes` };
  return body.length === 0 ? findings : [...findings, sent];
}
