// Progress for a person at a terminal, on stderr: streams, records per second, waits. Silent when stderr is piped.
import type { MultiBar, SingleBar } from 'cli-progress';
import { type Message, type StateBody, streamKey } from '../index.ts';

export interface Progress {
  /** Counts `count` records of a stream. */
  records(stream: string, count: number): void;
  /** Takes what is worth showing from a message: statuses, waits, warnings, errors. */
  message(message: Message): void;
  end(): void;
}

const silent: Progress = { records() {}, message() {}, end() {} };

/** A bar per stream when stderr is a terminal, nothing otherwise. */
export async function openProgress(verb: string): Promise<Progress> {
  if (!process.stderr.isTTY) return silent;
  const { default: bars } = await import('cli-progress');
  const multi = new bars.MultiBar(
    {
      format: `{stream} {value} records ${verb}, {speed}/s {note}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
      fps: 8,
    },
    bars.Presets.legacy,
  );
  return new TerminalProgress(multi);
}

interface Row {
  readonly bar: SingleBar;
  readonly began: number;
  count: number;
  shown: number;
}

class TerminalProgress implements Progress {
  readonly #multi: MultiBar;
  readonly #rows = new Map<string, Row>();
  readonly #timer: NodeJS.Timeout;

  constructor(multi: MultiBar) {
    this.#multi = multi;
    this.#timer = setInterval(() => this.#show(), 125);
  }

  records(stream: string, count: number): void {
    this.#row(stream).count += count;
  }

  message(message: Message): void {
    if (message.type === 'LOG' && ['WARN', 'ERROR', 'FATAL'].includes(message.log.level))
      this.#multi.log(`${message.log.level.toLowerCase()}: ${message.log.message}\n`);
    if (message.type === 'STATE' && message.state.destinationStats) this.#committed(message.state);
    const status = message.type === 'TRACE' ? message.trace.stream_status : undefined;
    if (!status) return;
    const { name, namespace } = status.stream_descriptor;
    const reset = status.reasons?.[0]?.rate_limited?.quota_reset;
    const wait = reset === undefined ? '' : `waiting for the rate limit until ${clockTime(reset)}`;
    const notes = { STARTED: '', RUNNING: wait, COMPLETE: 'done', INCOMPLETE: 'incomplete' };
    this.#row(streamKey(name, namespace)).bar.update({ note: notes[status.status] });
  }

  end(): void {
    clearInterval(this.#timer);
    this.#show();
    this.#multi.stop();
  }

  #show(): void {
    for (const row of this.#rows.values()) {
      if (row.shown === row.count) continue;
      const seconds = Math.max((performance.now() - row.began) / 1000, 0.001);
      row.shown = row.count;
      row.bar.update(row.count, { speed: Math.round(row.count / seconds) });
    }
  }

  #committed({ stream }: StateBody): void {
    const descriptor = stream?.stream_descriptor;
    if (descriptor)
      this.#row(streamKey(descriptor.name, descriptor.namespace)).bar.update({ note: 'committed' });
  }

  #row(stream: string): Row {
    const known = this.#rows.get(stream);
    if (known) return known;
    const bar = this.#multi.create(0, 0, { stream: stream.padEnd(24), speed: 0, note: '' });
    const row = { bar, began: performance.now(), count: 0, shown: 0 };
    this.#rows.set(stream, row);
    return row;
  }
}

const clockTime = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(11, 19);
