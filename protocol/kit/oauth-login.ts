// The two steps of a login: the address of the consent page, and the exchange of the code it gives.
import { configError } from '../errors.ts';
import { type OauthClient, requestTokens, secureUrl, type Tokens } from './oauth-endpoint.ts';

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
  const oauth = await import('oauth4webapi');
  const { authorizeUrl, clientId, redirectUri, scope, extra = {}, pkce = true } = options;
  const url = secureUrl(authorizeUrl, 'consent address');
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const challenge = {
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
  const query = {
    ...extra,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    ...(pkce ? challenge : {}),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { url: url.href, state, ...(pkce ? { codeVerifier } : {}) };
}

export interface ExchangeCodeOptions extends OauthClient {
  readonly redirectUri: string;
  /** The address the browser was sent back to, with its query. */
  readonly callback: URL;
  readonly state: string;
  readonly codeVerifier?: string;
}

/** The first tokens of a consent. The code works once, so a lost answer is not asked for again. */
export async function exchangeCode(options: ExchangeCodeOptions): Promise<Tokens> {
  const { redirectUri, codeVerifier, clientSecret } = options;
  const code = await codeOf(options);
  return await requestTokens(options, {
    type: 'authorization_code',
    form: {
      code,
      redirect_uri: redirectUri,
      ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
    },
    purpose: 'log in',
    repeatable: false,
    secrets: [code, codeVerifier ?? '', clientSecret ?? ''],
  });
}

/** The code in the callback, once its state proves that it answers our request. */
async function codeOf({ tokenUrl, clientId, callback, state }: ExchangeCodeOptions): Promise<string> {
  const oauth = await import('oauth4webapi');
  // The servers' issuers are not configured, and the state already ties the answer to the request.
  const answer = new URLSearchParams(callback.searchParams);
  answer.delete('iss');
  try {
    const server = { issuer: new URL(tokenUrl).origin };
    const code = oauth.validateAuthResponse(server, { client_id: clientId }, answer, state).get('code');
    if (code) return code;
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError)
      throw configError(
        `Cannot log in: the consent page answered "${error.error}", start again and allow the access`,
        {
          cause: error,
          ...(error.error_description === undefined ? {} : { detail: error.error_description }),
        },
      );
    // Its cause would hold the code.
    throw configError('Cannot log in: the answer belongs to another login, start again');
  }
  throw configError('Cannot log in: the consent page gave no code, start again');
}
