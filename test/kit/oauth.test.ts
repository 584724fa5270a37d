// Token sources and logins against a strict server: rotation, sharing between processes, refusals, secrets.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import {
  authorizationUrl,
  clientCredentials,
  exchangeCode,
  fail,
  httpSend,
  openTokenStore,
  type RefreshingOptions,
  refreshing,
  retry,
  type Send,
  stack,
  type TokenSource,
  type TokenStore,
} from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { bundled } from '../bundled.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { answer, rejection, serveHttp } from './http-server.ts';
import { CLIENT, serveTokens, type TokenServer } from './token-server.ts';

const quick = fastClock({ rate: 1000 });
const send: Send = stack(
  [fail({ service: 'Xero' }), retry({ clock: quick })],
  httpSend({ userAgent: 'test' }),
);

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'tokens');
}

interface Connection {
  readonly tokens: TokenSource;
  readonly rotated: string[];
  readonly clock: FastClock;
}

function connect({ tokenUrl }: { tokenUrl: string }, options: Partial<RefreshingOptions> = {}): Connection {
  const rotated: string[] = [];
  const clock = fastClock();
  const onRotated = async (token: string): Promise<void> => void rotated.push(token);
  const tokens = refreshing({
    ...CLIENT,
    tokenUrl,
    refreshToken: 'refresh-1',
    send,
    clock,
    onRotated,
    ...options,
  });
  return { tokens, rotated, clock };
}

const used = ({ forms }: TokenServer): (string | null)[] => forms.map((form) => form.get('refresh_token'));

test('concurrent callers share one refresh, and the token serves until shortly before its end', async () => {
  const server = await serveTokens({ takes: 20 });
  const { tokens, rotated, clock } = connect(server);
  expect(await Promise.all([1, 2, 3].map(() => tokens.token()))).toEqual([
    'access-2',
    'access-2',
    'access-2',
  ]);
  expect(used(server)).toEqual(['refresh-1']);
  clock.advance(1_735_000);
  expect(await tokens.token()).toBe('access-2');
  clock.advance(10_000);
  expect(await tokens.token()).toBe('access-3');
  expect(used(server)).toEqual(['refresh-1', 'refresh-2']);
  expect(rotated).toEqual(['refresh-2', 'refresh-3']);
});

test('callers who had the same token refused renew it once', async () => {
  const server = await serveTokens();
  const { tokens } = connect(server);
  const first = await tokens.token();
  expect(await Promise.all([1, 2, 3].map(() => tokens.renew(first)))).toEqual([
    'access-3',
    'access-3',
    'access-3',
  ]);
  expect(await tokens.renew(first)).toBe('access-3');
  expect(await tokens.token()).toBe('access-3');
  expect(server.forms).toHaveLength(2);
});

test('a server that does not rotate has nothing announced; expires_in may be text', async () => {
  const server = await serveTokens({ rotates: false, expiresIn: '3600' });
  const { tokens, rotated, clock } = connect(server);
  await tokens.token();
  clock.advance(3_530_000);
  await tokens.token();
  clock.advance(20_000);
  await tokens.token();
  expect(used(server)).toEqual(['refresh-1', 'refresh-1']);
  expect(rotated).toEqual([]);
});

test('a new refresh token is stored before it is announced, and announced before it is used', async () => {
  const server = await serveTokens();
  const store = openTokenStore({ path: await newPath() });
  const events: string[] = [];
  const onRotated = async (token: string): Promise<void> => {
    events.push(`${token} announced, ${(await store.read())?.refreshToken} stored`);
  };
  const { tokens } = connect(server, { store, onRotated });
  events.push(`${await tokens.token()} used`);
  expect(events).toEqual(['refresh-2 announced, refresh-2 stored', 'access-2 used']);
});

test('an announcement that fails is made again, and the token is not used before', async () => {
  const server = await serveTokens();
  let broken = true;
  const announced: string[] = [];
  const onRotated = async (token: string): Promise<void> => {
    if (broken) throw new Error('the pipe is closed');
    announced.push(token);
  };
  const { tokens } = connect(server, { onRotated });
  expect((await rejection(tokens.token())).message).toBe('the pipe is closed');
  broken = false;
  expect(await tokens.token()).toBe('access-2');
  expect(announced).toEqual(['refresh-2']);
  expect(server.forms).toHaveLength(1);
});

