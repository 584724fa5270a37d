// Which refresh token is the newest: the configuration's or the store's.
import { createHash } from 'node:crypto';
import { configError } from '../errors.ts';
import type { StoredTokens } from './token-store.ts';

/** How many superseded tokens are remembered: at one refresh every 30 minutes, three weeks of copies of a configuration. */
const REMEMBERED = 1_000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Enough of a SHA-256 to tell tokens apart, and useless for finding them. */
const fingerprint = (token: string): string => sha256(token).slice(0, 16);

/**
 * The store wins when it knows the configuration's token, as its own or as one it replaced. Otherwise the configuration
 * comes from a new consent, and wins.
 */
export function newestRefreshToken(configured: string, stored: StoredTokens | undefined): string {
  if (stored === undefined) return configured;
  const known = configured === stored.refreshToken || stored.superseded.includes(fingerprint(configured));
  return known ? stored.refreshToken : configured;
}

/** What to store after a refresh: `older` tokens, and whatever the store held, are superseded by `tokens`. */
export function superseding(
  stored: StoredTokens | undefined,
  older: readonly string[],
  tokens: Omit<StoredTokens, 'superseded'>,
): StoredTokens {
  const replaced = [...(stored === undefined ? [] : [stored.refreshToken]), ...older].map(fingerprint);
  const all = new Set([...(stored?.superseded ?? []), ...replaced]);
  all.delete(fingerprint(tokens.refreshToken));
  // The configuration's own token came last, so a file that is never updated stays known however often it rotates.
  for (const fresh of replaced) if (all.delete(fresh)) all.add(fresh);
  return { ...tokens, superseded: [...all].slice(-REMEMBERED) };
}

/** The mark of the app in the store. */
export const issuedFor = (clientId: string): string => sha256(clientId);

/** The mark of the secret in the store: an access token got with another one says nothing about this one. */
export const secretMark = (clientSecret: string): string => fingerprint(clientSecret);

/** Refuses a store that holds the tokens of another app: two connections would keep replacing each other's. */
export function assertIssuedFor(clientId: string, stored: StoredTokens, path: string): void {
  if (stored.issuedFor === issuedFor(clientId)) return;
  throw configError(
    `Cannot use the token store "${path}": it holds the tokens of another client id, give each connection its own file, or delete it after a change of app`,
  );
}
