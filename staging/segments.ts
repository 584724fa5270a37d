// Arrivals in, segments out: the whole of staging.
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Arrival,
  type Clock,
  type Declaration,
  type Message,
  referenceOrder,
} from '@airbyte/cdk-typescript-shim';
import { findSuperseded } from './collapse.ts';
import { type Collected, collect } from './collect.ts';
import { type Database, openDatabase } from './database.ts';
import { type Plans, planTables } from './plan.ts';
import { type Projected, Projector } from './project.ts';
import { Rejects } from './rejects.ts';
import type { Spooled } from './spool.ts';
import { countDelivered, type StagedContents, stagedTable } from './staged.ts';
import { settled } from './states.ts';
import type { Segment, StagedTable, StagingOptions } from './tables.ts';

export interface StagingPorts {
  readonly clock: Clock;
  say(message: Message): Promise<void>;
}

const mebibyte = 1024 * 1024;

const defaults = {
  segmentBytes: 256 * mebibyte,
  // Certified Airbyte destinations give states back within 15 minutes and deliver about every 10.
  segmentMilliseconds: 600_000,
  memory: 192,
} as const;

/**
 * Stages what arrives: yields segments in order, each complete in itself. The lines of the next segment are spooled
 * while one is being delivered; a segment's tables can be read until its `discard()` or the end of the generator,
 * which removes the folder. Lines that cannot be used are counted in one WARN at the end; with `onReject: 'fail'`
 * the generator then throws a system error, after the last segment.
 */
export async function* segments(
  arrivals: AsyncIterable<Arrival>,
  options: StagingOptions,
  ports: StagingPorts,
): AsyncGenerator<Segment> {
  const folder = await workingFolder(options);
  const rejects = new Rejects(options.rejectFile ?? `rejects-${fileName(options.job)}.jsonl`);
  const stop = new AbortController();
  const stager = new Stager(options, { folder, rejects });
  const { segmentBytes = defaults.segmentBytes, segmentMilliseconds = defaults.segmentMilliseconds } =
    options;
  const gathered = collect(
    arrivals,
    { folder, mark: stager.mark, segmentBytes, segmentMilliseconds, stopped: stop.signal },
    { ...ports, rejects },
  );
  let gathering = ahead(gathered.next());
  const staged = async (): Promise<Segment | undefined> => {
    for (;;) {
      const { done, value } = await gathering;
      if (done || stop.signal.aborted) return undefined;
      gathering = ahead(gathered.next());
      const segment = await stager.segment(value);
      if (segment) return segment;
    }
  };
  let next: Promise<Segment | undefined> | undefined;
  try {
    await stager.open();
    for (;;) {
      const segment = await (next ?? staged());
      if (!segment) break;
      if (options.ahead) next = ahead(staged());
      yield segment;
    }
    const summary = rejects.summary();
    if (summary) await ports.say(summary);
    const failure = options.onReject === 'fail' ? rejects.failure() : undefined;
    if (failure) throw failure;
  } finally {
    stop.abort();
    await next?.catch(() => undefined);
    await gathering.catch(() => undefined);
    stager.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was asked for before it is wanted: a failure waits until somebody awaits it. */
function ahead<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => undefined);
  return asked;
}

