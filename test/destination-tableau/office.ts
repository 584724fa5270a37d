// A Tableau site for one test: the emulator, settings that reach it, runs of `write` against it, and what they said.
import { join } from 'node:path';
import type { ConfiguredCatalog, Message } from '@airbyte/cdk-typescript-shim';
import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import { tableau } from '../../destination-tableau/index.ts';
import { writeAll } from '../conformance/in-process.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';
import { startTableau, type TableauEmulator, type TableauOptions } from '../emulators/tableau/index.ts';
import { temporaryFolder } from '../program.ts';

export type Settings = Readonly<Record<string, unknown>>;

export interface Office {
  readonly emulator: TableauEmulator;
  readonly clock: FastClock;
  readonly config: Settings;
  /** One run; throws what it throws. */
  write(
    input: readonly (Message | string)[],
    catalog: ConfiguredCatalog,
    changes?: Settings,
  ): Promise<Message[]>;
  check(changes?: Settings): Promise<{ readonly ok: boolean; readonly message: string }>;
  /** Kinds of the jobs since the last call. */
  newJobs(): readonly string[];
  /** How many data sources were downloaded so far. */
  downloads(): number;
}

export const destination = tableau();

export interface OfficeOptions extends Partial<Omit<TableauOptions, 'clock'>> {
  /** How many times as fast as ours its clock runs. The faster, the more often jobs are asked for while hyperd works. */
  readonly rate?: number;
}

/** Opens a site whose clock runs faster than ours; closed with the test. */
export async function openOffice({ rate = 200, ...options }: OfficeOptions = {}): Promise<Office> {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate });
  const emulator = await startTableau({ clock, ...options });
  onTestFinished(() => emulator.close());
  const { pat, site, url } = emulator.config;
  const config = {
    server: url,
    site,
    credentials: { auth_type: 'pat', token_name: pat.name, token_secret: pat.secret },
    hyperd_path: await findHyperd(),
    reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
  };
  let seen = 0;
  return {
    emulator,
    clock,
    config,
    write: (input, catalog, changes = {}) =>
      writeAll(destination, { clock, config: { ...config, ...changes }, catalog, input }),
    check: async (changes = {}) => {
      const { contextOf } = await import('../conformance/in-process.ts');
      const context = await contextOf(destination, { clock, config: { ...config, ...changes } }, []);
      return await destination.check(context);
    },
    newJobs: () => {
      const kinds = emulator.jobs.log.slice(seen).map(({ kind }) => kind);
      seen = emulator.jobs.log.length;
      return kinds;
    },
    downloads: () =>
      emulator.requests.filter(({ url: { pathname } }) => pathname.endsWith('/content')).length,
  };
}

/** JSON objects of LOG lines. */
export const audited = (messages: readonly Message[]): readonly Record<string, unknown>[] =>
  messages.flatMap((message) => {
    if (message.type !== 'LOG' || !message.log.message.startsWith('{')) return [];
    return [JSON.parse(message.log.message) as Record<string, unknown>];
  });

export const warnings = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap((message) =>
    message.type === 'LOG' && message.log.level === 'WARN' ? [message.log.message] : [],
  );

export const statesIn = (messages: readonly Message[]): number =>
  messages.filter(({ type }) => type === 'STATE').length;

export interface StreamOptions {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly keys?: readonly string[];
  readonly mode?: 'append' | 'overwrite' | 'append_dedup';
}

/** A catalog of streams, keyed by `id` unless said otherwise. */
export const catalog = (streams: Readonly<Record<string, StreamOptions>>): ConfiguredCatalog => ({
  streams: Object.entries(streams).map(([name, { properties, keys = ['id'], mode = 'append_dedup' }]) => ({
    stream: {
      name,
      json_schema: { type: 'object', properties },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_primary_key: keys.map((key) => [key]),
    },
    sync_mode: mode === 'overwrite' ? 'full_refresh' : 'incremental',
    destination_sync_mode: mode,
    primary_key: keys.map((key) => [key]),
  })) as ConfiguredCatalog['streams'],
});

let minute = 0;

/** A record, read a minute after the one before. */
export const row = (stream: string, data: Record<string, unknown>): Message => {
  minute += 1;
  return recordMessage(stream, data, Date.UTC(2026, 0, 2) + minute * 60_000);
};

export const gone = (stream: string, keys: Record<string, unknown>): Message =>
  row(stream, { ...keys, _ab_cdc_deleted_at: '2026-03-01T00:00:00Z' });

export const state = (stream: string, cursor: number): Message => stateMessage(stream, { cursor }, 1);
export const complete = (stream: string): Message => streamStatusMessage(stream, 'COMPLETE', 1);
