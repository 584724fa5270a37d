// Tokens for a person's consent: refresh tokens that rotate, kept so that no process loses the connection.
import type { TokenSource } from './http/authorize.ts';
import type { OauthClient } from './oauth-endpoint.ts';
import type { TokenStore } from './token-store.ts';

export interface RefreshingOptions extends OauthClient {
  /** The configuration's refresh token; the store may hold a newer one. */
  readonly refreshToken: string;
  readonly store?: TokenStore;
  /** Called with every refresh token that replaces the configuration's, after it is stored and before it is used. */
  onRotated(refreshToken: string): Promise<void>;
}

export function refreshing(options: RefreshingOptions): TokenSource {
  throw new Error(`in progress ${options.tokenUrl}`);
}
