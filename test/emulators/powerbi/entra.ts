// The token endpoint of Entra: client credentials, its AADSTS refusals, and tokens that expire on the clock (powerbi.md 1).
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { Switches } from './switches.ts';
import type { Tenant } from './tenant.ts';

/** Life of an access token in seconds. */
const lifetime = 3599;

export type Audience = 'powerbi' | 'fabric' | 'storage';

const resources: Readonly<Record<string, Audience>> = {
  'https://analysis.windows.net/powerbi/api': 'powerbi',
  'https://analysis.usgovcloudapi.net/powerbi/api': 'powerbi',
  'https://high.analysis.usgovcloudapi.net/powerbi/api': 'powerbi',
  'https://mil.analysis.usgovcloudapi.net/powerbi/api': 'powerbi',
  'https://analysis.chinacloudapi.cn/powerbi/api': 'powerbi',
  'https://api.fabric.microsoft.com': 'fabric',
  'https://storage.azure.com': 'storage',
};

interface Issued {
  readonly audience: Audience;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export interface Entra {
  /** POST /{tenant}/oauth2/v2.0/token, and the older /oauth2/token with `resource`. */
  issue(request: EmulatorRequest, tenant: string): Answer;
  /** What a bearer token is worth now. */
  look(token: string): 'unknown' | 'expired' | Audience;
  expireAll(): void;
  /** Number of tokens given out. */
  readonly issued: number;
}

export function openEntra(tenant: Tenant, { clock, switches }: { clock: Clock; switches: Switches }): Entra {
  const tokens = new Map<string, Issued>();
  const fail = (status: number, error: string, [code, text]: readonly [number, string]): Answer =>
    refusal(clock.now(), { status, error, code, text });
  const refused = (form: URLSearchParams, path: string): Answer | undefined => {
    if (path === 'common' || path === 'organizations')
      return fail(400, 'invalid_grant', [
        65001,
        'The user or administrator has not consented to use the application.',
      ]);
    if (path !== tenant.tenantId && path !== tenant.domain)
      return fail(switches.unknownTenantStatus, 'invalid_request', [90002, `Tenant '${path}' not found.`]);
    if (form.get('grant_type') !== 'client_credentials')
      return fail(400, 'unsupported_grant_type', [70003, 'The app requested an unsupported grant type.']);
    if (form.get('client_id') !== tenant.clientId) {
      const text = `Application with identifier '${form.get('client_id')}' was not found in the directory.`;
      return fail(switches.unknownApplicationStatus, 'unauthorized_client', [700016, text]);
    }
    return refusedSecret(form, { tenant, switches, fail });
  };
  return {
    issue: ({ body, url }, path) => {
      const form = new URLSearchParams(body.toString());
      const refusedWith = refused(form, path);
      if (refusedWith) return refusedWith;
      const audience = audienceOf(form, url.pathname);
      if (!audience) {
        const text = `The provided value for the input parameter 'scope' is not valid: ${form.get('scope')}.`;
        return fail(400, 'invalid_scope', [70011, text]);
      }
      const token = jwt(tenant, { audience, now: clock.now() });
      tokens.set(token, { audience, expires: clock.now() + lifetime * 1000 });
      return answer(200, {
        token_type: 'Bearer',
        expires_in: lifetime,
        ext_expires_in: lifetime,
        access_token: token,
      });
    },
    look: (token) => {
      const found = tokens.get(token);
      if (!found) return 'unknown';
      return found.expires <= clock.now() ? 'expired' : found.audience;
    },
    expireAll: () => {
      for (const [token, one] of tokens) tokens.set(token, { ...one, expires: 0 });
    },
    get issued() {
      return tokens.size;
    },
  };
}

type Fail = (status: number, error: string, told: readonly [number, string]) => Answer;

function refusedSecret(
  form: URLSearchParams,
  { tenant, switches, fail }: { tenant: Tenant; switches: Switches; fail: Fail },
): Answer | undefined {
  const secret = form.get('client_secret');
  if (!secret) {
    const error = switches.missingSecretStatus === 401 ? 'invalid_client' : 'invalid_request';
    const code = switches.missingSecretStatus === 401 ? 7000216 : 7000218;
    const text =
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return fail(switches.missingSecretStatus, error, [code, text]);
  }
  if (secret !== tenant.clientSecret) {
    const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${tenant.clientId}'.`;
    return fail(401, 'invalid_client', [7000215, text]);
  }
  if (!tenant.secretExpired) return undefined;
  const text = `The provided client secret keys for app '${tenant.clientId}' are expired.`;
  return fail(switches.expiredSecretStatus, 'invalid_client', [7000222, text]);
}

/** The older endpoint names a `resource`; the newer one a `scope` that ends in /.default. */
function audienceOf(form: URLSearchParams, path: string): Audience | undefined {
  const scope = path.includes('/v2.0/')
    ? (/^(.+)\/\.default$/.exec(form.get('scope') ?? '')?.[1] ?? '')
    : (form.get('resource') ?? '');
  return resources[scope.replace(/\/$/, '')];
}

/** Looks like a JWT with the claims a client may read; its signature is random, for nobody may verify it. */
function jwt(tenant: Tenant, { audience, now }: { audience: Audience; now: number }): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(now / 1000);
  const aud = Object.entries(resources).find(([, one]) => one === audience)?.[0];
  const claims = {
    aud,
    iss: `https://sts.windows.net/${tenant.tenantId}/`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + lifetime,
    appid: tenant.clientId,
    oid: tenant.objectId,
    tid: tenant.tenantId,
    ver: '1.0',
  };
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${randomBytes(48).toString('base64url')}`;
}

function refusal(
  now: number,
  { status, error, code, text }: { status: number; error: string; code: number; text: string },
): Answer {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const lines = [`Trace ID: ${trace}`, `Correlation ID: ${correlation}`, `Timestamp: ${timestamp}`];
  return answer(status, {
    error,
    error_description: [`AADSTS${code}: ${text}`, ...lines].join('\r\n'),
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}

const answer = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' },
  body: JSON.stringify(body),
});
