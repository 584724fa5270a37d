// What a pipeline remembers between runs, in a folder: states, the job's number, and settings the source rotated.
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type StateBody, streamKey, systemError } from '@airbyte/cdk-typescript-shim';

export type Config = Readonly<Record<string, unknown>>;

interface Job {
  readonly number: number;
  readonly finished: boolean;
}

/** A value of the configuration that the source replaced, and the hash of the value it replaced. */
interface Rotation {
  readonly path: readonly string[];
  readonly replaced: string;
  readonly value: unknown;
}

/** The memory of one pipeline. Every write is whole or not at all, and on disk when it resolves. */
export class PipelineStore {
  readonly #folder: string;
  readonly #states: Map<string, StateBody>;

  private constructor(folder: string, states: readonly StateBody[]) {
    this.#folder = folder;
    this.#states = new Map(states.map((state) => [keyOf(state), state]));
  }

  static async open(folder: string): Promise<PipelineStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new PipelineStore(folder, (await readJson<StateBody[]>(join(folder, 'state.json'))) ?? []);
  }

  /** The newest state of each stream, as the destination gave it back. */
  get states(): readonly StateBody[] {
    return [...this.#states.values()];
  }

  async keepState(state: StateBody): Promise<void> {
    const { destinationStats: _, sourceStats: __, ...kept } = state;
    this.#states.set(keyOf(kept), kept);
    await writeJson(this.#folder, 'state.json', this.states);
  }

  /** The number of this run's job: the last one again when it did not finish, so that its rows are known as its own. */
  async beginJob(): Promise<number> {
    const last = await readJson<Job>(join(this.#folder, 'job.json'));
    const number = last ? (last.finished ? last.number + 1 : last.number) : 1;
    await writeJson(this.#folder, 'job.json', { number, finished: false });
    return number;
  }

  async finishJob(number: number): Promise<void> {
    await writeJson(this.#folder, 'job.json', { number, finished: true });
  }

  /** `config` with the values that the source rotated, except where the person has changed them since. */
  async withRotations(config: Config): Promise<Config> {
    const rotations = (await readJson<Rotation[]>(join(this.#folder, 'rotated.json'))) ?? [];
    const current = structuredClone(config) as Record<string, unknown>;
    for (const { path, replaced, value } of rotations)
      if (hash(valueAt(config, path)) === replaced) setAt(current, path, value);
    return current;
  }

  /** Remembers what `rotated` (from a CONTROL) changed against the configuration as the person wrote it. */
  async keepRotation(written: Config, rotated: Config): Promise<void> {
    const rotations = changes(written, rotated, []).map((path) => ({
      path,
      replaced: hash(valueAt(written, path)),
      value: valueAt(rotated, path),
    }));
    await writeJson(this.#folder, 'rotated.json', rotations);
  }
}

const keyOf = (state: StateBody): string => {
  const descriptor = state.stream?.stream_descriptor;
  return descriptor ? streamKey(descriptor.name, descriptor.namespace) : `(${state.type ?? 'LEGACY'})`;
};

const hash = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths of the leaves in which two configurations differ. */
function changes(before: unknown, after: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (isBranch(before) && isBranch(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      changes(before[name], after[name], [...path, name]),
    );
  return hash(before) === hash(after) ? [] : [path];
}

const valueAt = (config: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (isBranch(value) ? value[name] : undefined), config);

function setAt(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    config[name] = value;
    return;
  }
  const branch = isBranch(config[name]) ? config[name] : {};
  config[name] = branch;
  setAt(branch, rest, value);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw systemError(
      `Cannot read "${file}": it is damaged, restore it from a backup or remove it to start afresh`,
    );
  }
}

/** Written beside and renamed, with the data on disk first; readable by its owner alone, for it may hold secrets. */
async function writeJson(folder: string, name: string, value: unknown): Promise<void> {
  const draft = join(folder, `.${name}.${process.pid}`);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value, null, 1)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, name));
}
