// The yardstick of every throughput ratio: a bare split2(JSON.parse) loop over the same file in the same run.
import { createReadStream } from 'node:fs';
import split2 from 'split2';

/** Milliseconds that the bare loop takes over the lines of `file`. */
export async function bareLoop(file: string): Promise<number> {
  const began = performance.now();
  let count = 0;
  for await (const record of createReadStream(file).pipe(split2(JSON.parse))) if (record) count += 1;
  if (count === 0) throw new Error(`${file} has no lines`);
  return performance.now() - began;
}
