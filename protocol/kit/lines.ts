// Lines to a pipe: queued into larger writes, in order, with back-pressure.
import type { Writable } from 'node:stream';

export interface Lines {
  /** Queues a line, LF included; waits only when the pipe is full. */
  write(line: string): Promise<void> | undefined;
  /** Writes what is queued; resolves when the pipe has taken it, or when its reader is gone. */
  flush(): Promise<void>;
}

const queueLimit = 64 * 1024;

/** `closed` resolves when the reader of `stream` has gone away: then there is nothing left to wait for. */
export function openLines(stream: Writable, closed: Promise<void>): Lines {
  let queue = '';
  let gone = false;
  void closed.then(() => {
    gone = true;
  });
  const flush = (): Promise<void> => {
    if (queue === '' || gone) return Promise.resolve();
    const text = queue;
    queue = '';
    if (stream.write(text)) return Promise.resolve();
    return Promise.race([closed, new Promise<void>((resolve) => stream.once('drain', resolve))]);
  };
  return {
    flush,
    write(line) {
      queue += line;
      return queue.length < queueLimit ? undefined : flush();
    },
  };
}
