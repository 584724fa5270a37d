// The steps of a login that every vendor shares: listen, open the consent page, wait for the person, exchange the code.
import type { LoginPorts } from '../connector.ts';
import type { Clock } from '../ports.ts';
import type { Send } from './http/http.ts';
import type { Tokens } from './oauth-endpoint.ts';
import { authorizationUrl, exchangeCode } from './oauth-login.ts';

/** Registered with apps as http://localhost:8976/callback. */
export const CALLBACK_PORT = 8_976;
/** A code lives for minutes once given; the person may take longer to give it. */
const PATIENCE = 15 * 60_000;

export interface ConsentApp {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Separated by spaces. */
  readonly scope: string;
  readonly port: number;
  /** Where the redirect is sent instead of loopback: a page of one's own that passes it on. */
  readonly redirectUri?: string;
  readonly pkce: boolean;
}

export interface Consent {
  readonly tokens: Tokens;
  /** The address that the browser was sent back to: some vendors tell more there than in the tokens. */
  readonly callback: URL;
}

/** Rejects with a config error where the person refuses, or where the answer belongs to another login. */
export async function askConsent(
  app: ConsentApp,
  { ask, send, clock }: { readonly ask: LoginPorts; readonly send: Send; readonly clock: Clock },
): Promise<Consent> {
  const { authorizeUrl, tokenUrl, clientId, clientSecret, scope, pkce } = app;
  const listening = await ask.listen(app.port);
  try {
    const redirectUri = app.redirectUri ?? listening.url;
    const request = await authorizationUrl({ authorizeUrl, clientId, redirectUri, scope, pkce });
    await ask.open(request.url);
    const callback = await listening.wait(PATIENCE);
    const tokens = await exchangeCode({
      ...{ tokenUrl, clientId, send, clock, redirectUri, callback, state: request.state },
      ...(clientSecret ? { clientSecret } : {}),
      ...(request.codeVerifier ? { codeVerifier: request.codeVerifier } : {}),
    });
    return { tokens, callback };
  } finally {
    await listening.close();
  }
}
