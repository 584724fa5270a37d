// Signing in and out: the three kinds of credentials, and what a refused sign-in most likely means.
import { ConnectorError, configError } from '@airbyte/cdk-typescript-shim';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { compareVersions, type Server } from '../api.ts';
import type { Credentials } from '../spec.ts';
import { at, textOf } from './answers.ts';
import { readRefusal, said } from './errors.ts';

export interface Session {
  readonly token: string;
  /** LUID of the site, part of every path. */
  readonly siteId: string;
  readonly userId: string;
}

export interface SignIn {
  readonly server: Server;
  /** Content URL of the site; empty for the default site. */
  readonly site: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/** Signs in. Throws a config error that names what the credentials may lack. */
export async function signIn({ server, site, credentials, clock }: SignIn): Promise<Session> {
  const own = await body(credentials, { server, clock });
  try {
    const response = await server.send({
      method: 'POST',
      url: `${server.url}/api/${server.version}/auth/signin`,
      headers: jsonHeaders,
      body: JSON.stringify({ credentials: { ...own, site: { contentUrl: site } } }),
      // A second sign-in only ends the first one's session.
      repeatable: true,
      purpose: `sign in to site "${site}"`,
    });
    return sessionOf(response.json());
  } catch (error) {
    throw explain(error, { site, credentials });
  }
}

/** The session goes to another site of the same server, under a new token ("Switch Site"). */
export async function switchSite(server: Server, session: Session, site: string): Promise<Session> {
  const response = await server.send({
    method: 'POST',
    url: `${server.url}/api/${server.version}/auth/switchSite`,
    headers: { ...jsonHeaders, 'x-tableau-auth': session.token },
    body: JSON.stringify({ site: { contentUrl: site } }),
    purpose: `switch to site "${site}"`,
  });
  return sessionOf(response.json());
}

/** Ends a session; one that is over already is no error. */
export async function signOut(server: Server, { token }: Session): Promise<void> {
  await server.send({
    method: 'POST',
    url: `${server.url}/api/${server.version}/auth/signout`,
    headers: { accept: 'application/json', 'x-tableau-auth': token },
    repeatable: true,
    accept: [401],
    purpose: 'sign out',
  });
}

export const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' } as const;

function sessionOf(answer: unknown): Session {
  const credentials = at(answer, 'credentials');
  const session = {
    token: textOf(at(credentials, 'token')),
    siteId: textOf(at(credentials, 'site', 'id')),
    userId: textOf(at(credentials, 'user', 'id')),
  };
  if (session.token && session.siteId) return session;
  throw configError('Cannot sign in: Tableau answered without a token or a site, check the setting "server"');
}

async function body(
  credentials: Credentials,
  ports: { readonly server: Server; readonly clock: Clock },
): Promise<Readonly<Record<string, string>>> {
  switch (credentials.auth_type) {
    case 'pat':
      return {
        personalAccessTokenName: credentials.token_name,
        personalAccessTokenSecret: credentials.token_secret,
      };
    case 'password':
      return { name: credentials.username, password: credentials.password };
    case 'connected_app':
      return { jwt: await jsonWebToken(credentials, ports) };
  }
}

/** A token lives 10 minutes at most; less leaves room for clocks that differ ("Configure Connected Apps"). */
const tokenSeconds = 5 * 60;

const scopes = [
  'tableau:content:read',
  'tableau:datasources:create',
  'tableau:datasources:update',
  'tableau:datasource_tags:update',
  'tableau:datasources:download',
  'tableau:file_uploads:create',
  'tableau:hyper_data:update',
  'tableau:users:read',
  'tableau:tasks:run',
] as const;

/** The scope for jobs exists from 3.27 on; an older server may refuse a token that names it. */
const newScopes = ['tableau:jobs:read'] as const;

async function jsonWebToken(
  credentials: Credentials & { readonly auth_type: 'connected_app' },
  { server, clock }: { readonly server: Server; readonly clock: Clock },
): Promise<string> {
  const { SignJWT } = await import('jose');
  const { randomUUID } = await import('node:crypto');
  const now = Math.floor(clock.now() / 1000);
  const scp = compareVersions(server.version, '3.27') < 0 ? scopes : [...scopes, ...newScopes];
  return await new SignJWT({ scp: [...scp] })
    .setProtectedHeader({
      alg: 'HS256',
      typ: 'JWT',
      kid: credentials.secret_id,
      iss: credentials.client_id,
    })
    .setIssuer(credentials.client_id)
    .setSubject(credentials.username)
    .setAudience('tableau')
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + tokenSeconds)
    .sign(new TextEncoder().encode(credentials.secret_value));
}

/** The number in a refused Connected App sign-in ("Troubleshoot Connected Apps"). */
const appErrors: Readonly<Record<string, string>> = {
  '5': 'no user of the site has the name in "username", spell it as Tableau does',
  '16': 'the claims or the clock of this machine are wrong, set the clock',
  '67': 'on-demand access is not supported here, name a user of the site in "username"',
  '126': 'the Connected App is missing or disabled, check "client_id"',
  '127': 'the secret is missing, check "secret_id"',
};

function explain(error: unknown, { site, credentials }: Pick<SignIn, 'site' | 'credentials'>): unknown {
  if (!(error instanceof ConnectorError) || error.status === undefined) return error;
  const refusal = readRefusal({ status: error.status, text: () => error.body ?? '' });
  if (error.status !== 401 && !refusal.code.startsWith('404000')) return error;
  const [, number = ''] = /errorCode=(\d+)/.exec(refusal.message) ?? [];
  const remedy = {
    pat: 'check name and secret of the token, make a new one if it has expired (after 15 days without use, or a year), and check the site',
    connected_app: appErrors[number] ?? 'check the Connected App, its secret and the user name, and the site',
    password:
      'check user name and password, and the site; users with MFA or SSO need a personal access token',
  }[credentials.auth_type];
  return configError(
    `Cannot sign in to ${site ? `site "${site}"` : 'the default site'}: ${said(refusal)}, ${remedy}`,
    { status: error.status, ...(error.body ? { body: error.body } : {}), cause: error },
  );
}