test('a later run with the old configuration goes on from the store, without a refresh while the token is fresh', async () => {
  const server = await serveTokens();
  const path = await newPath();
  await connect(server, { store: openTokenStore({ path }) }).tokens.token();
  const later = connect(server, { store: openTokenStore({ path }) });
  expect(await later.tokens.token()).toBe('access-2');
  expect(later.rotated).toEqual(['refresh-2']);
  expect(server.forms).toHaveLength(1);
  expect(await later.tokens.renew('access-2')).toBe('access-3');
  expect(used(server)).toEqual(['refresh-1', 'refresh-2']);
});

test('a changed secret is tried at once: a token got with the old one says nothing about it', async () => {
  const server = await serveTokens();
  const store = openTokenStore({ path: await newPath() });
  await connect(server, { store }).tokens.token();
  await connect(server, { store, clientSecret: 'another' })
    .tokens.token()
    .catch(() => undefined);
  expect(server.forms).toHaveLength(2);
});

test('the configuration of the first day stays known however often its token was replaced', async () => {
  const server = await serveTokens();
  const store = openTokenStore({ path: await newPath() });
  await connect(server, { store }).tokens.token();
  await store.locked(async (held) => {
    const stored = await held.read();
    if (stored === undefined) throw new Error('nothing was stored');
    const many = Array.from({ length: 999 }, (_, index) => index.toString(16).padStart(16, '0'));
    await held.write({ ...stored, superseded: [...stored.superseded, ...many] });
  });
  for (const round of [2, 3, 4])
    expect(await connect(server, { store }).tokens.renew(`access-${round}`)).toBe(`access-${round + 1}`);
  expect((await store.read())?.superseded).toHaveLength(1000);
  expect(used(server)).toEqual(['refresh-1', 'refresh-2', 'refresh-3', 'refresh-4']);
});

test('a new consent in the configuration wins over the store and replaces it', async () => {
  const server = await serveTokens();
  const store = openTokenStore({ path: await newPath() });
  await connect(server, { store, refreshToken: 'refresh-1' }).tokens.token();
  const fresh = await serveTokens();
  const consented = await serveHttp(async (arrived, response) => {
    expect(new URLSearchParams(arrived.body).get('refresh_token')).toBe('consent-1');
    answer(response, 200, {
      json: { access_token: 'new', token_type: 'Bearer', refresh_token: 'consent-2' },
    });
  });
  const options = { store, refreshToken: 'consent-1' };
  expect(await connect({ tokenUrl: consented.url }, options).tokens.token()).toBe('new');
  expect((await store.read())?.refreshToken).toBe('consent-2');
  expect(fresh.forms).toHaveLength(0);
  // The configuration from before the consent is older now.
  expect(
    await connect({ tokenUrl: consented.url }, { store, refreshToken: 'refresh-1' }).tokens.token(),
  ).toBe('new');
});

test('the store of another app is refused before anything is sent', async () => {
  const server = await serveTokens();
  const store = openTokenStore({ path: await newPath() });
  await connect(server, { store }).tokens.token();
  const error = await rejection(connect(server, { store, clientId: 'another' }).tokens.token());
  expect(error).toMatchObject({ kind: 'config' });
  expect(error.message).toContain(store.path);
  expect(server.forms).toHaveLength(1);
});

test('after a lost reply the same refresh token is sent again, which a grace period allows', async () => {
  const server = await serveTokens({ grace: true });
  server.faults.push('lose');
  const { tokens, rotated } = connect(server);
  expect(await tokens.token()).toBe('access-3');
  expect(used(server)).toEqual(['refresh-1', 'refresh-1']);
  expect(rotated).toEqual(['refresh-3']);
});

test('a token that another program rotated without the lock is found in the store', async () => {
  const server = await serveTokens({ grace: false });
  const store = openTokenStore({ path: await newPath() });
  const first = connect(server, { store });
  const current = await first.tokens.token();
  const other = openTokenStore({ path: await newPath() });
  const old = await store.read();
  if (old === undefined) throw new Error('nothing was stored');
  await other.locked((held) => held.write(old));
  let reads = 0;
  const raced: TokenStore = {
    ...store,
    locked: (work) =>
      store.locked((held) =>
        work({
          ...held,
          read: async () => {
            reads += 1;
            // The first look finds the superseded token, any later one what the other program stored.
            return reads === 1
              ? { ...old, refreshToken: 'refresh-0', superseded: [...old.superseded, 'x'] }
              : old;
          },
        }),
      ),
  };
  const late = connect(server, { store: raced });
  expect(await late.tokens.renew('stale')).toBe(current);
});

