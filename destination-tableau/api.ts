// The way to a Tableau server: its address, the version both sides know, and the layers every request passes.
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  type Clock,
  decodable,
  fail,
  httpSend,
  type Layer,
  limit,
  type OnWait,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { at, textOf } from './api/answers.ts';
import { explainRefusal, minutesToWait, tokenRefused } from './api/errors.ts';
import { version } from './version.ts';

/** A server that was asked for its version, and nobody signed in. */
export interface Server {
  /** https://HOST, without a trailing slash. */
  readonly url: string;
  /** Version of the REST API that both sides know, e.g. `3.24`. */
  readonly version: string;
  readonly product: string;
  readonly send: Send;
  /** Requests in the name of a session. */
  authorized(tokens: TokenSource): Authorized;
}

export interface Authorized {
  /** Requests with small bodies. */
  readonly send: Send;
  /** Publishes and updates, which Tableau Cloud counts by the hour; the lane is the site. */
  readonly change: Send;
  /** Uploads and downloads, which may take long. */
  readonly transfer: Send;
}

export interface Connection {
  readonly server: string;
  readonly clock: Clock;
  readonly updatesPerHour: number;
  readonly signal?: AbortSignal;
  readonly onWait?: OnWait;
}

/** The newest version whose schema was read (ts-api_3_29.xsd). */
export const newestVersion = '3.29';
/** Update Data in Hyper Data Source came with 3.12; the official Python client asks for 3.13. */
export const oldestVersion = '3.12';

const answerMilliseconds = 120_000;
const transferMilliseconds = 30 * 60_000;

/** Asks the server for its version, which needs no token. Throws a config error for an address that is no server. */
export async function connect(connection: Connection): Promise<Server> {
  const url = serverUrl(connection.server);
  const { clock, onWait, signal, updatesPerHour } = connection;
  const send = httpSend({ userAgent: `Ledgerpipe/${version} destination-tableau` });
  const failing = fail({ service: 'Tableau', explain: explainRefusal });
  const retrying = retry({
    clock,
    waitFor: minutesToWait,
    ...(signal ? { signal } : {}),
    ...(onWait ? { onWait } : {}),
  });
  const answering = timeout({ milliseconds: answerMilliseconds });
  const hourly: readonly Layer[] =
    updatesPerHour === 0 ? [] : [hourlyLimit({ clock, updatesPerHour, onWait, signal })];
  const open = stack([failing, retrying, decodable(), answering], send);
  const { api, product } = await serverInfo(url, open);
  return {
    url,
    version: olderOf(api, newestVersion),
    product,
    send: open,
    authorized: (tokens) => {
      const authorizing = authorize({
        tokens,
        rejected: tokenRefused,
        header: (token) => ({ 'x-tableau-auth': token }),
      });
      const long = timeout({ milliseconds: transferMilliseconds });
      return {
        send: stack([failing, retrying, decodable(), authorizing, answering], send),
        change: stack([failing, retrying, decodable(), authorizing, ...hourly, answering], send),
        transfer: stack([failing, retrying, authorizing, long], send),
      };
    },
  };
}

interface HourlyOptions {
  readonly clock: Clock;
  readonly updatesPerHour: number;
  readonly onWait: OnWait | undefined;
  readonly signal: AbortSignal | undefined;
}

/** 600 publishes or updates of workbooks and data sources an hour and site ("Tableau Cloud Site Capacity"). */
const hourlyLimit = ({ clock, updatesPerHour, onWait, signal }: HourlyOptions): Layer =>
  limit({
    clock,
    rows: [{ kind: 'window', name: 'hour', milliseconds: 3_600_000, max: updatesPerHour, whenSpent: 'wait' }],
    ...(signal ? { signal } : {}),
    ...(onWait ? { onWait } : {}),
  });

/** Every version from 2.4 on answers under 2.4 ("Server Info"). */
async function serverInfo(url: string, send: Send): Promise<{ api: string; product: string }> {
  const response = await send({
    method: 'GET',
    url: `${url}/api/2.4/serverinfo`,
    headers: { accept: 'application/json' },
    purpose: `ask "${url}" for its version`,
  });
  const info = at(jsonOf(response.text()), 'serverInfo');
  const api = textOf(at(info, 'restApiVersion'));
  if (!/^\d+\.\d+$/.test(api))
    throw configError(
      `Cannot use server "${url}": it does not answer as Tableau does, check the address in the setting "server"`,
    );
  if (compareVersions(api, oldestVersion) < 0)
    throw configError(
      `Cannot use server "${url}": its REST API is version ${api}, and data sources can be updated from ${oldestVersion} (Tableau 2021.2) on, upgrade the server`,
    );
  const product = at(info, 'productVersion');
  return { api, product: textOf(isObject(product) ? at(product, 'value') : product) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Negative when `one` is older: `3.9` is older than `3.12`. */
export function compareVersions(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

const olderOf = (one: string, other: string): string => (compareVersions(one, other) < 0 ? one : other);

/** The server's address from what people paste: with or without https://, with the path of a page. */
export function serverUrl(server: string): string {
  const text = server.trim();
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || !URL.canParse(address))
    throw configError(
      `Cannot use server "${server}": it is no address, give one such as https://10ax.online.tableau.com`,
    );
  const { protocol, hostname, origin } = new URL(address);
  if (protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw configError(`Cannot use server "${server}": tokens go over https only, leave "http://" out`);
  return origin;
}
