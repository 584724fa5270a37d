// Runs of records: neighbouring RECORD lines of one stream, passed on as one view on the block they came in.
import type { Arrival } from './connector.ts';
import { linesOf } from './lines.ts';

export interface RunReader {
  /** The stream of the RECORD line from `start` to `end` when it may pass unparsed, or undefined. */
  streamOf(start: number, end: number): string | undefined;
  /** What any other line stands for. */
  parsed(line: Buffer): Iterable<Arrival>;
}

/** The arrivals of a block of whole lines, in order. */
export function* recordRuns(block: Buffer, { streamOf, parsed }: RunReader): Generator<Arrival> {
  let run: { stream: string; start: number; end: number; count: number } | undefined;
  for (const { start, end } of linesOf(block)) {
    const stream = streamOf(start, end);
    if (run && stream === run.stream) {
      run.end = end;
      run.count += 1;
      continue;
    }
    if (run) yield recordsOf(block, run);
    run = stream === undefined ? undefined : { stream, start, end, count: 1 };
    if (stream === undefined) yield* parsed(block.subarray(start, end));
  }
  if (run) yield recordsOf(block, run);
}

const recordsOf = (
  block: Buffer,
  { stream, start, end, count }: { stream: string; start: number; end: number; count: number },
): Arrival => ({ kind: 'records', stream, bytes: block.subarray(start, end), count });
