// An encrypted file that holds the newest tokens of one connection, shared by processes under a lock.
import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { configError, transientError } from '../errors.ts';
import { readIfThere, writeDurably } from './durable-file.ts';
import { TokenCipher } from './token-cipher.ts';

/** What the file holds. Times are milliseconds since the epoch. */
export interface StoredTokens {
  readonly refreshToken: string;
  readonly accessToken?: string;
  /** Beginning of the SHA-256 (hex) of the client secret that the access token was got with. */
  readonly secretMark?: string;
  /** When the access token was got, and when it ends. */
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** Beginnings of the SHA-256 (hex) of refresh tokens that were replaced by newer ones, oldest first. */
  readonly superseded: readonly string[];
  /** SHA-256 (hex) of the client id the tokens belong to. */
  readonly issuedFor: string;
}

/** The store while its lock is held. */
export interface HeldStore {
  read(): Promise<StoredTokens | undefined>;
  /** Replaces the contents; durable when it resolves. */
  write(tokens: StoredTokens): Promise<void>;
}

export interface TokenStore {
  readonly path: string;
  /** The stored tokens; undefined when nothing was stored yet. */
  read(): Promise<StoredTokens | undefined>;
  /** Runs `work` while no other process, and no other holder in this one, has the lock. */
  locked<T>(work: (held: HeldStore) => Promise<T>): Promise<T>;
}

export interface TokenStoreOptions {
  readonly path: string;
  /** Protects the file; without it a random key is kept beside it in `<path>.key`, mode 0600. */
  readonly passphrase?: string;
}

/** A lock whose holder died is free after 30 s; a living holder is waited for about 60 s. Both in real time. */
const STALE = 30_000;
const PATIENCE = { retries: 90, factor: 1.2, minTimeout: 50, maxTimeout: 500, randomize: true };

/** Nothing is touched before the first `read` or `locked`. A file that cannot be decrypted is an error, never a fresh start. */
export function openTokenStore({ path: given, passphrase }: TokenStoreOptions): TokenStore {
  const path = resolve(given);
  const cipher = new TokenCipher(path, passphrase);
  const held: HeldStore = {
    async read() {
      const sealed = await readIfThere(path);
      return sealed === undefined ? undefined : parse(await cipher.open(sealed), path);
    },
    async write(tokens) {
      await writeDurably(path, `${await cipher.seal(JSON.stringify(tokens))}\n`);
    },
  };
  return {
    path,
    read: held.read,
    async locked(work) {
      const unlock = await lock(path);
      try {
        return await work(held);
      } finally {
        await unlock();
      }
    },
  };
}

async function lock(path: string): Promise<() => Promise<void>> {
  await prepareFolder(dirname(path));
  const lockfile = (await import('proper-lockfile')).default;
  try {
    const release = await lockfile.lock(path, {
      realpath: false,
      stale: STALE,
      retries: PATIENCE,
      // A process that was stopped for longer than STALE loses the lock. The token it has just been given is still
      // the newest it can know, so it goes on.
      onCompromised: () => undefined,
    });
    return () => release().catch(() => undefined);
  } catch (cause) {
    const isHeld = cause instanceof Error && 'code' in cause && cause.code === 'ELOCKED';
    if (!isHeld)
      throw configError(
        `Cannot lock the token store "${path}": give the program write access to its folder`,
        { cause },
      );
    throw transientError(
      `Cannot lock the token store "${path}": another process has held it for a minute, wait for it to end, or delete "${path}.lock" if there is none`,
      { cause },
    );
  }
}

/** Fails before any token is exchanged when the new one could not be stored. */
async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw configError(
      `Cannot write to the folder "${folder}" of the token store: give the program write access to it`,
      {
        cause,
      },
    );
  }
}

function parse(text: string, path: string): StoredTokens {
  // Only this program can have sealed it, so it is JSON; what another version wrote may still have another shape.
  const tokens: unknown = JSON.parse(text);
  if (isStoredTokens(tokens)) return tokens;
  throw configError(
    `Cannot read the token store "${path}": its contents are not tokens, delete it and log in again`,
  );
}

function isStoredTokens(value: unknown): value is StoredTokens {
  if (typeof value !== 'object' || value === null) return false;
  const { refreshToken, accessToken, issuedAt, expiresAt, superseded, issuedFor } = value as Record<
    string,
    unknown
  >;
  const optional = (field: unknown, type: string): boolean => field === undefined || typeof field === type;
  return (
    typeof refreshToken === 'string' &&
    typeof issuedFor === 'string' &&
    Array.isArray(superseded) &&
    superseded.every((mark) => typeof mark === 'string') &&
    optional(accessToken, 'string') &&
    optional(issuedAt, 'number') &&
    optional(expiresAt, 'number')
  );
}
