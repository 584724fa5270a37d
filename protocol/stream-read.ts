// What a source says of a stream while it reads it: its start, its records and states, its failures, its end.
import type { ConfiguredStream } from './catalog.ts';
import { type ConnectorError, configError } from './errors.ts';
import { errorMessage, type Message, recordMessage, stateMessage, streamStatusMessage } from './messages.ts';

/** A stream that is being read; a source keeps more beside it. */
export interface StreamRead {
  readonly stream: { readonly name: string };
  /** Whether a record was told. */
  running: boolean;
  /** Records since the last state. */
  count: number;
}

/** RUNNING before the first record, then the record. */
export function* tellRecord(
  read: StreamRead,
  data: Readonly<Record<string, unknown>>,
  now: number,
): Generator<Message> {
  const { name } = read.stream;
  if (!read.running) yield streamStatusMessage(name, 'RUNNING', now);
  read.running = true;
  read.count += 1;
  yield recordMessage(name, data, now);
}

/** The state that covers all records told so far, with their number since the one before. */
export function tellState(read: StreamRead, state: Record<string, unknown>): Message {
  const message = stateMessage(read.stream.name, state, read.count);
  read.count = 0;
  return message;
}

/** The end of a stream: each failure once, then INCOMPLETE; COMPLETE where there is none. */
export function* tellEnd(name: string, failures: readonly ConnectorError[], now: number): Generator<Message> {
  const told = new Set<string>();
  for (const failure of failures) {
    if (!told.has(failure.message)) yield failureMessage(name, failure, now);
    told.add(failure.message);
  }
  yield streamStatusMessage(name, failures.length > 0 ? 'INCOMPLETE' : 'COMPLETE', now);
}

/** The failure of one stream, as the others go on. */
export const failureMessage = (
  name: string,
  { message, kind, detail, stack }: ConnectorError,
  now: number,
): Message =>
  errorMessage(
    {
      message,
      failure_type: `${kind}_error`,
      ...(detail ? { internal_message: detail } : {}),
      ...(kind === 'system' && stack ? { stack_trace: stack } : {}),
      stream_descriptor: { name },
    },
    now,
  );

/** Ends the streams of a catalog that the source does not have. */
export function* refuseUnknown(
  configured: readonly ConfiguredStream[],
  isKnown: (name: string) => boolean,
  now: number,
): Generator<Message> {
  for (const { stream } of configured) {
    if (isKnown(stream.name)) continue;
    const message = `Cannot read stream "${stream.name}": this source has no such stream, take it out of the catalog`;
    yield* tellEnd(stream.name, [configError(message)], now);
  }
}
