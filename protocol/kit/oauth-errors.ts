// What a refusal of the token endpoint means, and what the person can do about it.
import { ConnectorError, type ErrorKind } from '../errors.ts';
import type { HttpResponse } from './http/http.ts';
import { scrubbed } from './http/scrub.ts';
import type { Grant, OauthClient } from './oauth-endpoint.ts';

interface Refusal {
  readonly client: OauthClient;
  readonly grant: Grant;
  readonly answer: HttpResponse | undefined;
}

/** The error for a request for tokens that failed; its `body` holds the OAuth error code, when one came. */
export function refused(error: unknown, { client, grant, answer }: Refusal): unknown {
  if (error instanceof ConnectorError || answer === undefined) return error;
  const code = errorCode(answer);
  const [kind, found] = code === undefined ? unreadable(answer) : meaning(code, client, grant);
  // A body that is no error may hold tokens.
  const said = answer.status < 400 ? '' : `: ${answer.text()}`;
  const hidden = (text: string): string => scrubbed(hide(text, grant.secrets));
  return new ConnectorError(kind, `Cannot ${grant.purpose}: ${hidden(found)}`, {
    status: answer.status,
    detail: hidden(`the token endpoint answered ${answer.status}${said}`).slice(0, 2_000),
    ...(code === undefined ? {} : { body: hidden(code) }),
  });
}

function errorCode(answer: HttpResponse): string | undefined {
  try {
    const body: unknown = answer.status < 400 ? undefined : answer.json();
    const code = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
    return typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** The codes of RFC 6749 sections 4.1.2.1 and 5.2. */
function meaning(code: string, client: OauthClient, { type, form }: Grant): readonly [ErrorKind, string] {
  const again = client.relogin === undefined ? 'log in again' : `log in again with "${client.relogin}"`;
  switch (code) {
    case 'invalid_grant': {
      const what =
        type === 'refresh_token' ? 'refresh token' : type === 'authorization_code' ? 'code' : 'grant';
      return ['config', `the ${what} was rejected (invalid_grant): ${again}`];
    }
    case 'invalid_client':
      return [
        'config',
        'the client id or secret was rejected (invalid_client): correct the client id and secret',
      ];
    case 'unauthorized_client':
      return [
        'config',
        `the app may not use the grant "${type}" (unauthorized_client): allow it in the settings of the app`,
      ];
    case 'invalid_scope': {
      const scope = form.scope === undefined ? 'a scope' : `the scope "${form.scope}"`;
      return [
        'config',
        `${scope} was refused (invalid_scope): ask only for scopes the app has, then ${again}`,
      ];
    }
    case 'access_denied':
      return ['config', `access was denied (access_denied): let the person consent, ${again}`];
    case 'temporarily_unavailable':
    case 'server_error':
      return ['transient', `the server is not available (${code}): try again later`];
    default:
      return ['system', `the request was refused (${code}): report it with the log`];
  }
}

function unreadable({ status }: HttpResponse): readonly [ErrorKind, string] {
  if (status === 429 || status >= 500)
    return ['transient', `the token endpoint answered ${status}: try again later`];
  if (status === 401)
    return ['config', 'the client id or secret was rejected (401): correct the client id and secret'];
  if (status >= 300) return ['config', `the token endpoint answered ${status}: check its address`];
  return [
    'transient',
    `the token endpoint answered ${status} without a token: check its address or try again later`,
  ];
}

/** The text with every secret, plain or percent-encoded, replaced. */
function hide(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return forms
    .filter((form) => form !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((hidden, form) => hidden.replaceAll(form, '[hidden]'), text);
}
