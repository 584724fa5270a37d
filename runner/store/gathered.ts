// Calls that come while one is under way wait together and are done as one: many small writes share a commit.

/**
 * `work` for lists that are joined; every caller gets the answer for the whole, or its failure. Nothing waits longer
 * than for the call before it.
 */
export function gathered<Item, Answer>(
  work: (items: readonly Item[]) => Promise<Answer>,
): (items: readonly Item[]) => Promise<Answer> {
  let running: Promise<unknown> | undefined;
  let waiting: { readonly items: Item[]; readonly answer: Promise<Answer> } | undefined;
  return (items) => {
    if (waiting) {
      for (const item of items) waiting.items.push(item);
      return waiting.answer;
    }
    const batch: Item[] = [...items];
    const begin = async (): Promise<Answer> => {
      // Without one under way, a turn of the loop still gathers what has arrived with this call.
      await (running?.catch(() => undefined) ?? new Promise<void>((resolve) => setImmediate(resolve)));
      waiting = undefined;
      const done = work(batch);
      running = done;
      try {
        return await done;
      } finally {
        if (running === done) running = undefined;
      }
    };
    const answer = begin();
    waiting = { items: batch, answer };
    return answer;
  };
}
