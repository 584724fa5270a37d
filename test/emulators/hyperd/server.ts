// One hyperd process on a private Unix socket, and the rows of .hyper files read and changed through it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHyperd } from './find.ts';
import { openSession, type Session } from './session.ts';

export interface Hyperd {
  /** Directory and number of the socket `.s.PGSQL.<port>`, as node-postgres takes host and port. */
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** A connection of its own, with no file attached. */
  connect(): Promise<Session>;
  /** Runs `work` with the .hyper file attached as "db", releasing the file afterwards: only then is it whole on disk. */
  open<T>(path: string, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HyperdOptions {
  /** Path of the binary; found or installed unless given. */
  readonly program?: string;
  /** In hyperd's notation; its own default is 80 % of the machine's memory. */
  readonly memoryLimit?: string;
  /** File version of databases made without `WITH VERSION` (tableau.md 7.4). */
  readonly fileVersion?: 0 | 1 | 2 | 3 | 4;
}

const startSeconds = 30;
const port = 7483;

/** Starts a server; about 60 ms until the first query. */
export async function startHyperd({
  program,
  memoryLimit = '1g',
  fileVersion = 2,
}: HyperdOptions = {}): Promise<Hyperd> {
  const path = program ?? (await findHyperd());
  // Private, as anyone who reaches the socket may connect without a password.
  const directory = await mkdtemp(join(tmpdir(), 'hyperd-'));
  const callback = await openCallback();
  const child = spawn(
    path,
    [
      'run',
      `--listen-connection=tab.domain://${directory}/domain/.s.PGSQL.${port}`,
      `--callback-connection=tab.tcp://127.0.0.1:${callback.port}`,
      '--init-user=tableau_internal_user',
      '--no-password',
      '--skip-license',
      '--log-config=',
      `--log-dir=${directory}`,
      `--default-database-version=${fileVersion}`,
      `--memory-limit=${memoryLimit}`,
      '--language=en_US',
      '--date-style=YMD',
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = listen(child);
  const stop = async (): Promise<void> => {
    callback.close();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ready(child, callback.called);
  } catch (error) {
    await stop();
    throw new Error(`Cannot start hyperd: ${(error as Error).message}: ${said().trim().slice(-500)}`);
  }
  const connect = () => openSession(directory, port);
  return {
    host: directory,
    port,
    pid: child.pid,
    connect,
    open: async (file, work) => {
      const session = await connect();
      try {
        await session.attach(file, 'db');
        const result = await work(session);
        await session.detach('db');
        return result;
      } finally {
        await session.close();
      }
    },
    close: stop,
  };
}

interface Callback {
  readonly port: number;
  /** Resolves when hyperd has reported its endpoint. */
  readonly called: Promise<unknown>;
  close(): void;
}

/** hyperd ends by itself when this connection closes: no server outlives a killed test. */
async function openCallback(): Promise<Callback> {
  const server: Server = createServer();
  const called = new Promise((resolve, reject) => {
    server.once('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', resolve);
    });
    server.once('error', reject);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => sockets.add(socket));
  return {
    port: (server.address() as AddressInfo).port,
    called,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function ready(child: ChildProcess, called: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not answer in ${startSeconds} s`)),
      startSeconds * 1_000,
    );
    stop.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `code ${code}`}`)));
  });
  ended.catch(() => undefined);
  late.catch(() => undefined);
  try {
    await Promise.race([called, ended, late]);
  } finally {
    stop.abort();
  }
}

function listen(child: ChildProcess): () => string {
  let said = '';
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => said;
}
