// Spooled lines to Parquet files of typed rows: fast first, and carefully where the fast way is refused.
import { rm } from 'node:fs/promises';
import { systemError } from '@airbyte/cdk-typescript-shim';
import { type Copied, copyRows, type RowFile } from './copy.ts';
import type { Database } from './database.ts';
import { Lessons } from './lessons.ts';
import { type MendedFile, mend } from './mend.ts';
import { rawId } from './meta.ts';
import type { Plans, RowPlan } from './plan.ts';
import type { Rejects } from './rejects.ts';
import { type BatchFacts, firstRawNumber, type LinesFile } from './select.ts';
import type { Spooled, SpoolFile } from './spool.ts';
import { identifier, literal } from './sql.ts';
import type { Column } from './tables.ts';

/** The rows of one table of a stream. */
export interface Projected {
  readonly plan: RowPlan;
  readonly files: readonly RowFile[];
  /** Rows with `_deleted_at`. */
  readonly tombstones: number;
}

export interface ProjectorPorts {
  readonly database: Database;
  readonly rejects: Rejects;
  readonly mark: string;
}

/** What is projected: a stream's tables, the main one first. */
interface Target {
  readonly main: RowPlan;
  readonly plans: Plans;
  readonly facts: BatchFacts;
}

/** Rows of one spooled file, table by table. */
interface Part {
  readonly files: readonly RowFile[];
  readonly tombstones: number;
}

/** Longer lines need more memory than is set aside for all others: so many bytes for each of theirs. */
const roomyLine = 4 * 1024 * 1024;
const memoryPerByte = 10;

/** Two files at a time, one processor each. */
const lanes = 2;

/** Projects the spools of a run, and remembers what their values taught. */
export class Projector {
  readonly #ports: ProjectorPorts;
  readonly #lessons = new Lessons();

  constructor(ports: ProjectorPorts) {
    this.#ports = ports;
  }

  /** The rows of a stream, table by table in the order of `plans`. Removes the spool's files. */
  async project(spooled: Spooled, plans: Plans, facts: BatchFacts): Promise<readonly Projected[]> {
    const target: Target = { main: plans[0], plans, facts };
    const parts = new Map<SpoolFile, Part>();
    const queue = [...spooled.files];
    const work = async (): Promise<void> => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const part = await this.#quickly(file, target);
        if (part) parts.set(file, part);
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
    // What is left is done alone, with all the memory there is.
    for (const file of spooled.files)
      if (!parts.has(file)) parts.set(file, await this.#carefully(file, target));
    const inOrder = spooled.files.flatMap((file) => parts.get(file) ?? []);
    return plans.map((plan, index) => ({
      plan,
      files: inOrder.flatMap(({ files }) => files[index] ?? []).filter(({ rows }) => rows > 0),
      tombstones: index === 0 ? inOrder.reduce((sum, part) => sum + part.tombstones, 0) : 0,
    }));
  }

  /** The columns of a table as wide as the run's values have asked for. */
  columns(plan: RowPlan, main: RowPlan): readonly Column[] {
    return this.#lessons.columns(plan, main);
  }

  /** The rows of a file, or nothing where that takes more care or more memory. */
  async #quickly(file: SpoolFile, target: Target): Promise<Part | undefined> {
    const { part } = await this.#copies(this.#asKnown(file, target), target).catch(failed);
    if (part) await remove(file.paths);
    return part;
  }

