// One connection to QuickBooks for one run: its tokens, its API, and the count of its calls.
import { type ConnectorError, type Context, isObject, logMessage } from '@airbyte/cdk-typescript-shim';
import {
  consentTokens,
  identitySend,
  type Layer,
  type OnWait,
  type QuotaTeller,
  quotaTeller,
  rememberRefusal,
  type Send,
  type TokenSource,
} from '@airbyte/cdk-typescript-shim/kit';
import { type Api, openApi, userAgent } from './api.ts';
import { type Meter, openMeter, type Reads } from './meter.ts';
import { type Config, endpointsOf } from './spec.ts';

const DAY = 86_400_000;
/** How long before its end a consent is reported. */
const NOTICE = 30 * DAY;

export interface Session {
  readonly api: Api;
  readonly meter: Meter;
  /** What is left of the budget of the month, where there is one: QuickBooks itself tells of no limit. */
  readonly quotas: QuotaTeller;
  /** Why no token can be had any more, once the identity server has said so. */
  refused(): ConnectorError | undefined;
}

export interface SessionOptions {
  readonly onWait?: OnWait;
  /** The calls of the month, as the last run left them. */
  readonly before?: Reads | undefined;
}

export function openSession(context: Context<Config>, { onWait, before }: SessionOptions = {}): Session {
  const { config, clock, signal } = context;
  const { tokens, refused } = rememberRefusal(tokensOf(context));
  const quotas = quotaTeller(context);
  const meter = openMeter({
    clock,
    budget: config.monthly_reads,
    before,
    onLeft: (left) => quotas.note({ tenant: config.realm_id, limit: 'month', left }),
    weigh: (body) => (config.batch_counts === 'each' ? itemsIn(body) : 1),
  });
  const api = openApi({
    url: endpointsOf(config).api,
    realm: config.realm_id,
    environment: config.environment,
    tokens,
    clock,
    signal,
    meter,
    ...(onWait ? { onWait } : {}),
  });
  return { api, meter, quotas, refused };
}

function itemsIn(body: unknown): number {
  const batch: unknown = typeof body === 'string' ? JSON.parse(body) : undefined;
  return isObject(batch) && Array.isArray(batch.BatchItemRequest) ? batch.BatchItemRequest.length : 1;
}

/** The way to Intuit's identity server. */
export const intuitIdentity = (context: Pick<Context<unknown>, 'clock' | 'say'>): Send =>
  identitySend(context, { service: 'QuickBooks', userAgent, layers: [hardExpiry(context)] });

/** Asks when the consent ends for good (five years after it was given), and says so 30 days ahead. */
function hardExpiry({ clock, say }: Pick<Context<unknown>, 'clock' | 'say'>): Layer {
  let told = false;
  return (next) =>
    async function expiring(request) {
      const headers = { ...request.headers, 'x-include-refresh-token-hard-expires-in': 'true' };
      const response = await next({ ...request, headers });
      if (response.status !== 200 || told) return response;
      const body = response.json();
      const seconds = isObject(body)
        ? Number(body.x_refresh_token_hard_expires_in ?? Number.NaN)
        : Number.NaN;
      if (seconds * 1000 > NOTICE || Number.isNaN(seconds)) return response;
      told = true;
      const day = new Date(clock.now() + seconds * 1000).toISOString().slice(0, 10);
      await say(
        logMessage(
          'WARN',
          `The consent to QuickBooks ends for good on ${day}, five years after it was given: log in again before that with "source-quickbooks login"`,
        ),
      );
      return response;
    };
}

export const tokenUrlOf = (config: Pick<Config, 'environment' | 'endpoints'>): string =>
  `${endpointsOf(config).identity}/oauth2/v1/tokens/bearer`;

const tokensOf = (context: Context<Config>): TokenSource =>
  consentTokens(context, {
    tokenUrl: tokenUrlOf(context.config),
    send: intuitIdentity(context),
    relogin: 'source-quickbooks login',
  });
