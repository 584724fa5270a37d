// Standard output: protocol lines only, in order, with back-pressure, every secret blotted out.
import type { Writable } from 'node:stream';
import { encodeLine, type Message } from '../index.ts';
import type { Redactor } from './redact.ts';

export interface Output {
  /** Queues a line; waits only when the pipe is full. */
  write(message: Message): Promise<void> | undefined;
  /** Writes the queue and this line at once; resolves when the pipe has taken it. */
  say(message: Message): Promise<void>;
  flush(): Promise<void>;
  /** Rejects nothing and never resolves until the reader of the pipe has gone away. */
  readonly closed: Promise<void>;
}

const queueLimit = 64 * 1024;

export function createOutput(stream: Writable, redactor: Redactor): Output {
  let queue = '';
  let gone = false;
  const closed = new Promise<void>((resolve) => {
    stream.on('error', () => {
      gone = true;
      resolve();
    });
  });
  const flush = (): Promise<void> => {
    if (queue === '' || gone) return Promise.resolve();
    const text = queue;
    queue = '';
    if (stream.write(text)) return Promise.resolve();
    return Promise.race([closed, new Promise<void>((resolve) => stream.once('drain', resolve))]);
  };
  const write = (message: Message): Promise<void> | undefined => {
    queue += encodeLine(clean(message, redactor));
    return queue.length < queueLimit ? undefined : flush();
  };
  return {
    write,
    flush,
    closed,
    async say(message) {
      await write(message);
      await flush();
    },
  };
}

/** Texts for people lose their secrets; records and states hold none, and CONTROL is the one that must carry them. */
function clean(message: Message, redactor: Redactor): Message {
  switch (message.type) {
    case 'LOG':
    case 'TRACE':
    case 'CONNECTION_STATUS':
      return JSON.parse(JSON.stringify(message), (_, value: unknown) =>
        typeof value === 'string' ? redactor.redact(value) : value,
      ) as Message;
    default:
      return message;
  }
}
