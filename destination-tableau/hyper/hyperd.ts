// The process `hyperd`: started on a private socket, ended when it is no longer wanted or when this process dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configError, systemError } from '@airbyte/cdk-typescript-shim';

export interface Hyperd {
  /** Folder and number of its socket, as node-postgres takes host and port. */
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface HyperdOptions {
  readonly program: string;
  readonly memoryMegabytes: number;
  readonly signal: AbortSignal;
}

const port = 1;

/** Starts the server; the first query can follow after some 70 ms. Throws a config error when it does not start. */
export async function startHyperd(options: HyperdOptions): Promise<Hyperd> {
  // Whoever reaches the socket may connect without a password. The path stays short: sockets allow 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'lp-hyper-'));
  await chmod(folder, 0o700);
  const called = await listen(join(folder, 'callback'));
  const child = launch(folder, options);
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => written.push(bytes.toString('utf8')));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    called.close();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  // A process of this machine: it calls, or it ends. No clock is asked, only the wish to stop.
  const failed = await Promise.race([called.connected, ended, stopped(options.signal)]);
  if (failed !== undefined) {
    await close();
    throw refused(options.program, failed, written.join(''));
  }
  return { host: folder, port, close };
}

const stopped = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    const tell = (): void => resolve('the run was stopped');
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });

function launch(folder: string, { program, memoryMegabytes }: HyperdOptions): ChildProcess {
  return spawn(
    program,
    [
      'run',
      `--listen-connection=tab.domain://${folder}/domain/.s.PGSQL.${port}`,
      // hyperd ends as soon as this connection does: no server outlives a killed run.
      `--callback-connection=tab.domain://${folder}/domain/callback`,
      '--init-user=tableau_internal_user',
      '--no-password',
      '--skip-license',
      '--log-config=',
      `--log-dir=${folder}`,
      '--default-database-version=2',
      `--memory-limit=${memoryMegabytes}m`,
      '--language=en_US',
      '--date-style=YMD',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { TZ: 'UTC' }, cwd: folder },
  );
}

interface Callback {
  /** Resolves when hyperd is up and has called. */
  readonly connected: Promise<undefined>;
  close(): void;
}

/** Listens for hyperd's call, and keeps the line open until closed. */
async function listen(path: string): Promise<Callback> {
  const lines = new Set<Socket>();
  let up = (): void => undefined;
  const connected = new Promise<undefined>((resolve) => {
    up = () => resolve(undefined);
  });
  const server: Server = createServer((line) => {
    lines.add(line);
    line.on('error', () => undefined);
    // One byte of length and the address: it listens by now.
    line.once('data', () => up());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    connected,
    close: () => {
      for (const line of lines) line.destroy();
      server.close();
    },
  };
}

function refused(program: string, why: string, written: string): Error {
  const said = written.replace(/\s+/g, ' ').trim().slice(-300);
  const about = { detail: written.slice(-2_000) };
  if (/skip-license|license/i.test(written))
    return configError(
      `Cannot use hyperd "${program}": it refuses to run without a license check ("${said}"), take the hyperd of the Hyper API or of the npm package "hyperdb-mcp-linux-x64-gnu"`,
      about,
    );
  if (/unknown|unrecogni[sz]ed|invalid/i.test(written))
    return configError(
      `Cannot use hyperd "${program}": it does not know a setting ("${said}"), take that of Hyper API 0.0.23576 or newer`,
      about,
    );
  if (/ENOENT|EACCES|ENOEXEC|shared librar/i.test(`${why} ${written}`))
    return configError(`Cannot run hyperd "${program}": ${said || why}, check "hyperd_path"`, about);
  return systemError(`Cannot start hyperd "${program}": ${why}${said ? ` ("${said}")` : ''}`, about);
}
