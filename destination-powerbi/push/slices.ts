// A file of lines cut into batches: as many rows and bytes as one request may have, ready to be sent.
import { type FileHandle, open } from 'node:fs/promises';
import { batchIdLength, batchIdOffset } from './serialise.ts';

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
  let room = Buffer.allocUnsafe(bytes + readBytes);
  const bodies = new Bodies();
  let filled = 0;
  let ended = false;
  for (;;) {
    while (!ended && filled < Math.min(room.length, bytes + readBytes)) {
      const { bytesRead } = await file.read(room, filled, Math.min(readBytes, room.length - filled));
      filled += bytesRead;
      ended = bytesRead === 0;
    }
    const ends = lineEnds(room.subarray(0, filled), { rows, bytes: bytes - around });
    const [size] = ends.slice(-1);
    if (size === undefined) {
      if (ended) return;
      // One line is longer than a body may be: it goes alone, and Power BI decides.
      const larger = Buffer.allocUnsafe(room.length * 2);
      room.copy(larger, 0, 0, filled);
      room = larger;
      const { bytesRead } = await file.read(room, filled, room.length - filled);
      filled += bytesRead;
      ended = bytesRead === 0;
      continue;
    }
    // A view: whoever asked for the slice is done with it before the next one is made.
    yield sliceOf(room.subarray(0, size), ends, { last: ended && size === filled, bodies });
    room.copyWithin(0, size, filled);
    filled -= size;
  }
}

/** Where each line ends that still fits, the newline included. */
function lineEnds(text: Buffer, { rows, bytes }: Limits): number[] {
  const ends: number[] = [];
  for (let at = 0; ends.length < rows; ) {
    const end = text.indexOf(newline, at) + 1;
    if (end === 0 || (ends.length > 0 && end > bytes)) break;
    ends.push(end);
    at = end;
  }
  return ends;
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
  for (let at = from; at < from + batchIdLength; at += 1) value = value * 10 + (lines[at] ?? zero) - zero;
  return value;
}

function sliceOf(
  lines: Buffer,
  ends: readonly number[],
  { last, bodies }: { readonly last: boolean; readonly bodies: Bodies },
): Slice {
  const startOf = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? 0));
  const ords = ends.map((_, index) => digitsAt(lines, startOf(index) + batchIdOffset));
  const longest = ends.reduce((most, end, index) => Math.max(most, end - startOf(index)), 0);
  return {
    ords,
    longest,
    last,
    row: (index) => lines.toString('utf8', startOf(index), (ends[index] ?? 0) - 1),
    body(batch, from = 0, to = ends.length) {
      const [begin, end] = [startOf(from), ends[to - 1] ?? 0];
      const id = Buffer.from(batch.padEnd(batchIdLength).slice(0, batchIdLength), 'latin1');
      const body = bodies.of(head.length + (end - begin) + 1);
      head.copy(body);
      lines.copy(body, head.length, begin, end);
      for (let index = from; index < to; index += 1) {
        const at = head.length + startOf(index) - begin;
        body.set(id, at + batchIdOffset);
        // The newline after a row becomes the comma, or the end of the list.
        body[head.length + (ends[index] ?? 0) - begin - 1] = index === to - 1 ? 0x5d : 0x2c;
      }
      body[body.length - 1] = 0x7d;
      return body;
    },
  };
}
