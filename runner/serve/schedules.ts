// Schedules at work: each firing makes one job among all runners, and what was missed while none ran is made up for once.
import type { Store } from '../store/contract.ts';
import type { Log } from './log.ts';
import type { Planned } from './planned.ts';

interface Entry {
  readonly planned: Planned;
  /** The next firing, without the offset; undefined: there is none to come. */
  base: number | undefined;
}

export interface SchedulesPorts {
  readonly store: Pick<Store, 'firings'>;
  readonly log: Log;
}

/** No timers: whoever holds it asks it often enough. */
export class Schedules {
  readonly #entries: readonly Entry[];
  readonly #ports: SchedulesPorts;
  #next = Number.NEGATIVE_INFINITY;

  private constructor(entries: readonly Entry[], ports: SchedulesPorts) {
    this.#entries = entries;
    this.#ports = ports;
  }

  /** A schedule that the store does not know begins with its first firing from `now` on. */
  static async open(plan: readonly Planned[], { now, ...ports }: SchedulesPorts & { readonly now: number }) {
    const { firings } = ports.store;
    await firings.begin(
      plan.map(({ name }) => name),
      now,
    );
    const last = await firings.all();
    const entries = plan.map((planned) => ({
      planned,
      base: planned.times.after(last.get(planned.name) ?? now),
    }));
    return new Schedules(entries, ports);
  }

  /** When the next one is due, milliseconds since the epoch; Infinity: never. */
  get next(): number {
    return this.#next;
  }

  /** Adds the jobs of all that are due. */
  async run(now: number): Promise<void> {
    if (now < this.#next) return;
    const due = this.#entries.filter((entry) => dueAt(entry) <= now);
    for (let start = 0; start < due.length; start += together)
      await this.#fire(due.slice(start, start + together), now);
    this.#next = this.#entries.reduce(
      (next, entry) => Math.min(next, dueAt(entry)),
      Number.POSITIVE_INFINITY,
    );
  }

  async #fire(entries: readonly Entry[], now: number): Promise<void> {
    const firings = entries.map(({ base, planned: { name, times, offset, job } }) => {
      // After a stop only the newest of the missed firings is made up for.
      const at = Math.max(base ?? 0, times.until(now - offset) ?? 0);
      return { name, at, job: { ...job, dueAt: at + offset } };
    });
    const added = await this.#ports.store.firings.fire(firings);
    for (const [index, entry] of entries.entries())
      entry.base = entry.planned.times.after(firings[index]?.at ?? now);
    for (const { id, pipeline, cause } of added)
      this.#ports.log.debug({ job: id, pipeline, cause }, 'job planned');
  }
}

/** A thousand tenants of one hour share few commits, and none of them is long. */
const together = 100;

const dueAt = ({ base, planned }: Entry): number =>
  base === undefined ? Number.POSITIVE_INFINITY : base + planned.offset;
