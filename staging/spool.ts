// One stream's lines on disk, as they came: stretches of limited size, and what is known of their lines.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import { scanNumerals } from './digits.ts';
import { Fingerprint } from './fingerprint.ts';

/** A stretch of lines, in one or more files. */
export interface SpoolFile {
  readonly paths: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** Number of its first record within the spool, and within all that arrived of the stream in this run. */
  readonly first: number;
  readonly ordinal: number;
  /** No line is longer, in bytes. */
  readonly longest: number;
  readonly marked: boolean;
  readonly exact: boolean;
}

export interface Spooled {
  /** The newest declaration. */
  readonly declaration: Declaration;
  readonly files: readonly SpoolFile[];
  readonly rows: number;
  readonly bytes: number;
  /** Fingerprint of the stream's name and its lines, 64 hexadecimal digits. */
  readonly digest: string;
}

/** Stretches of 32 MiB: two of them are projected at a time, and their rows make Parquet files of a handy size. */
const stretchBytes = 32 * 1024 * 1024;
/** DuckDB fills buffers of 32 MiB from each file it reads: small files leave most of a buffer untouched. */
const pieceBytes = 1 * 1024 * 1024;
const writeBytes = 512 * 1024;

export interface SpoolOptions {
  readonly folder: string;
  /** Start of the file names, unique in the folder. */
  readonly name: string;
  readonly mark: string;
  /** Records of the stream that arrived before this spool was opened. */
  readonly arrived: number;
}

type Stretch = { -readonly [K in keyof SpoolFile]: SpoolFile[K] } & { readonly paths: string[] };

/** Takes lines and writes them in few, large pieces. */
export class Spool {
  declaration: Declaration;
  readonly #options: SpoolOptions;
  readonly #fingerprint: Fingerprint;
  readonly #files: SpoolFile[] = [];
  #handle: FileHandle | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #current: Stretch;
  #pieceBytes = 0;
  #rows = 0;
  #bytes = 0;

  constructor(declaration: Declaration, options: SpoolOptions) {
    this.declaration = declaration;
    this.#options = options;
    this.#fingerprint = new Fingerprint(declaration.stream);
    this.#current = this.#next();
  }

  get rows(): number {
    return this.#rows;
  }

  /** Takes whole lines; `bytes` must not change afterwards. Resolves when more may come. */
  async add(bytes: Uint8Array, count: number): Promise<void> {
    this.#fingerprint.add(bytes);
    const scanned = scanNumerals(bytes, this.#options.mark);
    const file = this.#current;
    file.rows += count;
    file.bytes += scanned.bytes.length;
    file.longest = Math.max(file.longest, longestLine(scanned.bytes));
    file.marked ||= scanned.marked;
    file.exact ||= scanned.exact || scanned.marked;
    this.#rows += count;
    this.#bytes += bytes.length;
    this.#waiting.push(scanned.bytes);
    this.#waitingBytes += scanned.bytes.length;
    if (this.#waitingBytes >= writeBytes) await this.#write();
    if (file.bytes >= stretchBytes) await this.#rotate();
  }

  /** Ends the spool. */
  async finish(): Promise<Spooled> {
    await this.#rotate();
    return {
      declaration: this.declaration,
      files: this.#files,
      rows: this.#rows,
      bytes: this.#bytes,
      digest: this.#fingerprint.digest(),
    };
  }

  /** Ends the spool and forgets its lines. */
  async remove(): Promise<void> {
    this.#waiting = [];
    const { files } = await this.finish();
    await Promise.all(files.flatMap(({ paths }) => paths).map((path) => rm(path, { force: true })));
  }

  #next(): Stretch {
    const { arrived } = this.#options;
    return {
      paths: [],
      rows: 0,
      bytes: 0,
      first: this.#rows,
      ordinal: arrived + this.#rows,
      longest: 0,
      marked: false,
      exact: false,
    };
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#handle ??= await this.#openPiece();
    const lines = this.#waiting;
    this.#pieceBytes += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await writeAll(this.#handle, lines);
    if (this.#pieceBytes >= pieceBytes) await this.#closePiece();
  }

  async #openPiece(): Promise<FileHandle> {
    const { folder, name } = this.#options;
    const { paths } = this.#current;
    const path = join(folder, `${name}-${this.#files.length}-${paths.length}.jsonl`);
    paths.push(path);
    return await open(path, 'w', 0o600);
  }

  async #closePiece(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    this.#pieceBytes = 0;
  }

  async #rotate(): Promise<void> {
    await this.#write();
    await this.#closePiece();
    if (this.#current.bytes > 0) this.#files.push(this.#current);
    this.#current = this.#next();
  }
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const { bytesWritten } = await handle.writev(pieces);
  if (bytesWritten < wanted) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** Below this length nobody asks how long lines are exactly: DuckDB takes lines of 16 MiB unasked. */
const roomyLine = 8 * 1024 * 1024;
const lineFeed = 0x0a;

function longestLine(bytes: Uint8Array): number {
  if (bytes.length <= roomyLine) return bytes.length;
  let longest = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found + 1;
    longest = Math.max(longest, end - start);
    start = end;
  }
  return longest;
}
