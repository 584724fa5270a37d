// One PostgreSQL process on a loopback port: started from the template, and stopped when its parent is gone.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { freePort } from '../free-port.ts';
import type { Account } from './account.ts';
import { type Installation, run } from './installation.ts';

export interface Server {
  readonly port: number;
  /** Lines the server logged, oldest first. */
  readonly log: readonly string[];
  /** Kills it with SIGKILL, as a lost machine would, and starts it again on what it left. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Holds the server and its folder until standard input ends: a parent that is killed closes it too, so neither
 * processes nor folders stay behind. It is deaf to Ctrl-C because the parent decides when the end has come.
 */
const GUARD = `trap '' INT TERM HUP
folder=$1; shift
"$@" & server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$folder"`;

/** Durability is off: no test survives a crash of the machine, and fsync costs most of the start. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '2GB',
  io_method: 'sync',
  dynamic_shared_memory_type: 'mmap',
  logging_collector: 'off',
};

export interface ServerOptions {
  readonly account: Account;
  readonly port?: number;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Copies the template and starts a server on it; a port that was taken in between is chosen anew. */
export async function startServer(installed: Installation, options: ServerOptions): Promise<Server> {
  for (let attempt = 1; attempt < 3; attempt += 1) {
    const server = await tryServer(installed, options);
    if ('close' in server) return server;
    const taken = server.log.some((line) => line.includes('Address already in use'));
    if (options.port !== undefined || !taken) throw failure(server.log);
  }
  const server = await tryServer(installed, options);
  if ('close' in server) return server;
  throw failure(server.log);
}

const failure = (log: readonly string[]): Error =>
  new Error(`Cannot start PostgreSQL: ${log.join(' / ').slice(-2000)}`);

async function tryServer(
  { postgres, template }: Installation,
  { account, port, settings }: ServerOptions,
): Promise<Server | { readonly log: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-pg-'));
  if (account.ids.uid !== undefined) await chown(folder, account.uid, account.ids.gid ?? account.uid);
  const data = join(folder, 'data');
  await run('/bin/cp', ['-R', template, data], { account });
  const chosen = port ?? (await freePort());
  const flags = Object.entries({ ...SETTINGS, ...settings, port: String(chosen) }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  );
  const log: string[] = [];
  const launch = (): Child =>
    spawn('/bin/sh', ['-c', GUARD, 'guard', folder, postgres, '-D', data, ...flags], {
      ...account.ids,
      cwd: tmpdir(),
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
  const first = launch();
  const guards = [first];
  const close = async () => {
    // The newest first: the end of any guard removes the folder.
    for (const guard of guards.toReversed()) await stop(guard, folder);
  };
  if (!(await isReady(first, log))) {
    await close();
    return { log };
  }
  const crash = async () => {
    await killServer(data);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const again = launch();
      guards.push(again);
      if (await isReady(again, log)) return;
      // The other processes end by themselves when they miss the first; until then the data is theirs.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw failure(log);
  };
  return { port: chosen, log, close, crash };
}

async function killServer(data: string): Promise<void> {
  const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
}

/** Clients that come too early are told "FATAL: the database system is starting up": that is no end. */
const GIVES_UP = /FATAL:(?! +the database system is)|database system is shut down/;

type Child = ChildProcessByStdio<Writable, null, Readable>;

/** Resolves when the server accepts connections, or false when it said why it does not. */
function isReady(child: Child, log: string[]): Promise<boolean> {
  child.stdin.on('error', () => undefined);
  // What is left of a killed server may still write to the log: only what this one says counts.
  let own = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(false));
    child.stderr.on('data', (chunk: Buffer) => {
      own += chunk.toString();
      log.push(...chunk.toString().split('\n').filter(Boolean));
      if (own.includes('ready to accept connections')) resolve(true);
      else if (GIVES_UP.test(own)) resolve(false);
    });
  }).then((ready) => {
    // A forgotten server must not keep the process of a test alive.
    child.unref();
    for (const stream of [child.stdin, child.stderr]) (stream as Readable & { unref?(): void }).unref?.();
    return ready === true;
  });
}

async function stop(child: Child, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.stdin.end();
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}
