// Source to destination: bytes between the two, rotated secrets and states kept as they come, records noted for the audit.
import { type Message, type StateBody, streamKey } from '@airbyte/cdk-typescript-shim';
import type { Progress } from '@airbyte/cdk-typescript-shim/kit';
import { logEntry, receiptsIn } from './audit/receipts.ts';
import type { Trail } from './audit/trail.ts';
import { type Child, messagesOf } from './child.ts';
import { type RelayWatcher, relay } from './relay.ts';
import { endAtOnce } from './stopping.ts';
import type { End, Tally } from './tally.ts';

/** What an end says in JSON: proofs of loads, keys without a row, ... */
export type LogEntry = Readonly<Record<string, unknown>>;

export interface TransferPorts {
  readonly tally: Tally;
  readonly progress: Progress;
  /** Absent: nothing is kept of single records. */
  readonly trail?: Trail | undefined;
  readonly told?: ((end: End, entry: LogEntry) => void) | undefined;
  /** On disk when it resolves; the source's next lines wait for it. */
  keepRotation(config: Readonly<Record<string, unknown>>): Promise<void>;
  keepState(state: StateBody): Promise<void>;
}

export interface Ends {
  readonly source: Child;
  readonly destination: Child;
}

/** Moves everything; resolves when both have ended. Rejects when what must be kept cannot be. */
export async function transfer(ends: Ends, ports: TransferPorts): Promise<void> {
  try {
    await Promise.all([feed(ends, ports), collect(ends.destination, ports)]);
  } catch (error) {
    // What was not kept must not be built upon.
    await endAtOnce(ends);
    throw error;
  }
  await ports.tally.ended(ends);
}

async function feed({ source, destination }: Ends, ports: TransferPorts): Promise<void> {
  const { tally, progress, trail } = ports;
  const watcher: RelayWatcher = {
    records(stream, count) {
      tally.passed(stream, count);
      progress.records(stream, count);
    },
    async message(message) {
      hear('source', message, ports);
      if (message.type === 'STATE') trail?.covers(message.state);
      if (message.type === 'CONTROL' && message.control.connectorConfig)
        await ports.keepRotation(message.control.connectorConfig.config);
    },
    ...(trail && { record: (stream, block, line) => trail.record(stream, block, line) }),
  };
  await relay(source.process.stdout, destination.process.stdin, watcher);
  destination.process.stdin.end();
  // The destination has gone away: nobody takes what the source still reads.
  if (source.process.exitCode === null) source.process.kill('SIGTERM');
}

async function collect(destination: Child, ports: TransferPorts): Promise<void> {
  const { tally, trail } = ports;
  for await (const message of messagesOf(destination)) {
    const entry = hear('destination', message, ports);
    for (const receipt of entry ? receiptsIn(entry) : []) trail?.receipt(receipt);
    if (message.type !== 'STATE') continue;
    // The trail first: what is not in it yet is read again, and noted again, by a run that goes on from an older state.
    await trail?.committed(message.state);
    await ports.keepState(message.state);
    tally.settled(streamOf(message.state), message.state.destinationStats?.recordCount ?? 0);
  }
}

/** Tells everybody of a message; gives the JSON object in it, when it is a LOG with one. */
function hear(end: End, message: Message, { tally, progress, told }: TransferPorts): LogEntry | undefined {
  progress.message(message);
  tally.heard(end, message);
  const entry = message.type === 'LOG' ? logEntry(message.log.message) : undefined;
  if (entry) told?.(end, entry);
  return entry;
}

const streamOf = ({ stream }: StateBody): string => {
  const descriptor = stream?.stream_descriptor;
  return descriptor ? streamKey(descriptor.name, descriptor.namespace) : '(all streams)';
};
