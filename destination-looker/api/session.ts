// API sessions: a login gives one, it starts in production, and it ends after an hour at the latest.
import { isObject, systemError } from '@airbyte/cdk-typescript-shim';
import type { Clock, Send, TokenSource } from '@airbyte/cdk-typescript-shim/kit';

export type Workspace = 'production' | 'dev';

export interface SessionOptions {
  /** https://HOST/api/4.0 */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly workspace: Workspace;
  readonly clock: Clock;
  /** Without a token: login must not recurse into itself. */
  readonly send: Send;
}

export interface Session extends TokenSource {
  /** Ends the session, if there is one. */
  end(): Promise<void>;
}

interface Current {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly freshUntil: number;
}

/** Official SDKs renew 10 s early, spectacles 60 s: a request that takes a while must not outlive its token. */
const margin = 60_000;

/**
 * A token source that logs in when it must, never twice at once. There is no refresh token. What a session has been
 * switched to is lost with it, so a session for the dev workspace is switched before its token is given out.
 */
export function openSession(options: SessionOptions): Session {
  const { clock, url, send } = options;
  let current: Current | undefined;
  let pending: Promise<Current> | undefined;

  const give = async (rejected?: string): Promise<string> => {
    if (pending) await pending.catch(() => undefined);
    if (current && current.token !== rejected && clock.now() < current.freshUntil) return current.token;
    pending ??= logIn(options).finally(() => {
      pending = undefined;
    });
    current = await pending;
    return current.token;
  };

  return {
    token: () => give(),
    renew: (rejected) => give(rejected),
    async end() {
      const { token } = current ?? {};
      current = undefined;
      if (token === undefined) return;
      const headers = { authorization: `Bearer ${token}` };
      // It ends by itself within the hour: a failure here is nobody's concern.
      await send({
        method: 'DELETE',
        url: `${url}/logout`,
        headers,
        purpose: 'log out',
        accept: [401, 404],
      }).catch(() => undefined);
    },
  };
}

async function logIn({
  url,
  clientId,
  clientSecret,
  workspace,
  clock,
  send,
}: SessionOptions): Promise<Current> {
  const began = clock.now();
  const response = await send({
    method: 'POST',
    url: `${url}/login`,
    // In the body only: the same as query parameters is announced to go before the end of 2026 (API 4.0, login).
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret }).toString(),
    purpose: 'log in to Looker',
    repeatable: true,
  });
  const answer = response.json();
  const token = isObject(answer) ? answer.access_token : undefined;
  if (!isObject(answer) || typeof token !== 'string' || token === '')
    throw systemError('Cannot log in to Looker: its answer has no access token, report it with the log');
  const lifetime = typeof answer.expires_in === 'number' ? answer.expires_in * 1000 : 3_600_000;
  if (workspace === 'dev') await switchToDev({ url, token, send });
  return { token, freshUntil: began + lifetime - Math.min(margin, lifetime / 2) };
}

async function switchToDev({ url, token, send }: { url: string; token: string; send: Send }): Promise<void> {
  await send({
    method: 'PATCH',
    url: `${url}/session`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ workspace_id: 'dev' }),
    purpose: 'use the development workspace (permission "develop")',
    repeatable: true,
    lane: 'admin',
  });
}
