// Xero's error answers: bodies and statuses of every kind the API gives.
import type { Answer } from '../emulator.ts';
import { usInstant } from './dates.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** A refusal thrown anywhere while a request is handled; it carries the answer to give. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`Refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** 400 for a faulty where clause, id or parameter. */
export function validationError(message: string): Refusal {
  const body = {
    ErrorNumber: 10,
    Type: 'ValidationException',
    Message: 'A validation exception occurred',
    Elements: [{ ValidationErrors: [{ Message: message }] }],
  };
  return new Refusal({ status: 400, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** 400 for a query that cannot be parsed; the message is at the top, as for dynamic query errors. */
export function queryError(message: string): Refusal {
  const body = { ErrorNumber: 10, Type: 'ValidationException', Message: message, Elements: [] };
  return new Refusal({ status: 400, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** 400 for a read that would scan too many documents. */
export function highVolume(resource: string, limit: number): Refusal {
  const body = {
    ErrorNumber: 51,
    Type: 'HighVolumeException',
    Message: `This request would read more than ${limit} ${resource}; use an optimised filter to narrow it`,
  };
  return new Refusal({ status: 400, headers: JSON_TYPE, body: JSON.stringify(body) });
}

function problem(
  status: number,
  title: string,
  options: { detail: string; instance: string; headers?: Record<string, string> },
): Refusal {
  const body = {
    Type: null,
    Title: title,
    Status: status,
    Detail: options.detail,
    Instance: options.instance,
    Extensions: {},
  };
  return new Refusal({ status, headers: { ...JSON_TYPE, ...options.headers }, body: JSON.stringify(body) });
}

export function tokenExpired(expiredAt: number, instance: string): Refusal {
  const detail = `TokenExpired: token expired at ${usInstant(expiredAt)}`;
  return problem(401, 'Unauthorized', { detail, instance });
}

/** A token that was never issued, or none at all. */
export function unauthenticated(instance: string): Refusal {
  return problem(401, 'Unauthorized', { detail: 'AuthenticationUnsuccessful', instance });
}

/** A scope is missing, or the endpoint is beyond the app's tier: refreshing never helps. */
export function unauthorised(instance: string, code: string): Refusal {
  const headers = { 'www-authenticate': `Bearer error="${code}"` };
  return problem(401, 'Unauthorized', { detail: 'AuthorizationUnsuccessful', instance, headers });
}

/** The tenant id is missing, wrong or disconnected. */
export function wrongTenant(instance: string): Refusal {
  return problem(403, 'Forbidden', { detail: 'AuthenticationUnsuccessful', instance });
}

/** The connecting user's role lacks a permission. */
export function roleForbids(instance: string): Refusal {
  return problem(403, 'Forbidden', {
    detail: 'AuthorizationUnsuccessful: the user does not have permission to access this resource',
    instance,
  });
}

export function notFound(instance: string, form: 'text' | 'problem'): Refusal {
  if (form === 'problem')
    return problem(404, 'NotFound', { detail: "The resource you're looking for cannot be found", instance });
  return new Refusal({
    status: 404,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: "The resource you're looking for cannot be found",
  });
}

export function plainText(status: number, body: string): Refusal {
  return new Refusal({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
}

/** The plain-text outages of the API, for fault scripts. */
export const OUTAGES = {
  maintenance: 'The Xero API is currently offline for maintenance',
  unavailable: 'The Xero API is temporarily unavailable',
  organisation: 'The Organisation is offline',
} as const;
