// SFTP: a file is sent under another name and renamed when it is whole. The client is loaded when it connects.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type Client from 'ssh2-sftp-client';
import type { SftpSettings } from '../spec.ts';
import type { Storage } from './storage.ts';

const connectMilliseconds = 30_000;

export function openSftp(settings: SftpSettings): Storage {
  const { host, port, user, password, private_key, host_fingerprint } = settings;
  let current: Promise<Client> | undefined;
  const folders = new Set<string>();
  const client = (): Promise<Client> => {
    current ??= connected().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  const connected = async (): Promise<Client> => {
    const { default: SftpClient } = await import('ssh2-sftp-client');
    // The library otherwise reports on the console what it reports by rejecting, too.
    const made = new SftpClient('ledgerpipe', {
      error: () => undefined,
      end: () => undefined,
      close: () => undefined,
    });
    await made.connect({
      ...{ host, port, username: user, readyTimeout: connectMilliseconds },
      ...(password ? { password } : {}),
      ...(private_key ? { privateKey: private_key } : {}),
      ...(host_fingerprint ? { hostVerifier: (key: Buffer) => isKnown(key, host_fingerprint) } : {}),
    });
    return made;
  };
  /** A lost connection is opened anew by the next attempt. */
  const using = async (work: (sftp: Client) => Promise<unknown>): Promise<void> => {
    const sftp = await client();
    try {
      await work(sftp);
    } catch (error) {
      current = undefined;
      await sftp.end().catch(() => undefined);
      throw error;
    }
  };
  const put = (path: string, content: string | Buffer): Promise<void> =>
    using(async (sftp) => {
      const folder = posix.dirname(path);
      if (!folders.has(folder)) await sftp.mkdir(folder, true);
      folders.add(folder);
      const draft = posix.join(folder, `.${posix.basename(path)}.part`);
      if (typeof content === 'string') await sftp.fastPut(content, draft);
      else await sftp.put(content, draft);
      await replace(sftp, draft, path);
    });
  return {
    address: `sftp://${host}`,
    putFile: (path, file) => put(path, file),
    putText: (path, text) => put(path, Buffer.from(text)),
    remove: (path) => using((sftp) => sftp.delete(path, true)),
    async close() {
      await (await current?.catch(() => undefined))?.end().catch(() => undefined);
    },
  };
}

/** SFTP's own rename refuses a name that is taken; OpenSSH's extension replaces it in one step. */
async function replace(sftp: Client, draft: string, path: string): Promise<void> {
  try {
    await sftp.posixRename(draft, path);
  } catch {
    await sftp.delete(path, true);
    await sftp.rename(draft, path);
  }
}

/** As `ssh-keygen -l` prints it: SHA256 and base64 without padding. */
const isKnown = (key: Buffer, fingerprint: string): boolean =>
  createHash('sha256').update(key).digest('base64').replace(/=+$/, '') ===
  fingerprint.replace(/^SHA256:/i, '').replace(/=+$/, '');

export const sftpRemedies: readonly (readonly [RegExp, string])[] = [
  [
    /All configured authentication methods failed/i,
    'check "files.user", and "files.password" or "files.private_key"',
  ],
  [
    /Cannot parse privateKey|Encrypted private/i,
    'give an unencrypted OpenSSH or PEM key in "files.private_key"',
  ],
  [
    /Host denied|host verification failed|handshake failed/i,
    'the host shows another key: check "files.host_fingerprint"',
  ],
  [/permission denied/i, 'let the user write to the folder in "files.prefix"'],
  [/ENOTFOUND|getaddrinfo/i, 'check "files.host"'],
];
