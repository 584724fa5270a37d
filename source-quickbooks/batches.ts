// Runs strategies side by side and sends what they ask for in as few calls as it fits into.
import { asConnectorError, type ConnectorError } from '@airbyte/cdk-typescript-shim';
import type { Answers } from './api.ts';
import type { Ask, Course, Step } from './reading.ts';
import type { Stream } from './streams.ts';

export interface Runner<Result> {
  readonly stream: Stream;
  readonly course: Course<Result>;
}

/** How a strategy ended: with its result, or with the failure of its stream. */
export type Ended<Result> =
  | { readonly stream: Stream; readonly result: Result }
  | { readonly stream: Stream; readonly failure: ConnectorError };

/**
 * Yields the steps of all strategies, and how each ended. The first in the list go first in every call, so that streams
 * which others refer to are done before these; a call is sent only when every strategy waits for one. A failure of the
 * call itself is thrown.
 */
export async function* runAll<Result>(
  runners: readonly Runner<Result>[],
  { ask, width }: { ask: (statements: readonly string[]) => Promise<Answers>; width: number },
): AsyncGenerator<Step | Ended<Result>> {
  const waiting = new Map<Runner<Result>, Ask>();
  for (const runner of runners) yield* advance(runner, waiting);
  while (waiting.size > 0) {
    const shares = sharesOf(waiting, width);
    const { answers, at } = await ask(shares.flatMap(({ statements }) => statements));
    let first = 0;
    for (const { runner, statements } of shares) {
      const own = answers.slice(first, first + statements.length);
      first += statements.length;
      yield* advance(runner, waiting, { answers: own, at });
    }
  }
}

/** Runs one strategy until it asks again or ends. */
function* advance<Result>(
  runner: Runner<Result>,
  waiting: Map<Runner<Result>, Ask>,
  given?: Answers,
): Generator<Step | Ended<Result>> {
  const { stream, course } = runner;
  const start: Answers = given ?? { answers: [], at: 0 };
  try {
    for (let next = course.next(start); ; next = course.next(start)) {
      if (next.done) {
        waiting.delete(runner);
        yield { stream, result: next.value };
        return;
      }
      if ('ask' in next.value) {
        waiting.set(runner, next.value);
        return;
      }
      yield next.value;
    }
  } catch (thrown) {
    waiting.delete(runner);
    yield { stream, failure: asConnectorError(thrown) };
  }
}

interface Share<Result> {
  readonly runner: Runner<Result>;
  readonly statements: readonly string[];
}

function sharesOf<Result>(
  waiting: ReadonlyMap<Runner<Result>, Ask>,
  width: number,
): readonly Share<Result>[] {
  const shares: Share<Result>[] = [];
  let room = width;
  for (const [runner, { ask, least = 1 }] of waiting) {
    if (room < Math.min(least, ask.length)) continue;
    const statements = ask.slice(0, room);
    room -= statements.length;
    shares.push({ runner, statements });
  }
  return shares;
}
