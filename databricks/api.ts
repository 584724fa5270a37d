// The way to a workspace: its address, how to sign in, and the layers every request passes.
import { configError } from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  type Clock,
  clientCredentials,
  decodable,
  fail,
  fixedToken,
  httpSend,
  type OnWait,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { explainRefusal, tokenRefused } from './api/errors.ts';
import type { Authentication } from './settings.ts';

export interface Api {
  /** https://HOST, without a trailing slash. */
  readonly url: string;
  /** Requests with small bodies. */
  readonly send: Send;
  /** Uploads, which may take long. */
  readonly transfer: Send;
}

export interface Connection {
  readonly host: string;
  readonly authentication: Authentication;
  readonly clock: Clock;
  /** User-Agent: the product and the connector. */
  readonly agent: string;
  readonly onWait?: OnWait;
}

/** A request is answered within 50 s at the most: the longest `wait_timeout` of the Statement Execution API. */
const answerMilliseconds = 60_000;

/** With backoff up to 30 s: a good minute, in which a workspace comes back from what it calls maintenance. */
const attempts = 8;

/** One staged file: up to 5 GiB by the Files API; ours are smaller by far, but lines may be slow. */
const transferMilliseconds = 30 * 60_000;

/** Opens nothing yet: the first request signs in. Throws a config error for an address that is none. */
export function connect({ host, authentication, clock, agent, onWait }: Connection): Api {
  const url = workspaceUrl(host);
  const send = httpSend({ userAgent: agent });
  const failing = fail({ service: 'Databricks', explain: explainRefusal });
  const retrying = retry({ clock, attempts, ...(onWait ? { onWait } : {}) });
  const answering = timeout({ milliseconds: answerMilliseconds });
  const tokens = tokenSource(authentication, {
    url,
    clock,
    send: stack([failing, retrying, answering], send),
  });
  const authorized = authorize({ tokens, rejected: tokenRefused });
  return {
    url,
    send: stack([failing, retrying, decodable(), authorized, answering], send),
    transfer: stack([failing, retrying, authorized, timeout({ milliseconds: transferMilliseconds })], send),
  };
}

/** The workspace's address from what people paste: with or without https://, slashes, a path. */
export function workspaceUrl(host: string): string {
  const text = host.trim();
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address))
    throw configError(
      `Cannot use host "${host}": it is no address, copy "Server hostname" from the warehouse`,
    );
  const parsed = new URL(address);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
  if (parsed.protocol === 'http:' && !loopback)
    throw configError(`Cannot use host "${host}": Databricks is reached by https only, leave "http://" out`);
  return parsed.origin;
}

/** The warehouse's ID from either setting ("HTTP path": its last part). */
export function warehouseOf({
  warehouse_id,
  http_path,
}: {
  warehouse_id?: string;
  http_path?: string;
}): string {
  const given = warehouse_id?.trim() || http_path?.trim();
  const id = given?.split('/').filter(Boolean).at(-1);
  if (id) return id;
  throw configError(
    'Config field "warehouse_id" is missing: add the ID of the SQL warehouse, or its "http_path"',
  );
}

function tokenSource(
  authentication: Authentication,
  { url, clock, send }: { url: string; clock: Clock; send: Send },
): TokenSource {
  if (authentication.auth_type === 'token') return fixedToken(authentication.personal_access_token);
  // "OAuth for service principals (M2M)": the only scope of use is all-apis, and there is no refresh token.
  return clientCredentials({
    tokenUrl: `${url}/oidc/v1/token`,
    clientId: authentication.client_id,
    clientSecret: authentication.client_secret,
    scope: 'all-apis',
    clock,
    send,
  });
}
