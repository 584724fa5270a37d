// Adds the token to every request; a rejected token is renewed once.
import type { HttpResponse, Layer } from './http.ts';

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

export function authorize(options: AuthorizeOptions): Layer {
  throw new Error(`in progress ${options.tokens}`);
}
/** A token that cannot be renewed: a personal access token. */
export function fixedToken(token: string): TokenSource {
  return { token: async () => token, renew: async () => token };
}