test('tokens that cannot be stored are announced, and nothing more is exchanged', async () => {
  const server = await serveTokens();
  const path = await newPath();
  const store = openTokenStore({ path });
  const full: TokenStore = {
    ...store,
    locked: (work) => work({ read: store.read, write: () => Promise.reject(new Error('the disk is full')) }),
  };
  const { tokens, rotated } = connect(server, { store: full });
  expect((await rejection(tokens.token())).message).toBe('the disk is full');
  expect((await rejection(tokens.token())).message).toBe('the disk is full');
  expect(rotated).toEqual(['refresh-2']);
  expect(server.forms).toHaveLength(1);
});

test('a store that cannot be read ends the refresh before the endpoint is asked', async () => {
  const server = await serveTokens();
  const path = await newPath();
  await writeFile(path, 'damaged');
  expect(await rejection(connect(server, { store: openTokenStore({ path }) }).tokens.token())).toMatchObject({
    kind: 'config',
  });
  expect(server.forms).toHaveLength(0);
});

test.each([
  [
    { status: 400, json: { error: 'invalid_grant' } },
    'config',
    'the refresh token was rejected (invalid_grant): log in again with "source-xero login"',
  ],
  [{ status: 401, json: { error: 'invalid_client' } }, 'config', 'correct the client id and secret'],
  [{ status: 400, json: { error: 'unauthorized_client' } }, 'config', 'allow it in the settings of the app'],
  [{ status: 400, json: { error: 'invalid_scope' } }, 'config', 'a scope was refused (invalid_scope)'],
  [{ status: 400, json: { error: 'invalid_request' } }, 'system', 'invalid_request'],
  [{ status: 400, text: '<h1>no</h1>' }, 'config', 'check its address'],
  [{ status: 404, text: '<h1>no</h1>' }, 'config', 'Xero answered 404'],
  [{ status: 200, text: '<h1>a proxy</h1>' }, 'transient', 'without a token'],
  [{ status: 200, json: { refresh_token: 'refresh-2' } }, 'transient', 'without a token'],
] as const)('the refusal %o is a %s error that says "%s"', async (fault, kind, wanted) => {
  const server = await serveTokens();
  server.faults.push(fault);
  const error = await rejection(connect(server, { relogin: 'source-xero login' }).tokens.token());
  expect(error).toMatchObject({ kind });
  expect(error.message).toMatch(/^Cannot refresh the access token: /);
  expect(error.message).toContain(wanted);
  expect(server.forms).toHaveLength(1);
});

test('an endpoint that is down is asked again and then is a transient error', async () => {
  const server = await serveTokens();
  server.faults.push({ status: 503, text: 'maintenance' });
  expect(await connect(server).tokens.token()).toBe('access-2');
  server.faults.push(...Array(5).fill({ status: 500, text: 'down' }));
  expect(await rejection(connect(server).tokens.token())).toMatchObject({ kind: 'transient', status: 500 });
});

