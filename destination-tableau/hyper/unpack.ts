// Takes the .hyper file out of what Tableau gives for a download: a .tdsx, which is a zip archive, or the bare file.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { systemError } from '@airbyte/cdk-typescript-shim';

const endOfDirectory = 0x06054b50;
const endOfDirectory64 = 0x06064b50;
const locator64 = 0x07064b50;
const directoryEntry = 0x02014b50;

interface Entry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly size: number;
  readonly offset: number;
}

/** Writes the first .hyper file of the download to `path`. Throws a system error when there is none. */
export async function unpackHyper(content: Buffer, path: string): Promise<void> {
  await pipeline(hyperBytes(content), createWriteStream(path));
}

function hyperBytes(content: Buffer): Readable {
  // "HyPe": a bare .hyper file.
  if (content.subarray(0, 4).toString('latin1') === 'HyPe') return Readable.from([content]);
  if (content.readUInt16BE(0) !== 0x504b) throw unreadable('it is neither a .hyper file nor an archive');
  const entry = [...entries(content)].find(({ name }) => name.toLowerCase().endsWith('.hyper'));
  if (!entry) throw unreadable('it holds no .hyper file, so the extract was not included');
  // The local header has lengths of its own for name and extra field (APPNOTE 4.3.7).
  const start =
    entry.offset + 30 + content.readUInt16LE(entry.offset + 26) + content.readUInt16LE(entry.offset + 28);
  const packed = Readable.from([content.subarray(start, start + entry.size)]);
  if (entry.method === 0) return packed;
  if (entry.method === 8) return packed.pipe(createInflateRaw());
  throw unreadable(`its compression ${entry.method} is not known`);
}

function* entries(content: Buffer): Generator<Entry> {
  let { offset, count } = directory(content);
  for (; count > 0; count -= 1) {
    if (content.readUInt32LE(offset) !== directoryEntry) throw unreadable('its directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) =>
      content.readUInt16LE(offset + at),
    );
    const name = content.toString('utf8', offset + 46, offset + 46 + (nameLength ?? 0));
    const extra = offset + 46 + (nameLength ?? 0);
    yield {
      name,
      method: content.readUInt16LE(offset + 10),
      ...sizes(content, offset, { extra, length: extraLength ?? 0 }),
    };
    offset = extra + (extraLength ?? 0) + (commentLength ?? 0);
  }
}

const unknown32 = 0xffffffff;

/** Compressed size and place of an entry; large archives have them in the extra field (APPNOTE 4.5.3). */
function sizes(content: Buffer, offset: number, { extra, length }: { extra: number; length: number }) {
  const [full, packed, place] = [24, 20, 42].map((at) => content.readUInt32LE(offset + at));
  let [size, found] = [packed ?? 0, place ?? 0];
  for (let at = extra; at + 4 <= extra + length; at += 4 + content.readUInt16LE(at + 2)) {
    if (content.readUInt16LE(at) !== 1) continue;
    let value = at + 4 + (full === unknown32 ? 8 : 0);
    if (size === unknown32) {
      size = Number(content.readBigUInt64LE(value));
      value += 8;
    }
    if (found === unknown32) found = Number(content.readBigUInt64LE(value));
  }
  return { size, offset: found };
}

function directory(content: Buffer): { offset: number; count: number } {
  for (let at = content.length - 22; at >= Math.max(0, content.length - 65_557); at -= 1) {
    if (content.readUInt32LE(at) !== endOfDirectory) continue;
    if (at >= 20 && content.readUInt32LE(at - 20) === locator64) {
      const large = Number(content.readBigUInt64LE(at - 12));
      if (content.readUInt32LE(large) === endOfDirectory64)
        return {
          count: Number(content.readBigUInt64LE(large + 32)),
          offset: Number(content.readBigUInt64LE(large + 48)),
        };
    }
    return { count: content.readUInt16LE(at + 10), offset: content.readUInt32LE(at + 16) };
  }
  throw unreadable('its directory is missing');
}

const unreadable = (why: string): Error =>
  systemError(`Cannot read the downloaded data source: ${why}, report it with the log`);
