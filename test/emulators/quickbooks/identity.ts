// Everything beside the Accounting API: consent, tokens, revocation, the person, and the discovery document.
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { SCOPES } from './app.ts';
import { authorize } from './authorize.ts';
import { NO_SUCH_PATH } from './errors.ts';
import { ISSUER, jwks, userInfo } from './openid.ts';
import { revoke, type TokenContext, token } from './token-endpoint.ts';

/** Where the emulator answers in place of Intuit's hosts. */
export const addresses = (url: string) => ({
  apiUrl: url,
  tokenUrl: `${url}/oauth2/v1/tokens/bearer`,
  revokeUrl: `${url}/v2/oauth2/tokens/revoke`,
  authorizeUrl: `${url}/connect/oauth2`,
  discoveryUrl: `${url}/.well-known/openid_configuration`,
});

/** Answers a request that is not about a company. */
export function identity(request: EmulatorRequest, context: TokenContext): Answer {
  const { url, method } = request;
  const path = url.pathname.toLowerCase().replace(/\/$/, '');
  const post = method === 'POST';
  if (path === '/connect/oauth2') return authorize(url.searchParams, context);
  if (path === '/oauth2/v1/tokens/bearer' && post) return token(request, context);
  if (path === '/v2/oauth2/tokens/revoke' && post) return revoke(request, context);
  if (path === '/op/v1/jwks') return jwks();
  if (path === '/v1/openid_connect/userinfo')
    return userInfo(request, { tokens: context.tokens, now: context.clock.now() });
  if (/^\/\.well-known\/openid_(sandbox_)?configuration$/.test(path)) return discovery(url.origin);
  return NO_SUCH_PATH;
}

/** Lists OpenID scopes only: the data scopes are missing from the real document too. */
function discovery(origin: string): Answer {
  const { tokenUrl, revokeUrl, authorizeUrl } = addresses(origin);
  const body = {
    issuer: ISSUER,
    authorization_endpoint: authorizeUrl,
    token_endpoint: tokenUrl,
    userinfo_endpoint: `${origin}/v1/openid_connect/userinfo`,
    revocation_endpoint: revokeUrl,
    jwks_uri: `${origin}/op/v1/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: SCOPES.filter((scope) => !scope.startsWith('com.intuit.')),
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(body),
  };
}
