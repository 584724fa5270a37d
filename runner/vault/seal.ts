// Seals a secret as a compact JWE that names its key and the secret, so that none can be put in another's place.
import { systemError } from '@airbyte/cdk-typescript-shim';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import type { VaultKey } from './key.ts';

/** `value` (anything JSON can say) under the key: A256GCM, a new nonce each time. */
export function seal(key: VaultKey, name: string, value: unknown): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(value) ?? 'null'))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id, sub: name })
    .encrypt(key.bytes);
}

/** What was sealed under that name. Throws when the text was tampered with or moved. */
export async function unseal(key: VaultKey, name: string, sealed: string): Promise<unknown> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key.bytes, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    if (protectedHeader.sub === name) return JSON.parse(Buffer.from(plaintext).toString('utf8'));
  } catch {
    // Said below: the cause would tell no more.
  }
  throw systemError(
    `Cannot read the secret "${name}": it is damaged, restore the store from a backup or log in again`,
  );
}

/** The id of the key that sealed the text; undefined when it is damaged. */
export function keyIdOf(sealed: string): string | undefined {
  try {
    return decodeProtectedHeader(sealed).kid;
  } catch {
    return undefined;
  }
}
