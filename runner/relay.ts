// Source to destination: RECORD lines pass as they are, unparsed; what concerns the runner is handed to it.
import type { Readable, Writable } from 'node:stream';
import { HeadReader, lineBlocks, linesOf, type Message, streamKey } from '@airbyte/cdk-typescript-shim';

export interface RelayWatcher {
  /** `count` records of a stream passed. */
  records(stream: string, count: number): void;
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
  let run = { stream: '', count: 0 };
  const report = () => {
    if (run.count > 0) watcher.records(run.stream, run.count);
  };
  for (const { start, end } of linesOf(block)) {
    const head = heads.read(block, start, end);
    if (head) {
      const stream = streamKey(head.stream, head.namespace);
      if (stream !== run.stream) {
        report();
        run = { stream, count: 0 };
      }
      run.count += 1;
      continue;
    }
    const message = parse(block.subarray(start, end));
    if (message) await watcher.message(message);
    if (message?.type !== 'LOG' && message?.type !== 'CONTROL') continue;
    if (start > from) passing.push(block.subarray(from, start));
    from = end;
  }
  report();
  if (from < block.length) passing.push(block.subarray(from));
  return passing;
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
