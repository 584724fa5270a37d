// Source to destination: RECORD lines pass as they are, unparsed; what concerns the runner is handed to it.
import type { Readable, Writable } from 'node:stream';
import { HeadReader, lineBlocks, linesOf, type Message, streamKey } from '@airbyte/cdk-typescript-shim';

export interface RelayWatcher {
  /** `count` records of a stream passed. */
  records(stream: string, count: number): void;
  /** Each of them, for who keeps an audit trail: its line in the block, and the length of the part that tells the stream. */
  record?(
    stream: string,
    block: Buffer,
    line: { readonly start: number; readonly end: number; readonly head?: number },
  ): void;
  /** A line of the source that is not a RECORD, parsed. CONTROL is awaited before anything else passes. */
  message(message: Message): Promise<void> | void;
}

/**
 * Copies lines with back-pressure until the source ends or the destination goes away. LOG and CONTROL are for the
 * runner and stay here; everything else passes byte for byte.
 */
export async function relay(from: Readable, to: Writable, watcher: RelayWatcher): Promise<void> {
  const heads = new HeadReader();
  const gone = new Promise<void>((resolve) => to.once('close', resolve));
  for await (const block of lineBlocks(from)) {
    for (const part of await parts(block, heads, watcher)) {
      if (to.destroyed || to.writableEnded) return;
      if (!to.write(part))
        await Promise.race([gone, new Promise<void>((resolve) => to.once('drain', resolve))]);
    }
  }
}

/** The parts of a block that pass on: whole, but for the lines that are the runner's own. */
async function parts(block: Buffer, heads: HeadReader, watcher: RelayWatcher): Promise<readonly Buffer[]> {
  const passing: Buffer[] = [];
  let from = 0;
  const counter = new Counter(watcher);
  for (const { start, end } of linesOf(block)) {
    const head = heads.read(block, start, end);
    if (head) {
      const stream = counter.count(head);
      watcher.record?.(stream, block, { start, end, head: head.length });
      continue;
    }
    const message = parse(block.subarray(start, end));
    if (message?.type === 'RECORD' && typeof message.record?.stream === 'string') {
      watcher.record?.(counter.count(message.record), block, { start, end });
      continue;
    }
    // What the watcher hears is in the order of the lines.
    counter.report();
    if (message) await watcher.message(message);
    if (message?.type !== 'LOG' && message?.type !== 'CONTROL') continue;
    if (start > from) passing.push(block.subarray(from, start));
    from = end;
  }
  counter.report();
  if (from < block.length) passing.push(block.subarray(from));
  return passing;
}

/** Counts records that follow each other in one stream, so that the watcher is told of them at once. */
class Counter {
  readonly #watcher: RelayWatcher;
  #head: object | undefined;
  #stream = '';
  #count = 0;

  constructor(watcher: RelayWatcher) {
    this.#watcher = watcher;
  }

  /** Counts a record and gives the key of its stream. The head of line after line is one object. */
  count(head: { readonly stream: string; readonly namespace?: string | null }): string {
    if (head !== this.#head) {
      const stream = streamKey(head.stream, head.namespace);
      if (stream !== this.#stream) this.report();
      this.#head = head;
      this.#stream = stream;
    }
    this.#count += 1;
    return this.#stream;
  }

  report(): void {
    if (this.#count > 0) this.#watcher.records(this.#stream, this.#count);
    this.#count = 0;
  }
}

/** A line as a message; undefined for what is none, which the destination rejects and counts. */
function parse(line: Buffer): Message | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
