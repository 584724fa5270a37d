// Hooks that tests hang between calls: added, run in order, taken out again.

export interface Hooks<C> {
  run(call: C): Promise<void>;
  /** Adds a hook; gives a function that takes it out again. */
  add(hook: (call: C) => void | Promise<void>): () => void;
}

export function hooks<C>(): Hooks<C> {
  const held = new Set<(call: C) => void | Promise<void>>();
  return {
    run: async (call) => {
      for (const hook of held) await hook(call);
    },
    add: (hook) => {
      held.add(hook);
      return () => void held.delete(hook);
    },
  };
}
