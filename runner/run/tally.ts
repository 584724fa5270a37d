// What a sync moved and how it ended, for the table at the end and the exit code.
import type { ErrorKind, Message } from '@airbyte/cdk-typescript-shim';
import { streamKey } from '@airbyte/cdk-typescript-shim';
import type { Child } from './child.ts';

export interface StreamTally {
  read: number;
  committed: number;
  states: number;
  status: string;
}

export type End = 'source' | 'destination';

interface Failure {
  readonly kind: ErrorKind;
  readonly message: string;
}

export class Tally {
  readonly streams = new Map<string, StreamTally>();
  readonly problems: string[] = [];
  /** When a spent quota is there again, milliseconds since the epoch. */
  quotaReset: number | undefined;
  readonly #errors: Failure[] = [];
  readonly #began = performance.now();
  #ok = false;
  #destinationOk = false;

  /** Both ended well and every stream is complete. */
  get ok(): boolean {
    return this.#ok;
  }

  /** All that the source sent of the stream is where it belongs, states or not. */
  isComplete(stream: string): boolean {
    return this.#destinationOk && this.streams.get(stream)?.status === 'COMPLETE';
  }

  get allComplete(): boolean {
    return [...this.streams.values()].every(({ status }) => status === 'COMPLETE');
  }

  get read(): number {
    return sum(this.streams.values(), ({ read }) => read);
  }

  get committed(): number {
    return sum(this.streams.values(), ({ committed }) => committed);
  }

  /** What says why it is not complete: what a person must mend first, for no retry will. */
  get failure(): Failure | undefined {
    if (this.#ok) return undefined;
    return this.#errors.find(({ kind }) => kind === 'config') ?? this.#errors[0];
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  passed(stream: string, count: number): void {
    this.#stream(stream).read += count;
  }

  /** A state came back for `count` records. */
  settled(stream: string, count: number): void {
    const tally = this.#stream(stream);
    tally.committed += count;
    tally.states += 1;
  }

  /** Records that no state covers, and that arrived with the end of the run. */
  settledAtEnd(stream: string, count: number): void {
    this.#stream(stream).committed += count;
  }

  heard(who: End, message: Message): void {
    if (message.type === 'LOG' && ['WARN', 'ERROR', 'FATAL'].includes(message.log.level))
      this.problems.push(`${who}: ${message.log.message}`);
    if (message.type !== 'TRACE') return;
    const { error, stream_status: status } = message.trace;
    if (error) this.#failed(kinds[error.failure_type ?? 'system_error'], `${who}: ${error.message}`);
    if (!status || who !== 'source') return;
    const { name, namespace } = status.stream_descriptor;
    this.#stream(streamKey(name, namespace)).status = status.status;
    for (const { rate_limited: limited } of status.reasons ?? [])
      if (limited) this.quotaReset = Math.max(this.quotaReset ?? 0, limited.quota_reset);
  }

  async ended({ source, destination }: { source: Child; destination: Child }): Promise<void> {
    const ends = await Promise.all([source.ended, destination.ended]);
    for (const [index, { code, stderr }] of ends.entries())
      if (code !== 0 && this.#errors.length === 0)
        this.#failed(
          killed.includes(code) ? 'transient' : 'system',
          `${index === 0 ? 'source' : 'destination'}: ended with code ${code}${stderr ? `: ${stderr.trim()}` : ''}`,
        );
    this.#ok = ends.every(({ code }) => code === 0);
    this.#destinationOk = ends[1].code === 0;
  }

  #failed(kind: ErrorKind, message: string): void {
    this.problems.push(message);
    this.#errors.push({ kind, message });
  }

  #stream(stream: string): StreamTally {
    const known = this.streams.get(stream);
    if (known) return known;
    const tally = { read: 0, committed: 0, states: 0, status: 'not started' };
    this.streams.set(stream, tally);
    return tally;
  }
}

const kinds = { config_error: 'config', transient_error: 'transient', system_error: 'system' } as const;

/** Exit codes of programs that a signal ended. */
const killed: readonly number[] = [137, 143];

function sum(tallies: Iterable<StreamTally>, of: (tally: StreamTally) => number): number {
  let total = 0;
  for (const tally of tallies) total += of(tally);
  return total;
}
