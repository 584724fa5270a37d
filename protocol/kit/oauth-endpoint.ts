// The token endpoint: one request for tokens, made and checked by oauth4webapi over the kit's own HTTP stack.
import type { AuthorizationServer, Client, ClientAuth, TokenEndpointResponse } from 'oauth4webapi';
import { configError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { HttpResponse, Send } from './http/http.ts';
import { refused } from './oauth-errors.ts';

/** The app, as the authorisation server knows it, and the way to its token endpoint. */
export interface OauthClient {
  /** https, or http on a loopback host. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Absent for apps that log in with PKCE alone. */
  readonly clientSecret?: string;
  /** Where the secret is sent: in the Authorization header (`basic`, the default) or in the form (`post`). */
  readonly authentication?: 'basic' | 'post';
  /** The short stack: `stack([fail, retry, timeout], httpSend)`, without `authorize`. */
  readonly send: Send;
  readonly clock: Clock;
  /** The command that logs in again, for error messages: `source-xero login --config xero.json`. */
  readonly relogin?: string;
}

/** What the token endpoint granted. */
export interface Tokens {
  readonly accessToken: string;
  /** Absent when the server keeps the old one, or gives none for this grant. */
  readonly refreshToken?: string;
  /** When the access token ends, in milliseconds since the epoch; absent when the server does not say. */
  readonly expiresAt?: number;
  /** Space-separated, when the server names it. */
  readonly scope?: string;
}

/** One request to the token endpoint. */
export interface Grant {
  readonly type: 'client_credentials' | 'refresh_token' | 'authorization_code';
  readonly form: Readonly<Record<string, string>>;
  /** What it is for, in messages: `refresh the access token`. */
  readonly purpose: string;
  /** May be sent again after a lost answer. */
  readonly repeatable: boolean;
  /** Everything that must not appear in a message. */
  readonly secrets: readonly string[];
}

/** Asks for tokens; every refusal becomes a ConnectorError that says what to do. */
export async function requestTokens(client: OauthClient, grant: Grant): Promise<Tokens> {
  const oauth = await import('oauth4webapi');
  const tokenUrl = secureUrl(client.tokenUrl, 'token address');
  const asked = client.clock.now();
  // The issuer is only compared with that of id_tokens, which are not used here.
  const server: AuthorizationServer = { issuer: tokenUrl.origin, token_endpoint: tokenUrl.href };
  const app: Client = { client_id: client.clientId };
  let answer: HttpResponse | undefined;
  try {
    const response = await oauth.genericTokenEndpointRequest(
      server,
      app,
      authentication(client, oauth.None()),
      grant.type,
      { ...grant.form },
      {
        [oauth.allowInsecureRequests]: tokenUrl.protocol === 'http:',
        [oauth.customFetch]: async (url, { headers, body }) => {
          answer = await post(client.send, { url, headers, body: String(body), grant });
          return asFetched(answer);
        },
      },
    );
    return granted(await oauth.processGenericTokenEndpointResponse(server, app, response), asked);
  } catch (error) {
    throw refused(error, { client, grant, answer });
  }
}

/** The address, when secrets may be sent there: https, or http that never leaves the machine. */
export function secureUrl(address: string, name: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const local = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return url;
  throw configError(
    `Cannot use the ${name} "${address}": secrets are sent to https addresses only, correct it`,
  );
}

/**
 * Xero, Intuit and Databricks document Basic credentials as base64 of id:secret as they are, while oauth4webapi
 * percent-encodes them first (even `-`, as RFC 6749 allows), which not every server undoes.
 */
function authentication({ clientSecret, authentication }: OauthClient, none: ClientAuth): ClientAuth {
  if (clientSecret === undefined) return none;
  if (authentication === 'post')
    return (server, app, body, headers) => {
      body.set('client_secret', clientSecret);
      return none(server, app, body, headers);
    };
  return (_server, { client_id }, _body, headers) => {
    headers.set('authorization', `Basic ${Buffer.from(`${client_id}:${clientSecret}`).toString('base64')}`);
  };
}

interface Post {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly grant: Grant;
}

function post(send: Send, { url, headers, body, grant }: Post): Promise<HttpResponse> {
  const { purpose, repeatable } = grant;
  return send({ method: 'POST', url, headers, body, purpose, repeatable, accept: [400, 401, 403] });
}

/** The answer as oauth4webapi reads it, without an id_token: nobody's identity matters here, so none is checked. */
function asFetched({ status, headers, body }: HttpResponse): Response {
  const type = headers['content-type'] ?? '';
  const content =
    body.length === 0
      ? null
      : /json/i.test(type)
        ? withoutIdToken(body.toString('utf8'))
        : body.toString('utf8');
  return new Response(status === 204 || status === 304 ? null : content, {
    status,
    headers: { 'content-type': type },
  });
}

function withoutIdToken(text: string): string {
  try {
    const { id_token: _, ...rest } = JSON.parse(text);
    return JSON.stringify(rest);
  } catch {
    return text;
  }
}

function granted(response: TokenEndpointResponse, asked: number): Tokens {
  return {
    accessToken: response.access_token,
    ...(response.refresh_token ? { refreshToken: response.refresh_token } : {}),
    ...(response.expires_in === undefined ? {} : { expiresAt: asked + response.expires_in * 1000 }),
    ...(response.scope === undefined ? {} : { scope: response.scope }),
  };
}
