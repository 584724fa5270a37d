// OAuth for machines and personal tokens: who is calling, and the refusals the gateway gives (databricks.md 1).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, json } from './answers.ts';
import type { Switches } from './switches.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** A personal access token of the same principal. */
  readonly token: string;
}

/** Life of an access token in seconds (oauth-m2m page). */
const lifetime = 3600;

export class Auth {
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #switches: Switches;
  /** Expiry of each issued token, ms since the epoch. */
  readonly #issued = new Map<string, number>();
  #personalTokenWorks = true;

  constructor(credentials: Credentials, { clock, switches }: { clock: Clock; switches: Switches }) {
    this.#credentials = credentials;
    this.#clock = clock;
    this.#switches = switches;
  }

  expireAll(): void {
    this.#issued.clear();
    this.#personalTokenWorks = false;
  }

  /** POST /oidc/v1/token */
  issue({ headers, body }: EmulatorRequest): Answer {
    const form = new URLSearchParams(body.toString());
    const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(/:(.*)/s);
    if (!same(id, this.#credentials.clientId) || !same(secret, this.#credentials.clientSecret))
      return oauthError(this.#switches.invalidClientStatus, 'invalid_client', 'Client authentication failed');
    if (form.get('grant_type') !== 'client_credentials')
      return oauthError(400, 'unsupported_grant_type', 'grant_type must be client_credentials');
    if (form.get('scope') !== 'all-apis') return oauthError(400, 'invalid_scope', 'scope must be all-apis');
    const token = this.#jwt();
    this.#issued.set(token, this.#clock.now() + lifetime * 1000);
    const expires = this.#switches.expiresIn === 'number' ? lifetime : String(lifetime);
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: expires, scope: 'all-apis' });
  }

  /** Refuses a call whose credential is missing (401) or does not work (403, as recorded). */
  check({ headers }: EmulatorRequest): void {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (bearer === undefined)
      throw new ApiFailure(401, 401, {
        message: 'Credential was not sent or was of an unsupported type for this API.',
        headers: { 'www-authenticate': 'Bearer realm="DatabricksRealm"' },
      });
    const personal = this.#personalTokenWorks && same(bearer, this.#credentials.token);
    if (!personal && (this.#issued.get(bearer) ?? 0) <= this.#clock.now())
      throw new ApiFailure(403, 403, { message: 'Invalid access token.' });
  }

  /** Looks like a JWT; its signature is random, for nobody may verify it. */
  #jwt(): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    const claims = {
      sub: this.#credentials.clientId,
      scope: 'all-apis',
      iat: issuedAt,
      exp: issuedAt + lifetime,
    };
    return `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part(claims)}.${randomBytes(48).toString('base64url')}`;
  }
}

function oauthError(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description });
}

function same(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** The two discovery documents of a workspace. */
export function discovery(url: string): Answer {
  return json(200, {
    issuer: `${url}/oidc`,
    authorization_endpoint: `${url}/oidc/v1/authorize`,
    token_endpoint: `${url}/oidc/v1/token`,
    oidc_endpoint: `${url}/oidc`,
    grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    scopes_supported: ['all-apis', 'openid', 'offline_access'],
  });
}
