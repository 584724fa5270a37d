// Fault scripts: what an emulator does wrong on purpose, request by request.

/** One scripted fault. It hits the next `times` requests that match `method` and `path`, after letting `skip` matches through. */
export interface Fault {
  readonly method?: string;
  /** Matched against the path with its query, e.g. /Invoices/ or /\/sql\/statements$/. */
  readonly path?: RegExp;
  readonly times?: number;
  readonly skip?: number;
  readonly does: FaultAction;
}

export type FaultAction =
  /** Answers with this status instead of doing the work. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Cuts the connection: before the work is done, or after it (the answer is lost, the effect stays). */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** Does the work but answers with only the first half of the body, under a matching content-length. */
  | { readonly kind: 'truncate' }
  /** Waits (emulator time) before doing the work. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

/** The faults still to come, in order; the first one that matches a request takes it. */
export class FaultScript {
  #pending: { fault: Fault; skip: number; left: number }[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) this.#pending.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** The action for this request, if a fault matches it; counts the match. */
  take(method: string, path: string): FaultAction | undefined {
    for (const entry of this.#pending) {
      const { fault } = entry;
      if (fault.method && fault.method !== method) continue;
      if (fault.path && !fault.path.test(path)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      if (entry.left === 0) this.#pending = this.#pending.filter((other) => other !== entry);
      return fault.does;
    }
    return undefined;
  }
}
