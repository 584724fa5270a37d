// A few things at a time.

/** Does `work` on every item, `width` at a time, in order of starting; the first failure stops what has not begun. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All lanes come to rest before a failure is told: nothing goes on behind the caller's back.
  const settled = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
}
