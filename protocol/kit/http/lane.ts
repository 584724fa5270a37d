// The queue of one lane, and the news that an answer came.
import type { Gate } from './gate.ts';
import type { HttpRequest } from './http.ts';
import { firstOf } from './wait.ts';

/** Requests that are counted together; they take turns in the order they came. */
export class Lane {
  readonly name: string;
  readonly gates: readonly Gate[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, gates: readonly Gate[]) {
    this.name = name;
    this.gates = gates;
  }

  /** Runs `work` when all earlier turns are over; one that is given up does not let later ones overtake. */
  async turn<T>({ signal }: HttpRequest, work: () => Promise<T>): Promise<T> {
    const earlier = this.#last;
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#last = earlier.then(() => left);
    try {
      await firstOf([earlier], [signal]);
      return await work();
    } finally {
      leave();
    }
  }
}

/** Lets any number of waiters hear of the next answer. */
export class Answers {
  #heard = (): void => undefined;
  #next = this.#renew();

  next(): Promise<void> {
    return this.#next;
  }

  announce(): void {
    this.#heard();
    this.#next = this.#renew();
  }

  #renew(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }
}
