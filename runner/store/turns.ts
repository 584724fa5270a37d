// One at a time per name, within this process.

const last = new Map<string, Promise<void>>();

/** Waits for the turn of `name` and gives the function that ends it. */
export async function turn(name: string): Promise<() => void> {
  const before = last.get(name);
  let end = (): void => undefined;
  const mine = new Promise<void>((resolve) => {
    end = resolve;
  });
  const tail = (before ?? Promise.resolve()).then(() => mine);
  last.set(name, tail);
  await before;
  return () => {
    if (last.get(name) === tail) last.delete(name);
    end();
  };
}
