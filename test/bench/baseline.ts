// The yardstick of every throughput ratio: a bare split2(JSON.parse) loop over the same file in the same run.
import { createReadStream } from 'node:fs';
import split2 from 'split2';

/** The bytes of `file` in large chunks, so that neither side of a ratio waits for the disk's small ones. */
export const bytesOf = (file: string) => createReadStream(file, { highWaterMark: 1 << 20 });

/** Milliseconds that the bare loop takes over the lines of `file`. */
export async function bareLoop(file: string): Promise<number> {
  const began = performance.now();
  let count = 0;
  for await (const record of bytesOf(file).pipe(split2(JSON.parse))) if (record) count += 1;
  if (count === 0) throw new Error(`${file} has no lines`);
  return performance.now() - began;
}
