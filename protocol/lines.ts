// The line codec: which stream a RECORD line belongs to, found in its first bytes without parsing it.
import type { Message } from './messages.ts';

/** One message as its line, LF included. */
export const encodeLine = (message: Message): string => `${JSON.stringify(message)}\n`;

export interface RecordHead {
  readonly stream: string;
  /** Absent: the head does not tell (it may follow the data); null: it has none. */
  readonly namespace?: string | null;
  /** Length in bytes of the part that tells: lines that begin with the same bytes belong to the same stream. */
  readonly length: number;
}

/** Tells the stream of a RECORD line by its first bytes, or nothing: then the line must be parsed. */
export type TellHead = (line: Buffer) => RecordHead | undefined;

const headLimit = 1024;
const airbyteHead =
  /^\{\s*"type"\s*:\s*"RECORD"\s*,\s*"record"\s*:\s*\{\s*(?:"namespace"\s*:\s*(?:(null)|"([^"\\]*)")\s*,\s*)?"stream"\s*:\s*"([^"\\]+)"\s*,/;

/**
 * The head of an Airbyte RECORD line whose envelope comes in the order that JSON writers give it (type first,
 * stream before data), or undefined: then the line must be parsed. Names outside ASCII are told too.
 */
export function recordHead(line: Buffer): RecordHead | undefined {
  const head = airbyteHead.exec(line.toString('latin1', 0, Math.min(line.length, headLimit)));
  if (!head) return undefined;
  const [matched, nothing, namespace, stream = ''] = head;
  return {
    stream: utf8(stream),
    ...(nothing ? { namespace: null } : namespace === undefined ? {} : { namespace: utf8(namespace) }),
    length: matched.length,
  };
}

const singerHead = /^\{\s*"type"\s*:\s*"RECORD"\s*,\s*"stream"\s*:\s*"([^"\\]+)"\s*,\s*"record"\s*:\s*\{/;

/** As recordHead, for Singer: the head reaches into the record, just past its opening brace. */
export function singerRecordHead(line: Buffer): RecordHead | undefined {
  const head = singerHead.exec(line.toString('latin1', 0, Math.min(line.length, headLimit)));
  if (!head) return undefined;
  const [matched, stream = ''] = head;
  return { stream: utf8(stream), length: matched.length };
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** Tells the heads of lines in a block; remembers the last one, for most lines begin like the one before. */
export class HeadReader {
  readonly #tell: TellHead;
  #bytes = Buffer.alloc(0);
  #head: RecordHead | undefined;

  constructor(tell: TellHead = recordHead) {
    this.#tell = tell;
  }

  /** The head of the line from `start` to `end`, when its first bytes tell it. */
  read(block: Buffer, start: number, end: number): RecordHead | undefined {
    const length = this.#bytes.length;
    const same = length > 0 && end - start > length;
    if (same && block.compare(this.#bytes, 0, length, start, start + length) === 0) return this.#head;
    const line = block.subarray(start, end);
    const head = this.#tell(line);
    if (!head) return undefined;
    this.#bytes = Buffer.from(line.subarray(0, head.length));
    this.#head = head;
    return head;
  }
}

const lineFeed = 0x0a;

/**
 * Cuts a stream of bytes into blocks of whole lines: each block ends with LF, but for a last line that lacks it.
 * A line longer than a chunk is joined once, when its end has come.
 */
export async function* lineBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end === -1) {
      pending.push(chunk);
      continue;
    }
    const block = chunk.subarray(0, end + 1);
    yield pending.length === 0 ? block : Buffer.concat([...pending, block]);
    pending = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

/** The lines of a block with their LF, as views on it; blank ones are left out. */
export function* linesOf(block: Buffer): Generator<{ readonly start: number; readonly end: number }> {
  let start = 0;
  while (start < block.length) {
    const found = block.indexOf(lineFeed, start);
    const end = found === -1 ? block.length : found + 1;
    if (end - start > 1 || found === -1) yield { start, end };
    start = end;
  }
}
