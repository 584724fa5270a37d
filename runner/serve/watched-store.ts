// The store as the parts of the runner see it: a job that is added here wakes the loop, events that come are counted.
import type { NewEvent, Store } from '../store/contract.ts';

export interface StoreWatcher {
  /** A job was added that is due then. */
  added(dueAt: number): void;
  /** Events were taken; `known` of them had come before. */
  took(source: NewEvent['source'], counts: { readonly fresh: number; readonly known: number }): void;
}

export function watchedStore(store: Store, watcher: StoreWatcher): Store {
  return {
    ...store,
    jobs: {
      ...store.jobs,
      async add(job) {
        const added = await store.jobs.add(job);
        watcher.added(added.dueAt);
        return added;
      },
    },
    events: {
      ...store.events,
      async take(events) {
        const fresh = await store.events.take(events);
        for (const source of new Set(events.map((event) => event.source))) {
          const of = (list: readonly NewEvent[]) => list.filter((event) => event.source === source).length;
          watcher.took(source, { fresh: of(fresh), known: of(events) - of(fresh) });
        }
        return fresh;
      },
    },
  };
}