  /** The rows of a file, after its bad lines have been set aside and the others mended. */
  async #carefully(spooled: SpoolFile, target: Target): Promise<Part> {
    const refused = new Map<number, string>();
    let rewrite = false;
    let file: SpoolFile | MendedFile = spooled;
    for (;;) {
      const attempt = await this.#attempt(file, target);
      if (attempt.part) {
        if ('rejects' in file) await this.#ports.rejects.add(...file.rejects);
        await remove([...file.paths, ...spooled.paths]);
        return attempt.part;
      }
      if ('rejects' in file && !attempt.refused) {
        if (rewrite) throw unreadable(target, attempt.error);
        rewrite = true;
      }
      for (const [number, reason] of attempt.refused ?? []) refused.set(number, reason);
      const { declaration } = target.main;
      file = await mend(spooled, { declaration, mark: this.#ports.mark, refused, rewrite });
    }
  }

  #asKnown<F extends SpoolFile>(file: F, { main }: Target): F {
    return { ...file, exact: file.exact || this.#lessons.isExact(main.declaration.stream) };
  }

  /** Reads numbers as doubles where nothing speaks against it, else as text. */
  async #attempt(file: SpoolFile | MendedFile, target: Target): Promise<Attempt> {
    const known = this.#asKnown(file, target);
    const first = await this.#copies(known, target).catch(failed);
    if (known.exact || first.error === undefined) return first;
    const exact = await this.#copies({ ...file, exact: true }, target).catch(failed);
    // A value that is no number costs two readings: the files to come are read as text at once.
    if (exact.part) this.#lessons.readExactly(target.main.declaration.stream);
    return exact;
  }

  async #copies(file: SpoolFile | MendedFile, target: Target): Promise<Attempt> {
    const files: RowFile[] = [];
    let tombstones = 0;
    for (const [index, plan] of target.plans.entries()) {
      const copied = await this.#copy(file, {
        plan,
        target,
        path: `${file.paths[0] ?? ''}.${index}.parquet`,
      });
      if (index === 0) {
        if (copied.file.rows !== file.rows) return {};
        if (copied.keyless > 0) return { refused: await this.#keyless(copied.file.path, { target, file }) };
        tombstones = copied.tombstones;
      }
      files.push(copied.file);
    }
    return { part: { files, tombstones } };
  }

  async #copy(
    file: SpoolFile,
    { plan, target, path }: { plan: RowPlan; target: Target; path: string },
  ): Promise<Copied> {
    const { database, mark } = this.#ports;
    const lessons = this.#lessons;
    const { main, facts } = target;
    if (file.longest > roomyLine) await database.reserve(memoryPerByte * file.longest);
    const lineBytes = Math.ceil(file.bytes / Math.max(1, file.rows));
    return await copyRows(
      { plan, main, lessons, file: linesFile(file, mark) },
      { database, lessons, facts, lineBytes, path },
    );
  }

  /** The numbers in the spooled file of the records without a key, each with the reason. */
  async #keyless(
    path: string,
    { target, file }: { target: Target; file: SpoolFile | MendedFile },
  ): Promise<ReadonlyMap<number, string>> {
    const { keys } = target.main;
    const missing = keys.map((name) => `${identifier(name)} IS NULL`);
    const named = keys.map((name, index) => `CASE WHEN ${missing[index]} THEN ${literal(`"${name}"`)} END`);
    const rows = await this.#ports.database.rows(
      `SELECT ${rawId} AS id, _airbyte_meta IS NULL AS missing, concat_ws(', ', ${[`''`, ...named].join(', ')}) AS keys
        FROM read_parquet(${literal(path)}) WHERE ${[...missing, '_airbyte_meta IS NULL'].join(' OR ')}`,
    );
    const origins = 'origins' in file ? file.origins : undefined;
    return new Map(
      rows.map(({ id, missing, keys }) => {
        const number = Number(String(id).slice(-12)) - firstRawNumber - file.first;
        const reason = missing ? 'no record' : `no usable value for key ${String(keys).replace(/^, /, '')}`;
        return [origins?.[number] ?? number, reason];
      }),
    );
  }
}

interface Attempt {
  readonly part?: Part;
  /** Lines to be set aside before anything of the file can be used. */
  readonly refused?: ReadonlyMap<number, string>;
  readonly error?: unknown;
}

const remove = async (paths: readonly string[]): Promise<void> => {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
};

const failed = (error: unknown): Attempt => ({ error });

const linesFile = (file: SpoolFile, mark: string): LinesFile => ({
  paths: file.paths,
  first: file.first,
  longest: file.longest,
  exact: file.exact,
  ...(file.marked ? { mark } : {}),
});

const unreadable = ({ main }: Target, error: unknown) =>
  systemError(
    `Cannot read the records of stream "${main.declaration.stream}": the embedded database refused them`,
    {
      detail: error instanceof Error ? error.message : String(error),
      stream: main.declaration.stream,
      cause: error,
    },
  );
