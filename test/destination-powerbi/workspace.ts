// A workspace for one test: the emulator, the settings to reach it, and what a run says.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfiguredCatalog, Message } from '@airbyte/cdk-typescript-shim';
import destination from '../../destination-powerbi/index.ts';
import { writeAll } from '../conformance/in-process.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { type PowerBiEmulator, type Switches, startPowerBi } from '../emulators/powerbi/index.ts';

export interface Workspace extends AsyncDisposable {
  readonly emulator: PowerBiEmulator;
  readonly clock: FastClock;
  readonly config: Readonly<Record<string, unknown>>;
  readonly folder: string;
  write(
    input: readonly (Message | string)[],
    catalog: ConfiguredCatalog,
    change?: Readonly<Record<string, unknown>>,
  ): Promise<Message[]>;
  /** Requests to the API since the last call, tokens left out. */
  newRequests(): readonly { readonly method: string; readonly path: string; readonly status: number }[];
  close(): Promise<void>;
}

/**
 * Time that stands still but for sleeps, which end at once: what a run waits for is then exact, however slow the machine.
 * Sleeps of more than five hours only end when they are aborted.
 */
export function steppingClock(start = Date.parse('2026-09-15T08:00:00Z')): FastClock {
  let now = start;
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    sleep: async (milliseconds, signal) => {
      if (milliseconds < 5 * 3_600_000) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        now += Math.max(0, milliseconds);
        return;
      }
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  };
}

export async function openWorkspace({
  switches = {},
  delivery = {},
  config = {},
  rate = 2000,
  keepBodies = true,
  clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate }),
}: {
  readonly switches?: Partial<Switches>;
  readonly delivery?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rate?: number;
  readonly keepBodies?: boolean;
  readonly clock?: FastClock;
} = {}): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-powerbi-'));
  const emulator = await startPowerBi({ clock, switches, keepBodies });
  const settings = {
    tenant_id: emulator.tenantId,
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
    workspace_id: emulator.workspaceId,
    // A short calendar: its rows would be most of what these tests send.
    delivery: { mode: 'push', dataset_name: 'Finance', calendar_start: '2025-01-01', ...delivery },
    replica_folder: join(folder, 'replica'),
    reject_file: join(folder, 'rejects.jsonl'),
    working_folder: join(folder, 'work'),
    endpoints: {
      login: emulator.endpoints.login,
      api: emulator.endpoints.powerBi,
      fabric: emulator.endpoints.fabric,
      onelake: emulator.endpoints.oneLake,
    },
    ...config,
  };
  let seen = 0;
  const close = async (): Promise<void> => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    emulator,
    clock,
    folder,
    config: settings,
    write: (input, catalog, change = {}) =>
      writeAll(destination, { config: { ...settings, ...change }, clock, input, catalog }),
    newRequests: () => {
      const all = emulator.requests.slice(seen);
      seen = emulator.requests.length;
      return all
        .filter(({ url }) => !url.pathname.startsWith('/login/'))
        .map(({ method, url, status }) => ({ method, path: url.pathname, status }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Columns that we add, in any table. */
const added = /^_(batch_id|key|version|is_deleted|position|deleted_at|ab_cdc_deleted_at)$|_key$|_base$/;

/** The rows that count: of each key the newest version, deleted ones left out; without the columns that we add. */
export function livingRows(
  emulator: PowerBiEmulator,
  table: string,
): readonly Readonly<Record<string, unknown>>[] {
  if (emulator.datasets.length === 0) return [];
  const rows = emulator.rows(table);
  const newest = new Map<unknown, number>();
  for (const { _key, _version } of rows)
    if (typeof _version === 'number') newest.set(_key, Math.max(newest.get(_key) ?? 0, _version));
  return rows
    .filter(
      ({ _key, _version, _is_deleted }) =>
        typeof _version !== 'number' || (newest.get(_key) === _version && _is_deleted !== true),
    )
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !added.test(name))));
}
