// Tokens for a machine: the client_credentials grant.
import type { TokenSource } from './http/authorize.ts';
import type { OauthClient } from './oauth-endpoint.ts';

export interface ClientCredentialsOptions extends OauthClient {
  readonly clientSecret: string;
  /** Space-separated. */
  readonly scope?: string;
  /** Further form fields (`resource`, `audience`). */
  readonly extra?: Readonly<Record<string, string>>;
}

export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  throw new Error(`in progress ${options.tokenUrl}`);
}
