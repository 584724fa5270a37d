// One run of `write`: the server, its sessions, hyperd, and what is known about the places rows go to.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConnectorError,
  type Context,
  configError,
  type Declaration,
  type LogLevel,
  logMessage,
} from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import { runName } from '@ledgerpipe/staging';
import { type DataSource, findDataSource } from './api/data-sources.ts';
import { listProjects, type Project, projectAt } from './api/projects.ts';
import { Sessions, type Site } from './api/sessions.ts';
import { compareVersions, connect, type Server } from './api.ts';
import { Engine } from './hyper/engine.ts';
import { findHyperd } from './hyper/find.ts';
import { KnownSources } from './known.ts';
import { Newest } from './newest.ts';
import { type Place, placesOf } from './places.ts';
import type { Config } from './spec.ts';

export type Log = (level: LogLevel, message: string) => Promise<void>;

/** A project of a site, and its data sources. */
export interface Target {
  readonly place: Place;
  readonly site: Site;
  readonly project: Project;
  readonly sources: KnownSources;
}

export interface Tags {
  readonly add: readonly string[];
  readonly stale?: readonly string[];
}

export interface Run {
  readonly context: Context<Config>;
  readonly server: Server;
  readonly sessions: Sessions;
  readonly places: readonly Place[];
  /** Absent: there is no hyperd, and whole tables go as Parquet. */
  readonly engine: Engine | undefined;
  /** What the run has delivered, as far as versions of records go; absent with the engine. */
  readonly newest: Newest | undefined;
  /** For files on their way; only this user may read it. */
  readonly folder: string;
  readonly log: Log;
  readonly warnOnce: (message: string) => Promise<void>;
  readonly job: string;
  /** Streams in the order of their declaration, grown by what arrives. */
  readonly declared: Map<string, Declaration>;
  /** Plans with columns as wide as values have asked for, by stream and table. */
  readonly staged: Map<string, TablePlan>;
  /** The server reads .hyper files of version 3. */
  readonly wide: boolean;
  /** Bytes that an update may have; lowered when a site refuses more. */
  cap: number;
  /** RequestIDs of this run. */
  readonly sent: Set<string>;
  /** Sites that took rows. */
  readonly changed: Set<string>;
  target(place: Place, site: Site): Promise<Target>;
  /** A number that no file of the run has yet. */
  sequence(): number;
  discard(path: string): Promise<void>;
  /** Tags a source; that it cannot be tagged only costs a look into it next time. */
  mark(target: Target, source: DataSource, tags: Tags): Promise<DataSource>;
  /** Notes whose source has the name. Throws a config error when another stream's has it. */
  claim(target: Target, name: string, owner: string): void;
  close(): Promise<void>;
}

/** Server 2023.1 reads file version 3; it speaks 3.19. */
const wideSince = '3.19';

export const planKey = ({ name, declaration }: TablePlan): string =>
  JSON.stringify([declaration.stream, name]);

/** Asks the server for its version; nobody signs in before there is work on a site. */
export async function openRun(context: Context<Config>): Promise<Run> {
  const { config, clock, signal, say } = context;
  const log: Log = (level, message) => say(logMessage(level, message));
  const places = placesOf(config);
  const program = await findHyperd(config.hyperd_path);
  const server = await connect({
    server: config.server,
    clock,
    signal,
    updatesPerHour: config.updates_per_hour,
    onWait: ({ until, reason }) =>
      void log('INFO', `Waits until ${new Date(until).toISOString()}: ${reason}`),
  });
  const folder = await mkdtemp(join(config.working_folder ?? tmpdir(), 'ledgerpipe-tableau-'));
  await chmod(folder, 0o700);
  const sessions = new Sessions({ server, clock });
  const engine = program
    ? new Engine({ program, memoryMegabytes: config.hyperd_memory_megabytes, signal })
    : undefined;
  const targets = new Map<Place, Promise<Target>>();
  const known = new Map<string, KnownSources>();
  const told = new Set<string>();
  const owners = new Map<string, string>();
  let files = 0;
  const warnOnce = async (message: string): Promise<void> => {
    if (told.has(message)) return;
    told.add(message);
    await log('WARN', message);
  };
  return {
    context,
    server,
    sessions,
    places,
    engine,
    newest: engine && new Newest({ folder, engine, log }),
    folder,
    log,
    warnOnce,
    job: runName(clock),
    declared: new Map(),
    staged: new Map(),
    wide: compareVersions(server.version, wideSince) >= 0,
    cap: config.update_megabytes * 1_000_000,
    sent: new Set(),
    changed: new Set(),
    target: (place, site) => {
      const asked = targets.get(place) ?? openTarget(place, { site, known });
      targets.set(place, asked);
      asked.catch(() => targets.delete(place));
      return asked;
    },
    sequence: () => {
      files += 1;
      return files;
    },
    discard: (path) => rm(path, { force: true, recursive: true }),
    mark: async (target, source, tags) => {
      try {
        const tagged = await target.sources.tag(target.site, source, tags);
        if (tagged === source) return source;
        // Tags may count as a change of the source, and only later ones shall count as evidence.
        const now = await findDataSource(target.site, source.id);
        const known = { ...tagged, ...(now ? { updatedAt: now.updatedAt } : {}) };
        target.sources.put(known);
        return known;
      } catch (error) {
        const passing = error instanceof ConnectorError && error.kind === 'config';
        if (!passing) throw error;
        await warnOnce(
          `${error.message}; without its tags the data source is downloaded by each run, to see what it holds`,
        );
        return source;
      }
    },
    claim: (target, name, owner) => {
      const key = JSON.stringify([target.site.id, target.project.id, name.toLowerCase()]);
      const known = owners.get(key) ?? JSON.stringify([target.place.prefix, owner]);
      owners.set(key, known);
      if (known !== JSON.stringify([target.place.prefix, owner]))
        throw configError(
          `Cannot write stream "${owner}": another one has data source "${name}" in project "${target.project.name}" too, change a "name_prefix"`,
          { stream: owner },
        );
    },
    close: async () => {
      await engine?.close();
      await sessions.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openTarget(
  place: Place,
  { site, known }: { readonly site: Site; readonly known: Map<string, KnownSources> },
): Promise<Target> {
  const project = projectAt(await listProjects(site), { path: place.project, site: place.site });
  const sources = known.get(site.id) ?? new KnownSources();
  known.set(site.id, sources);
  return { place, site, project, sources };
}
