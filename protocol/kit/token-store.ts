// An encrypted file that holds the newest tokens of one connection, shared by processes under a lock.

export interface StoredTokens {
  readonly refreshToken: string;
  readonly accessToken?: string;
  /** When the access token ends, in milliseconds since the epoch. */
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
  /** Runs `work` while no other process (or other holder in this one) has the lock. */
  locked<T>(work: (held: HeldStore) => Promise<T>): Promise<T>;
}

export interface TokenStoreOptions {
  readonly path: string;
  /** Protects the file; without it a random key is kept beside it in `<path>.key`. */
  readonly passphrase?: string;
}

export function openTokenStore(options: TokenStoreOptions): TokenStore {
  throw new Error(`in progress ${options.path}`);
}
