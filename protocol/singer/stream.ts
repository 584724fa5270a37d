// What a target knows of one stream: its declaration, its version, and what no state covers yet.
import type { Declaration } from '../declaration.ts';
import { hasKeys, keyPatterns } from './keys.ts';

export interface TargetStreamParts {
  readonly id: string;
  /** The SCHEMA it was learnt from, to tell a repetition from a change. */
  readonly learnt: string;
  readonly check: (record: Readonly<Record<string, unknown>>) => string | undefined;
  readonly declare: (version: number | undefined) => Declaration;
  /** Whether versions are obeyed. */
  readonly versions: boolean;
  /** The same stream under its former schema. */
  readonly before?: TargetStream;
}

/** Behind the record there is room for a version and a time of extraction. */
const tailLength = 160;

const markOf = (version: number): RegExp => new RegExp(`"version"\\s*:\\s*${version}\\s*[,}]`);

export class TargetStream {
  readonly id: string;
  readonly keys: readonly string[];
  readonly learnt: string;
  readonly check: TargetStreamParts['check'];
  /** Records came that no STATE has followed. */
  uncovered = false;
  /** Its version was activated. */
  activated = false;
  readonly #patterns: readonly Buffer[];
  readonly #parts: TargetStreamParts;
  #declaration: Declaration;
  #version: number | undefined;
  /** The version as it stands behind a record. */
  #mark: RegExp | undefined;
  #known: boolean;

  constructor(keys: readonly string[], parts: TargetStreamParts) {
    const { before } = parts;
    this.id = parts.id;
    this.keys = keys;
    this.#patterns = keyPatterns(keys);
    this.learnt = parts.learnt;
    this.check = parts.check;
    this.uncovered = before?.uncovered ?? false;
    this.activated = before?.activated ?? false;
    this.#parts = parts;
    this.#version = before ? before.#version : undefined;
    this.#mark = this.#version === undefined ? undefined : markOf(this.#version);
    this.#declaration = parts.declare(this.#version);
    this.#known = !parts.versions;
  }

  get declaration(): Declaration {
    return this.#declaration;
  }

  /**
   * Whether a RECORD line can be passed on unparsed: a first one was seen, with or without a version, this one has the
   * same, and it holds the keys. The record begins at `record`, just past its brace.
   */
  takes(block: Buffer, { record, end }: { readonly record: number; readonly end: number }): boolean {
    if (!this.#known || !hasKeys(block, { start: record, end }, this.#patterns)) return false;
    return this.#mark?.test(block.toString('latin1', Math.max(record, end - tailLength), end)) ?? true;
  }

  /** Takes the version of a record or an activation; true when that changes the declaration. */
  sees(version: unknown): boolean {
    this.#known = true;
    if (!this.#parts.versions || version === this.#version) return false;
    if (typeof version !== 'number' || !Number.isSafeInteger(version)) return false;
    this.#version = version;
    this.activated = false;
    this.#mark = markOf(version);
    this.#declaration = this.#parts.declare(version);
    return true;
  }

  /** Why the end of the input does not make the table complete, or undefined. */
  unfinished({
    states,
    syncing,
  }: {
    readonly states: number;
    readonly syncing: unknown;
  }): string | undefined {
    if (this.#version !== undefined && !this.activated) return 'the tap did not activate its version';
    if (syncing === this.id) return 'the last STATE says that the tap was still reading it';
    // A tap that prints states prints one when a stream is done; one that prints none is a simple feeder.
    if (states > 0 && this.uncovered) return 'no STATE follows its last record';
    return undefined;
  }
}
