// The longest line a target takes: what cannot be held is an error with a name, not a death by memory.
import { configError } from '../errors.ts';

/** Bytes of the longest line: half of `elt.buffer_size` (100 MiB), which Meltano itself breaks off at (its PR 8917). */
export const longestLine = 50 * 1024 * 1024;

/** Passes the chunks on; throws a config error as soon as a line is longer than `limit` bytes. */
export async function* limitedLines(
  chunks: AsyncIterable<Buffer>,
  limit: number = longestLine,
): AsyncGenerator<Buffer> {
  let begun = 0;
  for await (const chunk of chunks) {
    const first = chunk.indexOf(0x0a);
    const last = chunk.lastIndexOf(0x0a);
    const longest = first === -1 ? begun + chunk.length : begun + first;
    if (longest > limit)
      throw configError(
        `Cannot take a line of more than ${Math.round(limit / 1024 / 1024)} MiB: leave the large field out by the tap's catalog`,
      );
    begun = last === -1 ? begun + chunk.length : chunk.length - last - 1;
    yield chunk;
  }
}
