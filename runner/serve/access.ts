// Who may see the metrics: whoever holds the token, or this machine alone where there is none.
import type { IncomingHttpHeaders } from 'node:http';
import { isLocal } from '../page/origin.ts';
import { isSame } from '../page/sessions.ts';

export interface Refusal {
  readonly status: 401 | 403;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: string;
}

/** Why a request is refused; undefined: it is not. */
export function refusalOf(headers: IncomingHttpHeaders, token: string | undefined): Refusal | undefined {
  if (token === undefined || token === '') {
    if (isLocal(headers)) return undefined;
    return {
      status: 403,
      headers: {},
      error: 'Only this machine may ask: set "token" below "http" for others',
    };
  }
  const given = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (given !== undefined && isSame(given, token)) return undefined;
  return {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="ledgerpipe"' },
    error: 'Send the token of "http" as "Authorization: Bearer TOKEN"',
  };
}
