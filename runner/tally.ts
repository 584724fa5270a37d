// What a sync moved and how it ended, for the table at the end and the exit code.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { streamKey } from '@airbyte/cdk-typescript-shim';
import type { Child } from './child.ts';

export interface StreamTally {
  read: number;
  committed: number;
  states: number;
  status: string;
}

export class Tally {
  readonly streams = new Map<string, StreamTally>();
  readonly problems: string[] = [];
  readonly #began = performance.now();
  #ok = false;

  /** Both ended well and every stream is complete. */
  get ok(): boolean {
    return this.#ok;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  read(stream: string, count: number): void {
    this.#stream(stream).read += count;
  }

  committed(stream: string, count: number): void {
    const tally = this.#stream(stream);
    tally.committed += count;
    tally.states += 1;
  }

  heard(who: 'source' | 'destination', message: Message): void {
    if (message.type === 'LOG' && ['WARN', 'ERROR', 'FATAL'].includes(message.log.level))
      this.problems.push(`${who}: ${message.log.message}`);
    if (message.type !== 'TRACE') return;
    const { error, stream_status: status } = message.trace;
    if (error) this.problems.push(`${who}: ${error.message}`);
    if (!status || who !== 'source') return;
    const { name, namespace } = status.stream_descriptor;
    this.#stream(streamKey(name, namespace)).status = status.status;
  }

  async ended({ source, destination }: { source: Child; destination: Child }): Promise<void> {
    const ends = await Promise.all([source.ended, destination.ended]);
    for (const [index, { code, stderr }] of ends.entries())
      if (code !== 0 && this.problems.length === 0)
        this.problems.push(
          `${index === 0 ? 'source' : 'destination'}: ended with code ${code}${stderr ? `: ${stderr.trim()}` : ''}`,
        );
    this.#ok = ends.every(({ code }) => code === 0);
  }

  #stream(stream: string): StreamTally {
    const known = this.streams.get(stream);
    if (known) return known;
    const tally = { read: 0, committed: 0, states: 0, status: 'not started' };
    this.streams.set(stream, tally);
    return tally;
  }
}