async function workingFolder({ folder }: StagingOptions): Promise<string> {
  if (folder === undefined) return await mkdtemp(join(tmpdir(), 'ledgerpipe-'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return await mkdtemp(join(folder, 'staging-'));
}

const fileName = (job: string): string => job.replace(/[^A-Za-z0-9_.-]+/g, '_');

/** Makes segments of what was gathered. */
class Stager {
  /** Put before quoted numerals in the spool: no data holds it. */
  readonly mark = `${randomUUID()}:`;
  readonly #options: StagingOptions;
  readonly #folder: string;
  readonly #rejects: Rejects;
  #database: Database | undefined;
  #projector: Projector | undefined;
  #number = 0;
  #supersededFiles = 0;

  constructor(options: StagingOptions, { folder, rejects }: { folder: string; rejects: Rejects }) {
    this.#options = options;
    this.#folder = folder;
    this.#rejects = rejects;
  }

  close(): void {
    this.#database?.close();
  }

  async segment({ streams, states, completed, declared, opened }: Collected): Promise<Segment | undefined> {
    const names = this.#options.names ?? 'original';
    const tables: StagedTable[] = [];
    const used: string[] = [];
    for (const spooled of ordered(streams, declared)) {
      const plans = planTables(spooled.declaration, declared, { names });
      for (const contents of await this.#stream(spooled, { plans, opened, index: tables.length })) {
        used.push(
          ...contents.files.map(({ path }) => path),
          ...(contents.superseded ? [contents.superseded] : []),
        );
        tables.push(stagedTable(contents, await this.open()));
      }
    }
    if (tables.length + states.length + completed.length === 0) return undefined;
    const number = this.#number;
    this.#number += 1;
    return {
      number,
      tables,
      completed,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      settle: () => states.map((state) => settled(state, this.#rejects.of)),
      discard: async () => {
        await Promise.all(used.map((path) => rm(path, { force: true })));
      },
    };
  }

  /** The tables of a stream; none when it is not replaced and all its lines were rejected. */
  async #stream(
    spooled: Spooled,
    { plans, opened, index }: { plans: Plans; opened: number; index: number },
  ): Promise<readonly StagedContents[]> {
    const { declaration } = spooled;
    const batch = spooled.digest.slice(0, 32);
    const job = declaration.job === undefined ? this.#options.job : String(declaration.job);
    const database = await this.open();
    const projector = await this.#projecting();
    const hashed = this.#options.rowHashes ?? true;
    const projected = await projector.project(spooled, plans, { batch, job, opened, hashed });
    const superseded = await this.#superseded(projected[0]);
    const replaced = declaration.mode === 'replace';
    const contents: StagedContents[] = [];
    for (const [place, { plan, files, tombstones }] of projected.entries()) {
      const known = {
        plan,
        columns: projector.columns(plan, plans[0]),
        files,
        batch,
        index: index + place,
        ...(superseded ? { superseded } : {}),
        withoutTombstones: replaced,
      };
      const all = { rows: files.reduce((sum, { rows }) => sum + rows, 0), tombstones };
      const counts = superseded || (replaced && tombstones > 0) ? await countDelivered(known, database) : all;
      contents.push({ ...known, ...counts });
    }
    const nothing = !replaced && contents[0]?.rows === 0;
    return nothing ? [] : contents;
  }

  async #superseded(main: Projected | undefined): Promise<string | undefined> {
    if (!main || main.files.length === 0 || main.plan.keys.length === 0 || main.plan.mode === 'append')
      return undefined;
    const path = join(this.#folder, `superseded-${this.#supersededFiles}.parquet`);
    this.#supersededFiles += 1;
    const count = await findSuperseded(await this.open(), main, path);
    return count > 0 ? path : undefined;
  }

  /** Opens the database, which takes a moment: lines can be spooled meanwhile. */
  async open(): Promise<Database> {
    const { memory = defaults.memory } = this.#options;
    this.#database ??= await openDatabase({ folder: join(this.#folder, 'spill'), memory });
    return this.#database;
  }

  async #projecting(): Promise<Projector> {
    this.#projector ??= new Projector({
      database: await this.open(),
      rejects: this.#rejects,
      mark: this.mark,
    });
    return this.#projector;
  }
}

/** Referenced streams first, so that facts find their dimensions. */
function ordered(streams: readonly Spooled[], declared: readonly Declaration[]): readonly Spooled[] {
  const bySchema = new Map(streams.map((spooled) => [spooled.declaration.stream, spooled]));
  return referenceOrder(declared, ({ name, schema }) => ({ name, schema })).flatMap(
    ({ stream }) => bySchema.get(stream) ?? [],
  );
}
