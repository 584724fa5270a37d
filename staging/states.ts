// States on their way: which records each covers, which must wait, and what it says when it comes out.
import type { Message, StateMessage } from '@airbyte/cdk-typescript-shim';

interface Range {
  readonly stream: string;
  /** Numbers of the records that it covers, among all of the stream in this run: from (included), to (not). */
  readonly from: number;
  readonly to: number;
}

export interface PendingState {
  readonly message: StateMessage;
  /** Absent: it covers all streams. */
  readonly stream: string | undefined;
  readonly covers: readonly Range[];
}

/** Keeps states in the order in which they came, until the records before them can be delivered. */
export class StateQueue {
  readonly #arrived = new Map<string, number>();
  readonly #covered = new Map<string, number>();
  #pending: PendingState[] = [];

  get size(): number {
    return this.#pending.length;
  }

  records(stream: string, count: number): void {
    this.#arrived.set(stream, this.arrived(stream) + count);
  }

  arrived(stream: string): number {
    return this.#arrived.get(stream) ?? 0;
  }

  add(message: StateMessage, stream: string | undefined): void {
    const streams = stream === undefined ? [...this.#arrived.keys()] : [stream];
    const covers = streams.map((covered) => ({
      stream: covered,
      from: this.#covered.get(covered) ?? 0,
      to: this.arrived(covered),
    }));
    for (const { stream: covered, to } of covers) this.#covered.set(covered, to);
    this.#pending.push({ message, stream, covers });
  }

  /**
   * Takes the states that can come out now. Those of a `withheld` stream stay; one that covers all streams stays
   * while a withheld stream has records before it, and keeps its likes behind it waiting.
   */
  release(withheld: ReadonlyMap<string, { readonly since: number }>): readonly PendingState[] {
    const released: PendingState[] = [];
    const kept: PendingState[] = [];
    let globalWaits = false;
    for (const state of this.#pending) {
      const waits: boolean =
        state.stream === undefined
          ? globalWaits || [...withheld].some(([stream, { since }]) => this.#reaches(state, stream, since))
          : withheld.has(state.stream);
      globalWaits ||= waits && state.stream === undefined;
      (waits ? kept : released).push(state);
    }
    this.#pending = kept;
    return released;
  }

  /** Drops the states that cover records of a stream which will never be delivered, from record `since` on. */
  drop(stream: string, since: number): void {
    this.#pending = this.#pending.filter(
      (state) =>
        state.stream !== stream && !(state.stream === undefined && this.#reaches(state, stream, since)),
    );
  }

  /** A state for all streams covers everything before it, not only what came since the last one. */
  #reaches(state: PendingState, stream: string, since: number): boolean {
    return state.covers.some((range) => range.stream === stream && range.to > since);
  }
}

/**
 * A state as it goes back: the same message, unknown keys intact, with the count of records it covers. `rejected`
 * gives the numbers of a stream's rejected records.
 */
export function settled(
  { message, covers }: PendingState,
  rejected: (stream: string) => readonly number[],
): Message {
  const received = covers.reduce((sum, { from, to }) => sum + to - from, 0);
  const refused = covers.reduce(
    (sum, { stream, from, to }) =>
      sum + rejected(stream).filter((ordinal) => ordinal >= from && ordinal < to).length,
    0,
  );
  const destinationStats = {
    recordCount: received - refused,
    ...(refused > 0 ? { rejectedRecordCount: refused } : {}),
  };
  return { ...message, state: { ...message.state, destinationStats } };
}
