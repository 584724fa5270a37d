// Joins records that were taken one by one into runs, as destinations like them.
import type { Arrival } from '../connector.ts';

/** The same arrivals, neighbouring records of one stream as one. What came before an error is given out before it. */
export function* joinedRuns(arrivals: Iterable<Arrival>): Generator<Arrival> {
  let stream = '';
  let lines: Uint8Array[] = [];
  const run = function* (): Generator<Arrival> {
    if (lines.length > 0) yield { kind: 'records', stream, bytes: Buffer.concat(lines), count: lines.length };
    lines = [];
  };
  try {
    for (const arrival of arrivals) {
      if (arrival.kind !== 'records' || arrival.stream !== stream) yield* run();
      if (arrival.kind === 'records') {
        stream = arrival.stream;
        lines.push(arrival.bytes);
      } else yield arrival;
    }
  } catch (error) {
    yield* run();
    throw error;
  }
  yield* run();
}
