// Standard output: protocol lines only, in order, with back-pressure, every secret blotted out.
import type { Writable } from 'node:stream';
import { encodeLine, type Message } from '../index.ts';
import { openLines } from './lines.ts';
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

export function createOutput(stream: Writable, redactor: Redactor): Output {
  const closed = new Promise<void>((resolve) => {
    stream.on('error', () => resolve());
  });
  const lines = openLines(stream, closed);
  const write = (message: Message): Promise<void> | undefined =>
    lines.write(encodeLine(clean(message, redactor)));
  return {
    write,
    flush: lines.flush,
    closed,
    async say(message) {
      await write(message);
      await lines.flush();
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
