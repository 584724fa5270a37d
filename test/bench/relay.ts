// How fast the runner relays, against the bare loop: RECORD lines from a file to a sink that counts bytes.
import { Writable } from 'node:stream';
import { relay } from '../../runner/run/relay.ts';
import { bytesOf } from './baseline.ts';

/** Milliseconds that the relay takes over the lines of `file`. */
export async function timeRelay(file: string): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done();
    },
  });
  let records = 0;
  const began = performance.now();
  await relay(bytesOf(file), sink, {
    records: (_, count) => {
      records += count;
    },
    message() {},
  });
  if (records === 0 || bytes === 0) throw new Error(`${file} was not relayed`);
  return performance.now() - began;
}
