// A small SFTP server on ssh2's own: files in memory, a password or a key, and connections cut on request.
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import { Files } from './files.ts';
import { serveFiles } from './session.ts';

export interface SftpEmulator {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A private key that signs in as well. */
  readonly privateKey: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Whole files by absolute path, drafts included. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Cuts the connection at the operation of this name after letting `skip` of them through. */
  cutAt(operation: string, skip?: number): void;
  /** Nobody may write below this folder. */
  forbid(folder: string): void;
  /** OpenSSH's posix-rename is not offered. */
  withoutPosixRename(): void;
  close(): Promise<void>;
}

/** What sessions look at before each operation. */
export interface Behaviour {
  cut: { readonly operation: string; skip: number } | undefined;
  forbidden: string | undefined;
  posixRename: boolean;
}

export async function startSftp(): Promise<SftpEmulator> {
  const files = new Files();
  const behaviour: Behaviour = { cut: undefined, forbidden: undefined, posixRename: true };
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
  const userKey = ssh2.utils.generateKeyPairSync('ed25519');
  const allowed = publicPart(userKey.public);
  const login = { user: 'ledger', password: 'sandbox-password' };
  const open = new Set<Connection>();
  const protocol = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      const named = context.username === login.user;
      if (named && context.method === 'password' && context.password === login.password)
        return context.accept();
      if (named && context.method === 'publickey' && context.key.data.equals(allowed))
        return context.accept();
      return context.reject(['password', 'publickey']);
    });
    connection.on('ready', () =>
      connection.on('session', (accept) =>
        accept().on('sftp', (begin) =>
          serveFiles(begin(), { files, behaviour, cut: () => connection.end() }),
        ),
      ),
    );
  });
  // Small answers would otherwise wait for each other, 40 ms each.
  const server = createServer({ noDelay: true }, (socket) => protocol.injectSocket(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ...login,
    privateKey: userKey.private,
    fingerprint: `SHA256:${createHash('sha256').update(publicPart(hostKey.public)).digest('base64').replace(/=+$/, '')}`,
    files: files.all,
    cutAt: (operation, skip = 0) => {
      behaviour.cut = { operation, skip };
    },
    forbid: (folder) => {
      behaviour.forbidden = folder;
    },
    withoutPosixRename: () => {
      behaviour.posixRename = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const connection of open) connection.end();
        server.close(() => resolve());
      }),
  };
}

/** The key's bytes in the line `ssh-ed25519 BASE64`. */
const publicPart = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64');
