// A workspace for one test: the emulator, a run against it, and what the run said.
import type { Context, Message } from '@airbyte/cdk-typescript-shim';
import { deliver } from '../../databricks/deliver.ts';
import { openRun, type Run } from '../../databricks/run.ts';
import type { Config } from '../../destination-databricks/index.ts';
import { agent } from '../../destination-databricks/version.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import {
  type DatabricksEmulator,
  type DatabricksOptions,
  startDatabricks,
} from '../emulators/databricks/index.ts';
import { segment } from './segments.ts';

export interface Workspace extends AsyncDisposable {
  readonly emulator: DatabricksEmulator;
  readonly clock: FastClock;
  readonly said: Message[];
  readonly logs: () => readonly string[];
  readonly controller: AbortController;
  readonly config: Config;
  context(changes?: Partial<Config>): Context<Config>;
  /** A new run, as a new process would open it. */
  run(changes?: Partial<Config>): Run;
  /** Delivers tables as one segment of a new run. */
  deliver(tables: Parameters<typeof segment>[0], options?: DeliverOptions): Promise<void>;
  /** Texts of the statements since the last call. */
  newStatements(): readonly string[];
  /** Rows of a table, by the named columns. */
  rows(table: string, columns: string, order?: string): Promise<Record<string, unknown>[]>;
}

export interface DeliverOptions {
  readonly config?: Partial<Config>;
  readonly run?: Run;
  readonly number?: number;
  readonly completed?: boolean;
}

/** Starts a workspace whose clock runs 20 times as fast as ours. */
export async function openWorkspace(
  options: Partial<Omit<DatabricksOptions, 'clock'>> = {},
  { rate = 20 }: { rate?: number } = {},
): Promise<Workspace> {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate });
  const emulator = await startDatabricks({ clock, ...options });
  const said: Message[] = [];
  const controller = new AbortController();
  const config = configFor(emulator);
  let seen = 0;
  const workspace: Workspace = {
    emulator,
    clock,
    said,
    logs: () =>
      said.flatMap((message) =>
        message.type === 'LOG' ? [`${message.log.level} ${message.log.message}`] : [],
      ),
    controller,
    config,
    context: (changes = {}) => ({
      config: { ...config, ...changes },
      clock,
      signal: controller.signal,
      say: async (message) => void said.push(message),
    }),
    run: (changes = {}) => openRun(workspace.context(changes), { agent }),
    deliver: async (
      tables,
      { config: changes = {}, run = workspace.run(changes), number = 0, completed = false } = {},
    ) => {
      const declarations = new Map(tables.map(({ declaration }) => [declaration.stream, declaration]));
      await deliver(run, segment(tables, { number, completed: completed ? [...declarations.values()] : [] }));
    },
    newStatements: () => {
      const texts = emulator.statements.slice(seen).map(({ text }) => text);
      seen = emulator.statements.length;
      return texts;
    },
    rows: (table, columns, order = '1') =>
      emulator.query(`SELECT ${columns} FROM "${emulator.catalog}"."finance"."${table}" ORDER BY ${order}`),
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  return workspace;
}

export function configFor(emulator: DatabricksEmulator): Config {
  return {
    host: emulator.url,
    warehouse_id: emulator.warehouseId,
    authentication: {
      auth_type: 'oauth_m2m',
      client_id: emulator.credentials.clientId,
      client_secret: emulator.credentials.clientSecret,
    },
    catalog: emulator.catalog,
    schema: 'finance',
    volume: 'ledgerpipe',
    deletion: 'soft',
    names: 'original',
    unmatched_references: 'ignore',
    constraints: 'informational',
    cluster_by_auto: true,
    on_reject: 'keep',
    segment_megabytes: 256,
    segment_minutes: 10,
    parallel: 3,
    warehouse_start_minutes: 15,
    purge_staging: true,
  };
}
