// The two steps of a login: the address of the consent page, and the exchange of the code it gives.
import type { OauthClient, Tokens } from './oauth-endpoint.ts';

export interface AuthorizationUrlOptions {
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Space-separated. */
  readonly scope: string;
  /** Further query parameters (`acr_values`). */
  readonly extra?: Readonly<Record<string, string>>;
  /** False where the server knows no PKCE. Default true (S256). */
  readonly pkce?: boolean;
}

export interface AuthorizationRequest {
  /** What the person opens. */
  readonly url: string;
  /** Both are given back to `exchangeCode`. */
  readonly state: string;
  readonly codeVerifier?: string;
}

export async function authorizationUrl(options: AuthorizationUrlOptions): Promise<AuthorizationRequest> {
  throw new Error(`in progress ${options.authorizeUrl}`);
}

export interface ExchangeCodeOptions extends OauthClient {
  readonly redirectUri: string;
  /** The address the browser was sent back to, with its query. */
  readonly callback: URL;
  readonly state: string;
  readonly codeVerifier?: string;
}

export async function exchangeCode(options: ExchangeCodeOptions): Promise<Tokens> {
  throw new Error(`in progress ${options.tokenUrl}`);
}
