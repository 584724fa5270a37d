// Tokens for a machine: the client_credentials grant.
import type { TokenSource } from './http/authorize.ts';
import { type OauthClient, requestTokens } from './oauth-endpoint.ts';
import { cachedTokens } from './token-cache.ts';

export interface ClientCredentialsOptions extends OauthClient {
  readonly clientSecret: string;
  /** Space-separated. */
  readonly scope?: string;
  /** Further form fields (`resource`, `audience`). */
  readonly extra?: Readonly<Record<string, string>>;
}

/** There is no refresh token: shortly before the token ends, another is asked for. */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const { clock, clientSecret, scope, extra = {} } = options;
  return cachedTokens(clock, async () => {
    const issuedAt = clock.now();
    const tokens = await requestTokens(options, {
      type: 'client_credentials',
      form: { ...extra, ...(scope === undefined ? {} : { scope }) },
      purpose: 'get an access token',
      repeatable: true,
      secrets: [clientSecret],
    });
    return { ...tokens, issuedAt };
  });
}
