// A file of lines cut into batches: as many rows and bytes as one request may have, ready to be sent.
import { type FileHandle, open } from 'node:fs/promises';
import { batchIdLength, batchIdOffset, ordDigits } from './serialise.ts';

export interface Limits {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows that go into one request, or into several when it must be cut again. */
export interface Slice {
  /** The `$ord` of each row. */
  readonly ords: readonly number[];
  /** The longest line, in bytes. */
  readonly longest: number;
  /** No row follows. */
  readonly last: boolean;
  /** The body of a request for rows `from` up to `to`, with the batch's id in each. Good until the next one is asked for. */
  body(batch: string, from?: number, to?: number): Buffer;
  /** One row as text. */
  row(index: number): string;
}

const newline = 10;
const zero = 0x30;
const head = Buffer.from('{"rows":[');
const readBytes = 1 << 20;

/** Bytes around the rows of a request. */
const around = head.length + 2;

/** Slices in the order of the file, which holds one buffer of the largest body in memory. */
export async function* slices(path: string, limits: Limits): AsyncGenerator<Slice> {
  const file = await open(path, 'r');
  try {
    yield* cut(file, limits);
  } finally {
    await file.close();
  }
}

async function* cut(file: FileHandle, { rows, bytes }: Limits): AsyncGenerator<Slice> {
  const window = new Window(file, bytes);
  const bodies = new Bodies();
  for (;;) {
    const ends = await lineEnds(window, { rows, bytes: bytes - around });
    const [size] = ends.slice(-1);
    if (size === undefined) return;
    const last = window.waiting === size && !(await window.more());
    // A view: whoever asked for the slice is done with it before the next one is made.
    const { room, begin } = window;
    const follows = room[begin + size] ?? 0;
    yield sliceOf({ room, begin, ends }, { last, bodies });
    room[begin + size] = follows;
    window.drop(size);
  }
}

/** Where each line ends that still fits, the newline included. A line that is longer than a body may be goes alone. */
async function lineEnds(window: Window, { rows, bytes }: Limits): Promise<number[]> {
  const ends: number[] = [];
  for (let at = 0; ends.length < rows; ) {
    const end = window.newline(at) + 1;
    if (end === 0) {
      if (!(await window.more())) break;
      continue;
    }
    if (ends.length > 0 && end > bytes) break;
    ends.push(end);
    at = end;
  }
  return ends;
}

/** What was read of a file and not dropped yet, with room for the head of a body before it and the end behind it. */
class Window {
  readonly #file: FileHandle;
  room: Buffer;
  begin = head.length;
  #read: Buffer;
  #ended = false;

  constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.room = Buffer.allocUnsafe(bytes + 2 * readBytes);
    this.#read = this.room.subarray(0, this.begin);
  }

  get waiting(): number {
    return this.#read.length - this.begin;
  }

  /** The first newline from `at` on, counted from the beginning; negative: none was read. */
  newline(at: number): number {
    const found = this.#read.indexOf(newline, this.begin + at);
    return found < 0 ? -1 : found - this.begin;
  }

  drop(size: number): void {
    this.begin += size;
  }

  /** Reads on; false at the end of the file. */
  async more(): Promise<boolean> {
    if (this.#ended) return false;
    this.#makeRoom();
    const filled = this.#read.length;
    const length = Math.min(readBytes, this.room.length - filled - 1);
    const { bytesRead } = await this.#file.read(this.room, filled, length);
    this.#read = this.room.subarray(0, filled + bytesRead);
    this.#ended = bytesRead === 0;
    return !this.#ended;
  }

  #makeRoom(): void {
    const { waiting, room, begin } = this;
    if (room.length - this.#read.length > readBytes) return;
    const full = head.length + waiting + readBytes >= room.length;
    if (full) this.room = Buffer.allocUnsafe(room.length * 2);
    room.copy(this.room, head.length, begin, begin + waiting);
    this.begin = head.length;
    this.#read = this.room.subarray(0, head.length + waiting);
  }
}

/** One buffer serves for all bodies: there is one request at a time, and a new one of 12 MB for each would pile up. */
class Bodies {
  #room = Buffer.alloc(0);

  of(length: number): Buffer {
    if (this.#room.length < length) this.#room = Buffer.allocUnsafe(length);
    return this.#room.subarray(0, length);
  }
}

/** The number that a batch id's place holds: digits alone, so that no text has to be made for every row. */
function digitsAt(lines: Buffer, from: number): number {
  let value = 0;
  const end = from + batchIdLength;
  for (let at = end - ordDigits + 1; at < end; at += 1) value = value * 10 + (lines[at] ?? zero) - zero;
  return value;
}

interface Piece {
  readonly room: Buffer;
  /** Where the first line begins; there is room for the head of a body before it. */
  readonly begin: number;
  /** Where each line ends, from there on. */
  readonly ends: readonly number[];
}

function sliceOf(
  { room, begin, ends }: Piece,
  { last, bodies }: { readonly last: boolean; readonly bodies: Bodies },
): Slice {
  const size = ends[ends.length - 1] ?? 0;
  const startOf = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? 0));
  const ords: number[] = [];
  let longest = 0;
  for (let index = 0, start = 0; index < ends.length; index += 1) {
    const end = ends[index] ?? 0;
    ords.push(digitsAt(room, begin + start + batchIdOffset));
    longest = Math.max(longest, end - start);
    start = end;
  }
  /** The whole slice becomes a body where it lies; part of one elsewhere, so that the rest stays as it is. */
  const place = (from: number, to: number): Buffer => {
    const [first, end] = [startOf(from), ends[to - 1] ?? 0];
    if (end - first === size) return room.subarray(begin - head.length, begin + size + 1);
    const body = bodies.of(head.length + (end - first) + 1);
    room.copy(body, head.length, begin + first, begin + end);
    return body;
  };
  return {
    ords,
    longest,
    last,
    row: (index) => room.toString('utf8', begin + startOf(index), begin + (ends[index] ?? 0) - 1),
    body(batch, from = 0, to = ends.length) {
      const id = Buffer.from(batch.padEnd(batchIdLength).slice(0, batchIdLength), 'latin1');
      const body = place(from, to);
      head.copy(body);
      const shift = head.length - startOf(from);
      for (let index = from, start = startOf(from); index < to; index += 1) {
        const end = ends[index] ?? 0;
        body.set(id, shift + start + batchIdOffset);
        // The newline after a row becomes the comma.
        body[shift + end - 1] = 0x2c;
        start = end;
      }
      body[body.length - 2] = 0x5d;
      body[body.length - 1] = 0x7d;
      return body;
    },
  };
}
