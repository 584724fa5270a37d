// The key that seals secrets: 32 random bytes, from the environment or from a file that its owner alone may read.
import { createHash, randomBytes } from 'node:crypto';
import { configError } from '@airbyte/cdk-typescript-shim';

export interface VaultKey {
  /** Names the key without telling it: what the store remembers to know the right key again. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Where keys come from. A key that is there and cannot be used is a config error. */
export interface KeySource {
  /**
   * The key called `wanted` where several are at hand (a rotation that was cut short leaves two), else the one in
   * use; undefined: there is none.
   */
  find(wanted?: string): Promise<VaultKey | undefined>;
  /** Makes the first key, for a vault that was never used; absent: somebody must give one. */
  make?(): Promise<VaultKey>;
}

export const keyVariable = 'LEDGERPIPE_KEY';

const keyBytes = 32;

export const newKey = (): VaultKey => keyOf(randomBytes(keyBytes));

/** 43 characters of base64url. */
export const keyText = ({ bytes }: VaultKey): string => Buffer.from(bytes).toString('base64url');

/** Reads base64, base64url or hexadecimal text; `place` says in the error where it stood. */
export function parseKey(text: string, place: string): VaultKey {
  const trimmed = text.trim();
  const hexadecimal = /^[0-9a-f]{64}$/i.test(trimmed);
  const bytes =
    hexadecimal || /^[\w+/-]{43}=?$/.test(trimmed)
      ? Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64')
      : Buffer.alloc(0);
  if (bytes.length === keyBytes) return keyOf(bytes);
  throw configError(
    `Cannot use the key in ${place}: it must be 32 bytes in base64, make one with "ledgerpipe vault new-key"`,
  );
}

const idLength = 16;

const keyOf = (bytes: Uint8Array): VaultKey => ({
  bytes,
  id: createHash('sha256').update('ledgerpipe vault key\0').update(bytes).digest('hex').slice(0, idLength),
});
