// Seals the token store as a JWE, under a passphrase or under a key file of its own.
import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { configError } from '../errors.ts';
import { readIfThere } from './durable-file.ts';

/** OWASP's scrypt setting of 32 MiB: about 0.1 s per passphrase and salt. */
const SCRYPT: ScryptOptions = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };
const KEY_BYTES = 32;

/** Direct encryption with A256GCM; the salt of a passphrase stays in the protected header, as `salt`. */
export class TokenCipher {
  readonly #path: string;
  readonly #passphrase: string | undefined;
  /** The last key made from the passphrase: reading and writing one file costs one derivation. */
  #derived: { readonly salt: string; readonly key: Uint8Array } | undefined;

  constructor(path: string, passphrase: string | undefined) {
    this.#path = path;
    this.#passphrase = passphrase === '' ? undefined : passphrase;
  }

  async seal(text: string): Promise<string> {
    const { CompactEncrypt } = await import('jose');
    const salt = this.#derived?.salt ?? randomBytes(16).toString('base64url');
    const key = this.#passphrase === undefined ? await this.#keyFile('make') : await this.#derive(salt);
    const header = { alg: 'dir', enc: 'A256GCM', ...(this.#passphrase === undefined ? {} : { salt }) };
    return await new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key);
  }

  async open(sealed: string): Promise<string> {
    const { compactDecrypt, decodeProtectedHeader } = await import('jose');
    const jwe = sealed.trim();
    let salt: unknown;
    try {
      ({ salt } = decodeProtectedHeader(jwe));
    } catch {
      throw this.#unreadable('it is damaged', `delete "${this.#path}" and log in again`);
    }
    const key = await this.#keyFor(salt);
    try {
      return Buffer.from((await compactDecrypt(jwe, key)).plaintext).toString('utf8');
    } catch {
      const wrong = this.#passphrase === undefined ? `the key in "${this.#path}.key"` : 'the passphrase';
      throw this.#unreadable(
        `${wrong} does not open it, or it is damaged`,
        `restore what it was written with, or delete "${this.#path}" and log in again`,
      );
    }
  }

  async #keyFor(salt: unknown): Promise<Uint8Array> {
    if (typeof salt === 'string') {
      if (this.#passphrase !== undefined) return await this.#derive(salt);
      throw this.#unreadable('it was written with a passphrase', 'configure the same passphrase');
    }
    if (this.#passphrase === undefined) return await this.#keyFile('find');
    throw this.#unreadable(
      `it was written without a passphrase`,
      `remove the passphrase, or delete "${this.#path}" and log in again`,
    );
  }

  async #derive(salt: string): Promise<Uint8Array> {
    if (this.#derived?.salt === salt) return this.#derived.key;
    const passphrase = (this.#passphrase ?? '').normalize('NFC');
    const key = await new Promise<Buffer>((resolve, reject) => {
      scrypt(passphrase, Buffer.from(salt, 'base64url'), KEY_BYTES, SCRYPT, (error, made) =>
        error ? reject(error) : resolve(made),
      );
    });
    this.#derived = { salt, key };
    return key;
  }

  /** Called under the store's lock when it makes the key, so that no two processes make one. */
  async #keyFile(mode: 'make' | 'find'): Promise<Uint8Array> {
    const file = `${this.#path}.key`;
    const text = await readIfThere(file);
    if (text === undefined && mode === 'make') {
      const made = randomBytes(KEY_BYTES);
      await writeFile(file, `${made.toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
      return made;
    }
    const key = Buffer.from((text ?? '').trim(), 'base64url');
    if (key.length === KEY_BYTES) return key;
    const found = text === undefined ? 'is missing' : 'is damaged';
    throw this.#unreadable(
      `its key file "${file}" ${found}`,
      `restore it, or delete "${this.#path}" and log in again`,
    );
  }

  #unreadable(found: string, remedy: string): Error {
    return configError(`Cannot read the token store "${this.#path}": ${found}, ${remedy}`);
  }
}
