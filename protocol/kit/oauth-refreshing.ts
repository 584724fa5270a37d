// Tokens for a person's consent: refresh tokens that rotate, kept so that no process loses the connection.
import { ConnectorError } from '../errors.ts';
import type { TokenSource } from './http/authorize.ts';
import { type OauthClient, requestTokens } from './oauth-endpoint.ts';
import { type AccessToken, cachedTokens, isFresh } from './token-cache.ts';
import { assertIssuedFor, issuedFor, newestRefreshToken, secretMark, superseding } from './token-history.ts';
import type { HeldStore, StoredTokens, TokenStore } from './token-store.ts';

export interface RefreshingOptions extends OauthClient {
  /** The configuration's refresh token; the store may hold a newer one. */
  readonly refreshToken: string;
  /** Absent: rotated tokens live in this process, and in what `onRotated` does with them. */
  readonly store?: TokenStore;
  /** Called with every refresh token that replaces the configuration's, after it is stored and before it is used. */
  onRotated(refreshToken: string): Promise<void>;
}

/**
 * The source of one connection's access tokens. A refresh happens under the store's lock: the store is read again, and
 * a fresh token that another process left there is used. Otherwise the newest refresh token is exchanged, and the new
 * one is stored, then announced, then used. A superseded token is sent again only after a lost answer: Xero allows
 * that for 30 minutes (OAuth guide, auth-flow page), Intuit may take any other reuse for theft.
 */
export function refreshing(options: RefreshingOptions): TokenSource {
  const { clock, store = memoryStore() } = options;
  let announced = options.refreshToken;
  let unsaved: { readonly error: unknown } | undefined;
  return cachedTokens(clock, async (rejected) => {
    if (unsaved !== undefined) throw unsaved.error;
    const outcome = await store.locked((held) => refresh(options, { held, path: store.path }, rejected));
    if (outcome.refreshToken !== announced) await options.onRotated(outcome.refreshToken);
    announced = outcome.refreshToken;
    unsaved = outcome.unsaved;
    if (unsaved !== undefined) throw unsaved.error;
    return outcome.access;
  });
}

interface Outcome {
  readonly access: AccessToken;
  readonly refreshToken: string;
  /** Why the tokens could not be stored. They are announced all the same, or the connection would be lost. */
  readonly unsaved?: { readonly error: unknown };
}

interface Place {
  readonly held: HeldStore;
  readonly path: string;
}

async function refresh(
  options: RefreshingOptions,
  { held, path }: Place,
  rejected: string | undefined,
): Promise<Outcome> {
  const stored = await held.read();
  if (stored !== undefined) assertIssuedFor(options.clientId, stored, path);
  const newest = newestRefreshToken(options.refreshToken, stored);
  const isOurs =
    stored?.refreshToken === newest && stored.secretMark === secretMark(options.clientSecret ?? '');
  const access = isOurs ? accessTokenOf(stored) : undefined;
  if (access !== undefined && access.accessToken !== rejected && isFresh(access, options.clock.now()))
    return { access, refreshToken: newest };
  try {
    return await exchange(options, { held, stored }, newest);
  } catch (error) {
    const isRejected = error instanceof ConnectorError && error.body === 'invalid_grant';
    // A program that does not know the lock may have rotated the token meanwhile.
    const rotated = isRejected && (await held.read())?.refreshToken !== stored?.refreshToken;
    if (!rotated) throw error;
    return await refresh(options, { held, path }, rejected);
  }
}

async function exchange(
  options: RefreshingOptions,
  { held, stored }: { readonly held: HeldStore; readonly stored: StoredTokens | undefined },
  used: string,
): Promise<Outcome> {
  const { clientId, clientSecret = '', clock } = options;
  const issuedAt = clock.now();
  const {
    refreshToken = used,
    accessToken,
    expiresAt,
  } = await requestTokens(options, {
    type: 'refresh_token',
    form: { refresh_token: used },
    purpose: 'refresh the access token',
    repeatable: true,
    secrets: [used, clientSecret],
  });
  const access = { accessToken, issuedAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
  try {
    const marks = { issuedFor: issuedFor(clientId), secretMark: secretMark(clientSecret) };
    const contents = { ...access, refreshToken, ...marks };
    await held.write(superseding(stored, [used, options.refreshToken], contents));
    return { access, refreshToken };
  } catch (error) {
    return { access, refreshToken, unsaved: { error } };
  }
}

function accessTokenOf({ accessToken, issuedAt, expiresAt }: StoredTokens): AccessToken | undefined {
  if (accessToken === undefined || issuedAt === undefined) return undefined;
  return { accessToken, issuedAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** Without a file: the tokens of this process alone, which asks for one at a time anyway. */
function memoryStore(): TokenStore {
  let stored: StoredTokens | undefined;
  const read = async (): Promise<StoredTokens | undefined> => stored;
  const write = async (tokens: StoredTokens): Promise<void> => {
    stored = tokens;
  };
  return { path: 'memory', read, locked: (work) => work({ read, write }) };
}
