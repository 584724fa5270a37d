// A pipeline of the sandbox as its user has it: a ledgerpipe.yaml and the bundled runner.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ProductName } from './open.ts';

const ledgerpipe = new URL('../../runner/dist/main.js', import.meta.url).pathname;

export type SourceName = Extract<ProductName, 'xero' | 'quickbooks'>;
export type DestinationName = Exclude<ProductName, SourceName>;

/** The ends of a pipeline, and so its name. */
export interface Route {
  readonly from: SourceName;
  readonly to: DestinationName;
}

const usual: Route = { from: 'xero', to: 'databricks' };

export interface PipelineOptions extends Partial<Route> {
  readonly folder: string;
  /** Changes to the ready configurations. */
  readonly source?: Readonly<Record<string, unknown>>;
  readonly destination?: Readonly<Record<string, unknown>>;
  readonly streams?: readonly string[];
  readonly schedules?: unknown;
  /** Settings beside the pipelines: `http`, `webhooks`, ... */
  readonly runner?: Readonly<Record<string, unknown>>;
}

export const pipelineName = ({ from, to }: Route = usual): string => `${from}-to-${to}`;

/** Writes ledgerpipe.yaml into the folder and gives its path. */
export async function writePipeline(
  { configs }: { readonly configs: Readonly<Record<string, string>> },
  { folder, from = usual.from, to = usual.to, source = {}, destination = {}, ...options }: PipelineOptions,
): Promise<string> {
  const { streams, schedules, runner = {} } = options;
  const file = join(folder, 'ledgerpipe.yaml');
  const end = async (connector: string, changes: object) => ({
    connector,
    config: { ...(await configOf(configs[connector] ?? '')), ...changes },
  });
  const settings = {
    store: join(folder, 'store'),
    ...runner,
    pipelines: {
      [pipelineName({ from, to })]: {
        source: await end(`source-${from}`, source),
        destination: await end(`destination-${to}`, destination),
        ...(streams ? { streams } : {}),
        ...(schedules === undefined ? {} : { schedules }),
      },
    },
  };
  await writeFile(file, stringify(settings));
  return file;
}

const configOf = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

export interface SyncProcess {
  readonly pid: number;
  /** Exit code (null: killed) and everything printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Starts `ledgerpipe sync`; with `show` its output goes to this process's own. */
export function startSync(
  file: string,
  { show = false, route = usual }: { readonly show?: boolean; readonly route?: Route } = {},
): SyncProcess {
  const child = spawn(process.execPath, [ledgerpipe, 'sync', pipelineName(route), '--file', file], {
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  return {
    pid: child.pid ?? 0,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })),
  };
}

const execute = promisify(execFile);

/** What a command of the runner prints. */
export async function askRunner(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [ledgerpipe, ...args, '--file', file]);
  return stdout;
}