test('no refusal shows a token or the secret, even when the server repeats the request', async () => {
  const { clientSecret } = CLIENT;
  const secrets = [
    'refresh-1',
    clientSecret,
    encodeURIComponent(clientSecret),
    Buffer.from(`an-id:${clientSecret}`).toString('base64'),
  ];
  const statuses = [400, 401, 403, 404, 200, 500];
  for (const status of statuses)
    for (const type of ['application/json', 'text/plain']) {
      const server = await serveHttp(({ headers, body }, response) => {
        response.writeHead(status, { 'content-type': type });
        const echo = {
          error: 'invalid_grant',
          error_description: `${body} ${headers.authorization}`,
          refresh_token: 'refresh-1',
        };
        response.end(JSON.stringify(echo));
      });
      const error = await rejection(connect({ tokenUrl: server.url }).tokens.token());
      const shown = inspect(error, { depth: 9, maxStringLength: null, showHidden: true });
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
});

test('secrets go to https or to this machine only', async () => {
  for (const tokenUrl of [
    'http://identity.xero.com/token',
    'http://127.0.0.1.evil.test/',
    'ftp://localhost/',
    'nowhere',
  ]) {
    const error = await rejection(
      connect({ tokenUrl }, { send: () => Promise.reject(new Error('sent')) }).tokens.token(),
    );
    expect(error).toMatchObject({ kind: 'config' });
    expect(error.message).toContain(tokenUrl);
  }
  await rejection(
    authorizationUrl({ authorizeUrl: 'http://h/', clientId: 'a', redirectUri: 'b', scope: 'c' }),
  );
});

test('client credentials are sent as vendors document them, and asked for again near the end', async () => {
  const server = await serveHttp(({ headers }, response, count) => {
    expect(headers.authorization).toBe(`Basic ${Buffer.from('9b-c:dose-1').toString('base64')}`);
    answer(response, 200, {
      json: { access_token: `machine-${count}`, token_type: 'bearer', expires_in: 3600 },
    });
  });
  const clock = fastClock();
  const client = { tokenUrl: server.url, clientId: '9b-c', clientSecret: 'dose-1', send, clock };
  const tokens = clientCredentials({ ...client, scope: 'all-apis', extra: { audience: 'x' } });
  expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['machine-1', 'machine-1']);
  clock.advance(3_545_000);
  expect(await tokens.token()).toBe('machine-2');
  expect(await tokens.renew('machine-2')).toBe('machine-3');
  const form = Object.fromEntries(new URLSearchParams(server.arrived[0]?.body));
  expect(form).toEqual({ grant_type: 'client_credentials', scope: 'all-apis', audience: 'x' });
});

test('client credentials may go in the form', async () => {
  const server = await serveHttp((_, response) =>
    answer(response, 200, { json: { access_token: 'a', token_type: 'Bearer' } }),
  );
  const tokens = clientCredentials({
    ...CLIENT,
    tokenUrl: server.url,
    authentication: 'post',
    send,
    clock: quick,
  });
  expect(await tokens.token()).toBe('a');
  expect(server.arrived[0]?.headers.authorization).toBeUndefined();
  const form = new URLSearchParams(server.arrived[0]?.body);
  expect([form.get('client_id'), form.get('client_secret')]).toEqual([CLIENT.clientId, CLIENT.clientSecret]);
});

test('a scope that is refused is named', async () => {
  const server = await serveHttp((_, response) =>
    answer(response, 400, { json: { error: 'invalid_scope' } }),
  );
  const tokens = clientCredentials({
    ...CLIENT,
    tokenUrl: server.url,
    scope: 'accounting.transactions',
    send,
    clock: quick,
  });
  const error = await rejection(tokens.token());
  expect(error.message).toMatch(
    /^Cannot get an access token: the scope "accounting.transactions" was refused/,
  );
});

test('a token of a few seconds serves for half its life', async () => {
  const server = await serveTokens({ expiresIn: 10 });
  const { tokens, clock } = connect(server);
  expect(await tokens.token()).toBe('access-2');
  clock.advance(4_000);
  expect(await tokens.token()).toBe('access-2');
  clock.advance(1_500);
  expect(await tokens.token()).toBe('access-3');
});

test('a login asks for consent with state and PKCE, and exchanges the code once', async () => {
  const request = await authorizationUrl({
    authorizeUrl: 'https://login.xero.com/identity/connect/authorize',
    clientId: 'an-id',
    redirectUri: 'http://localhost:8910/callback',
    scope: 'offline_access accounting.invoices.read',
    extra: { acr_values: 'bulk_connect:false' },
  });
  const query = new URL(request.url).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    response_type: 'code',
    client_id: 'an-id',
    redirect_uri: 'http://localhost:8910/callback',
    scope: 'offline_access accounting.invoices.read',
    state: request.state,
    code_challenge_method: 'S256',
    acr_values: 'bulk_connect:false',
  });
  const verifier = request.codeVerifier ?? '';
  expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  expect(query.get('code_challenge')).toBe(Buffer.from(digest).toString('base64url'));

  const server = await serveHttp(({ headers }, response) => {
    expect(headers.authorization).toBeUndefined();
    const json = {
      access_token: 'a',
      token_type: 'Bearer',
      expires_in: 1800,
      refresh_token: 'r',
      scope: 's',
      id_token: 'x.y.z',
    };
    answer(response, 200, { json });
  });
  const clock = fastClock({ start: 5000, rate: 0 });
  const callback = new URL(`http://localhost:8910/callback?code=c-1&state=${request.state}&iss=elsewhere`);
  const options = {
    tokenUrl: server.url,
    clientId: 'an-id',
    redirectUri: 'http://localhost:8910/callback',
    callback,
    send,
    clock,
  };
  const tokens = await exchangeCode({ ...options, state: request.state, codeVerifier: verifier });
  expect(tokens).toEqual({ accessToken: 'a', refreshToken: 'r', expiresAt: 1_805_000, scope: 's' });
  expect(Object.fromEntries(new URLSearchParams(server.arrived[0]?.body))).toEqual({
    grant_type: 'authorization_code',
    client_id: 'an-id',
    code: 'c-1',
    redirect_uri: 'http://localhost:8910/callback',
    code_verifier: verifier,
  });
});

