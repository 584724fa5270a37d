// Runs several generators side by side and passes their values on as they come.

/**
 * The values of all sources, `width` sources at a time, each source's own in order; returns what the sources returned, in
 * the order in which they ended. A source is asked for its next value only once the last one was taken. When one throws,
 * or the caller stops, the others are ended.
 */
export async function* interleave<Value, Result>(
  sources: readonly AsyncGenerator<Value, Result>[],
  width: number,
): AsyncGenerator<Value, readonly Result[]> {
  const waiting = [...sources];
  const running = new Map<AsyncGenerator<Value, Result>, Promise<Turn<Value, Result>>>();
  const results: Result[] = [];
  try {
    for (;;) {
      for (const source of waiting.splice(0, width - running.size)) running.set(source, turnOf(source));
      if (running.size === 0) return results;
      const { source, next } = await Promise.race(running.values());
      if (next.done) {
        running.delete(source);
        results.push(next.value);
      } else {
        yield next.value;
        running.set(source, turnOf(source));
      }
    }
  } finally {
    for (const [source, turn] of running) {
      // Nobody waits for these any more, so nobody else would hear of their failures.
      turn.catch(() => undefined);
      source.return(undefined as never).catch(() => undefined);
    }
  }
}

interface Turn<Value, Result> {
  readonly source: AsyncGenerator<Value, Result>;
  readonly next: IteratorResult<Value, Result>;
}

const turnOf = async <Value, Result>(
  source: AsyncGenerator<Value, Result>,
): Promise<Turn<Value, Result>> => ({
  source,
  next: await source.next(),
});
