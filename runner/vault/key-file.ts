// Key files: readable by their owner alone, made once, and never half written.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import { keyText, newKey, parseKey, type VaultKey } from './key.ts';

/** The key in the file; undefined when there is no such file. One that others may read is refused. */
export async function readKeyFile(path: string): Promise<VaultKey | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw configError(
        `Cannot use the key file "${path}": others may read it (mode ${octal(mode)}), run "chmod 600 ${path}"`,
      );
    return parseKey(await readFile(path, 'utf8'), `"${path}"`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    throw configError(`Cannot read the key file "${path}": ${code}, give the program read access to it`, {
      cause: error,
    });
  }
}

/** Makes a key and its file; when another process was faster, that one's key. Durable when it resolves. */
export async function makeKeyFile(path: string): Promise<VaultKey> {
  const key = newKey();
  const draft = draftOf(path);
  await writeDraft(draft, key);
  try {
    // Unlike a rename, a link does not replace what is there.
    await link(draft, path);
    await syncFolder(path);
    return key;
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw unwritable(path, cause);
    return (await readKeyFile(path)) ?? key;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes the key, mode 0600, replacing what is there: a reader finds the former key or this one, whole. */
export async function writeKeyFile(path: string, key: VaultKey): Promise<void> {
  const draft = draftOf(path);
  await writeDraft(draft, key);
  await moveKeyFile(draft, path);
}

const draftOf = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.draft`;

async function writeDraft(path: string, key: VaultKey): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${keyText(key)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

export async function moveKeyFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    await syncFolder(to);
  } catch (cause) {
    throw unwritable(to, cause);
  }
}

/** A new name is on disk when its folder is; Windows cannot open folders, and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const unwritable = (path: string, cause: unknown): Error =>
  configError(
    `Cannot write the key file "${path}": ${codeOf(cause) ?? 'failed'}, give the program write access`,
    { cause },
  );

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

/** The system's code, of what the system refused. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
