// One connection of a source for one run: the way to the identity server, tokens by consent, and why they ended.
import type { ConnectorError } from '../errors.ts';
import { controlMessage } from '../messages.ts';
import type { Context } from '../ports.ts';
import type { TokenSource } from './http/authorize.ts';
import { fail, httpSend, type Layer, retry, type Send, stack, timeout } from './http/index.ts';
import { refreshing } from './oauth-refreshing.ts';
import { openTokenStore } from './token-store.ts';

/** A minute, after which a token endpoint that does not answer is asked again. */
const PATIENCE = 60_000;

/**
 * The way to a token endpoint: its own short stack, so that a refresh never waits for itself. `layers` are a vendor's own,
 * nearest to the network.
 */
export const identitySend = (
  { clock }: Pick<Context<unknown>, 'clock'>,
  {
    service,
    userAgent,
    layers = [],
  }: { readonly service: string; readonly userAgent: string; readonly layers?: readonly Layer[] },
): Send =>
  stack(
    [fail({ service }), retry({ clock }), timeout({ milliseconds: PATIENCE }), ...layers],
    httpSend({ userAgent }),
  );

/** The settings that a consent needs; a configuration has more. */
export interface ConsentSettings {
  readonly credentials: {
    readonly client_id: string;
    readonly client_secret?: string | undefined;
    readonly refresh_token: string;
  };
  readonly token_store?: string | undefined;
  readonly token_store_key?: string | undefined;
}

export interface ConsentTokensOptions {
  readonly tokenUrl: string;
  readonly send: Send;
  /** The command by which a person consents again. */
  readonly relogin: string;
}

/** Tokens of a person's consent: kept in the token store where one is set, and told as the complete configuration. */
export function consentTokens(
  context: Context<ConsentSettings>,
  { tokenUrl, send, relogin }: ConsentTokensOptions,
): TokenSource {
  const { config, clock } = context;
  const { credentials, token_store: path, token_store_key: passphrase } = config;
  return refreshing({
    tokenUrl,
    clientId: credentials.client_id,
    ...(credentials.client_secret ? { clientSecret: credentials.client_secret } : {}),
    send,
    clock,
    refreshToken: credentials.refresh_token,
    relogin,
    ...(path ? { store: openTokenStore({ path, ...(passphrase ? { passphrase } : {}) }) } : {}),
    onRotated(refreshToken) {
      const complete = { ...config, credentials: { ...credentials, refresh_token: refreshToken } };
      return context.say(controlMessage(complete, clock.now()));
    },
  });
}

/** A token source that remembers its refusal: once no token can be had any more, no other stream would fare better. */
export interface RememberedTokens {
  readonly tokens: TokenSource;
  /** Why no token can be had, once the identity server has said so. */
  refused(): ConnectorError | undefined;
}

export function rememberRefusal(source: TokenSource): RememberedTokens {
  let refusal: ConnectorError | undefined;
  const remember = (error: ConnectorError): never => {
    if (error.kind === 'config') refusal = error;
    throw error;
  };
  return {
    tokens: {
      token: () => source.token().catch(remember),
      renew: (rejected) => source.renew(rejected).catch(remember),
    },
    refused: () => refusal,
  };
}
