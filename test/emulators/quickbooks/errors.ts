// QuickBooks' error answers: faults of the service and of the gateway, in both casings, and outages for fault scripts.
import type { Answer } from '../emulator.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { answerTime } from './times.ts';

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

/** What is wrong, before it is put into an answer; batches put it into an item instead. */
export interface FaultFacts {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  readonly element?: string;
  /** Raised in front of the service, in its own envelope. */
  readonly gateway?: true;
}

/** A refusal thrown anywhere while a request is handled. */
export class Refusal extends Error {
  readonly facts: FaultFacts;
  constructor(facts: FaultFacts) {
    super(`Refused with ${facts.status} (${facts.code})`);
    this.facts = facts;
  }
}

const validation = (code: string, message: string, detail: string, element?: string): Refusal =>
  new Refusal({
    status: 400,
    type: 'ValidationFault',
    code,
    message,
    detail,
    ...(element === undefined ? {} : { element }),
  });

export const queryUnparsable = (detail: string): Refusal =>
  validation('4000', 'Error parsing query', `QueryParserError: ${detail}`);

export const queryInvalid = (detail: string): Refusal =>
  validation('4001', 'Invalid query', `QueryValidationError: ${detail}`);

export const unknownEntity = (name: string, code: '4000' | '2000'): Refusal =>
  validation(
    code,
    code === '4000' ? 'Error parsing query' : 'Invalid Reference',
    `Metadata not found for Entity: ${name}`,
  );

export const notFound = (what: string): Refusal =>
  validation(
    '610',
    'Object Not Found',
    `Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees. ${what}`,
  );

export const missingParameter = (name: string): Refusal =>
  validation('2020', 'Required param missing, need to supply the required value for the API', name, name);

export const invalidParameter = (name: string, value: string): Refusal =>
  validation('2030', 'Invalid ID', `${name}: "${value}" is not valid`, name);

export const unsupportedOperation = (detail: string): Refusal =>
  validation('500', 'Unsupported Operation', detail);

export const tooManyItems = (limit: number): Refusal =>
  validation('1040', 'Batch request limit exceeded', `A batch holds at most ${limit} items`);

export const tooOld = (): Refusal =>
  validation('2030', 'Invalid changedSince', 'changedSince must be within the last 30 days');

export const notTracked = (name: string): Refusal =>
  validation('4000', 'Unsupported entity', `Change data capture is not supported for ${name}`);

export const forbiddenEntity = (name: string, code: '5020' | '5030'): Refusal =>
  code === '5020'
    ? validation(code, 'Permission Denied Error', `Permission Denied Error : ${name}`)
    : validation(
        code,
        'Feature Not Supported Error',
        `Feature Not Supported Error : The subscription does not include ${name}`,
      );

export const subscriptionEnded = (): Refusal =>
  validation(
    '6190',
    'Invalid Company Status',
    'Subscription period has ended or canceled or there was a billing problem : You can not add data to QuickBooks Online Plus because your trial or subscription period ended.',
  );

export const tokenRefused = (detail: string): Refusal =>
  new Refusal({
    status: 401,
    type: 'AUTHENTICATION',
    code: '3200',
    message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
    detail,
    gateway: true,
  });

export const lostAccess = (): Refusal =>
  new Refusal({
    status: 401,
    type: 'AuthorizationFault',
    code: '120',
    message: 'Authorization Failure',
    detail: 'Authorization Failure : The user does not have access to this company any more',
  });

export const notAuthorised = (): Refusal =>
  new Refusal({
    status: 403,
    type: 'AUTHENTICATION',
    code: '3100',
    message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
    detail: 'ApplicationAuthorizationFailed',
    gateway: true,
  });

export const throttled = (status: 429 | 403): Refusal =>
  new Refusal({
    status,
    type: 'SERVICE',
    code: '3001',
    message: `message=ThrottleExceeded; errorCode=003001; statusCode=${status}`,
    detail: 'The request limit was reached. Contact support.',
    gateway: true,
  });

/** Bad paths are refused in front of the service, in plain HTML. */
export const NO_SUCH_PATH: Answer = {
  status: 404,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><h1>HTTP Status 404 - Not Found</h1></body></html>',
};

/** The `Fault` member of an answer or of a batch item. */
export function faultOf({ message, detail, code, element, type }: FaultFacts): object {
  const error = { Message: message, Detail: detail, code, ...(element === undefined ? {} : { element }) };
  return { Error: [error], type };
}

/** The whole body of a refusal. */
export function faultBody(
  facts: FaultFacts,
  { switches, now }: { switches: QuickbooksSwitches; now: number },
) {
  const code = facts.gateway && switches.paddedCodes ? facts.code.padStart(6, '0') : facts.code;
  if (!facts.gateway || switches.gatewayCasing === 'upper')
    return { Fault: faultOf({ ...facts, code }), time: answerTime(now) };
  const { message, detail, type } = facts;
  return {
    warnings: null,
    intuitObject: null,
    fault: { error: [{ message, detail, code, element: null }], type },
    report: null,
    queryResponse: null,
    batchItemResponse: [],
    attachableResponse: [],
    syncErrorResponse: null,
    requestId: null,
    time: now,
    status: null,
    cdcresponse: [],
  };
}

const systemFault = (code: string, message: string): string =>
  JSON.stringify({
    Fault: { Error: [{ Message: message, Detail: message, code }], type: 'SystemFault' },
    time: '2026-01-01T00:00:00.000-08:00',
  });

interface Outage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const outage = (status: number, body: string, type = 'text/html'): Outage => ({
  status,
  headers: { 'content-type': type, intuit_tid: '1-00000000-emulatedoutage00000000' },
  body,
});

/** Answers for fault scripts: `faults.add({ does: { kind: 'answer', ...OUTAGES.gatewayTimeout } })`. */
export const OUTAGES = {
  /** HTTP 200 whose body is a fault. */
  faultIn200: outage(
    200,
    systemFault('10000', 'An application error has occurred'),
    JSON_TYPE['content-type'],
  ),
  applicationError: outage(
    500,
    systemFault('10000', 'An application error has occurred'),
    JSON_TYPE['content-type'],
  ),
  /** The company was reset: everything has to be read again. */
  companyReset: outage(500, systemFault('10200', 'Company has been reset'), JSON_TYPE['content-type']),
  resultTooLarge: outage(500, systemFault('10100', 'The result is too large'), JSON_TYPE['content-type']),
  badGateway: outage(502, '<html><head><title>502 Bad Gateway</title></head></html>'),
  unavailable: outage(503, 'Service Temporarily Unavailable', 'text/plain'),
  gatewayTimeout: outage(504, '<html><head><title>504 Gateway Time-out</title></head></html>'),
  /** A successful answer without a body, as reports sometimes give. */
  empty200: outage(200, '', JSON_TYPE['content-type']),
  /** A successful answer that is not JSON. */
  notJson200: outage(200, '<html><body>Please wait…</body></html>'),
} as const satisfies Record<string, Outage>;
