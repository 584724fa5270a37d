// Adds the token to every request; a rejected token is renewed once.
import type { HttpRequest, HttpResponse, Layer } from './http.ts';
import { firstOf } from './wait.ts';

/** Where access tokens come from; one per connection, shared by all its requests. */
export interface TokenSource {
  /** A token that is valid for at least a moment. */
  token(): Promise<string>;
  /** A token other than `rejected`, which the server refused. */
  renew(rejected: string): Promise<string>;
}

export interface AuthorizeOptions {
  readonly tokens: TokenSource;
  /** The headers that carry the token. Default: `authorization: Bearer TOKEN`. */
  readonly header?: (token: string) => Readonly<Record<string, string>>;
  /** Whether the server refused the token. Default: status 401. */
  readonly rejected?: (response: HttpResponse) => boolean;
}

/**
 * On a rejected token the source is asked once for a new one and the request is sent again, whatever its method: an
 * unauthorised request was not carried out. A second rejection is the caller's answer.
 */
export function authorize({
  tokens,
  header = (token) => ({ authorization: `Bearer ${token}` }),
  rejected = ({ status }) => status === 401,
}: AuthorizeOptions): Layer {
  return (next) =>
    async function authorized(request) {
      const token = await firstOf([tokens.token()], [request.signal]);
      const response = await next(carrying(request, header(token)));
      if (!rejected(response)) return response;
      const renewed = await firstOf([tokens.renew(token)], [request.signal]);
      return renewed === token ? response : await next(carrying(request, header(renewed)));
    };
}

function carrying(request: HttpRequest, headers: Readonly<Record<string, string>>): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** A token that cannot be renewed, such as a personal access token. */
export function fixedToken(token: string): TokenSource {
  return { token: async () => token, renew: async () => token };
}