test('a login without PKCE sends the secret instead', async () => {
  const request = await authorizationUrl({
    authorizeUrl: 'https://h/a',
    clientId: 'an-id',
    redirectUri: 'http://localhost/',
    scope: 's',
    pkce: false,
  });
  expect(request.codeVerifier).toBeUndefined();
  expect(request.url).not.toContain('code_challenge');
  const server = await serveHttp(({ headers }, response) => {
    expect(headers.authorization).toMatch(/^Basic /);
    answer(response, 200, { json: { access_token: 'a', token_type: 'bearer', refresh_token: 'r' } });
  });
  const callback = new URL(`http://localhost/?code=c&state=${request.state}&realmId=1`);
  const options = {
    ...CLIENT,
    tokenUrl: server.url,
    redirectUri: 'http://localhost/',
    callback,
    send,
    clock: quick,
  };
  expect(await exchangeCode({ ...options, state: request.state })).toEqual({
    accessToken: 'a',
    refreshToken: 'r',
  });
});

test.each([
  ['?error=access_denied&state=S', 'access_denied'],
  ['?code=c-secret&state=OTHER', 'another login'],
  ['?code=c-secret', 'another login'],
  ['?state=S', 'no code'],
])('the callback %s is a config error that says "%s", and nothing is exchanged', async (query, wanted) => {
  const server = await serveHttp((_, response) => answer(response, 200));
  const options = {
    ...CLIENT,
    tokenUrl: server.url,
    redirectUri: 'http://localhost/',
    state: 'S',
    send,
    clock: quick,
  };
  const error = await rejection(exchangeCode({ ...options, callback: new URL(`http://localhost/${query}`) }));
  expect(error).toMatchObject({ kind: 'config' });
  expect(error.message).toContain(wanted);
  expect(inspect(error, { depth: 9 })).not.toContain('c-secret');
  expect(server.arrived).toHaveLength(0);
});

test('a code is exchanged once, even when the reply is lost', async () => {
  const server = await serveHttp((_, response) => void response.destroy());
  const callback = new URL('http://localhost/?code=c&state=S');
  const options = {
    ...CLIENT,
    tokenUrl: server.url,
    redirectUri: 'http://localhost/',
    state: 'S',
    callback,
    send,
    clock: quick,
  };
  expect(await rejection(exchangeCode(options))).toMatchObject({ kind: 'transient' });
  expect(server.arrived).toHaveLength(1);
});

test('two processes that refresh at once never lose the connection', async () => {
  const server = await serveTokens({ takes: 30 });
  const path = await newPath();
  const script = bundled('test/kit/token-process.ts');
  const run = promisify(execFile);
  const outcomes = await Promise.all(
    [1, 2].map(() => run(process.execPath, [script, server.tokenUrl, path, '8'])),
  );
  const given = outcomes.map(({ stdout }) => JSON.parse(stdout) as string[]);
  expect(given.map((tokens) => tokens.length)).toEqual([8, 8]);
  expect(server.current()).toBeDefined();
  expect((await openTokenStore({ path }).read())?.refreshToken).toBe(server.current());
  // Each refresh token was used exactly once, in order.
  expect(used(server)).toEqual(server.forms.map((_, index) => `refresh-${index + 1}`));
  expect(server.forms.length).toBeLessThanOrEqual(16);
});
