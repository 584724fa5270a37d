// OpenID Connect beside the consent: the signed id_token, the keys that prove it, and who the person is.
import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { Consent, TokenStore } from './tokens.ts';

/** https://developer.intuit.com/.well-known/openid_configuration */
export const ISSUER = 'https://oauth.platform.intuit.com/op/v1';
const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

interface Keys {
  readonly secret: KeyObject;
  readonly shown: Readonly<Record<string, unknown>>;
}

let made: Keys | undefined;

/** One pair for the process, made when the first id_token is wanted: most runs need none. */
function keys(): Keys {
  if (made) return made;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(String(jwk.n)).digest('hex').slice(0, 32);
  made = { secret: privateKey, shown: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
  return made;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Who consented, for which app and company; `aud` is a list, as Intuit's own client expects. */
export function idToken(
  { realmId }: Consent,
  { clientId, now }: { readonly clientId: string; readonly now: number },
): string {
  const { secret, shown } = keys();
  const seconds = Math.floor(now / 1000);
  const claims = {
    sub: subjectOf(realmId),
    aud: [clientId],
    realmid: realmId,
    iss: ISSUER,
    iat: seconds,
    exp: seconds + 3600,
    auth_time: seconds,
  };
  const signed = `${part({ kid: shown.kid, typ: 'JWT', alg: 'RS256' })}.${part(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(secret).toString('base64url')}`;
}

const subjectOf = (realmId: string): string =>
  createHash('sha256').update(`person of ${realmId}`).digest('hex').slice(0, 32);

/** GET /op/v1/jwks. */
export const jwks = (): Answer => ({
  status: 200,
  headers: JSON_TYPE,
  body: JSON.stringify({ keys: [keys().shown] }),
});

/** GET …/v1/openid_connect/userinfo: what the scopes of the token allow to be known of the person. */
export function userInfo(
  { headers }: EmulatorRequest,
  { tokens, now }: { readonly tokens: TokenStore; readonly now: number },
): Answer {
  const token = tokens.access(/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
  if (!token || token.consent.ended || now >= token.expiresAt || !token.consent.scopes.includes('openid'))
    return { status: 401, headers: JSON_TYPE, body: JSON.stringify({ error: 'invalid_token' }) };
  const { scopes, realmId } = token.consent;
  const told = (scope: string, facts: object): object => (scopes.includes(scope) ? facts : {});
  const body = {
    sub: subjectOf(realmId),
    ...told('profile', { givenName: 'Mere', familyName: 'Tāmati' }),
    ...told('email', { email: 'mere@example.nz', emailVerified: true }),
    ...told('phone', { phoneNumber: '+64 21 000 000', phoneNumberVerified: false }),
    ...told('address', { address: { locality: 'Wellington', country: 'NZ' } }),
  };
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(body) };
}
