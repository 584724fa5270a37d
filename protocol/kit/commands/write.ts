// `write`: lines from stdin to the destination, its durable states to stdout.
import {
  type Arrival,
  arrivals,
  type Destination,
  logMessage,
  readCatalog,
  transientError,
} from '../../index.ts';
import { readText } from '../config.ts';
import { openProgress, type Progress } from '../progress.ts';
import type { Command } from '../run.ts';
import { openContext } from './context.ts';

export interface WriteFiles {
  readonly config: string;
  readonly catalog?: string;
}

export const write =
  (destination: Destination<never>, files: WriteFiles): Command =>
  async (run) => {
    const progress = await openProgress('received');
    try {
      const context = await openContext(destination, { run, file: files.config, progress });
      const catalog = files.catalog
        ? readCatalog(await readText(files.catalog, 'catalog'), files.catalog)
        : undefined;
      const ends = new StreamEnds();
      const input = arrivals(standardInput(run.stop.signal), {
        ...(catalog ? { catalog } : {}),
        onStatus: (stream, status) => ends.status(stream, status),
      });
      for await (const message of destination.write(context, watched(input, ends, progress))) {
        progress.message(message);
        await run.output.say(message);
      }
      const incomplete = ends.incomplete();
      if (incomplete.length > 0)
        await run.output.say(
          logMessage('WARN', `The source did not complete ${quoted(incomplete)}: run it again`),
        );
      ends.assertEnded();
      return 0;
    } finally {
      progress.end();
    }
  };

async function* standardInput(signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = () => process.stdin.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of process.stdin) yield chunk as Buffer;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function* watched(
  input: AsyncIterable<Arrival>,
  ends: StreamEnds,
  progress: Progress,
): AsyncGenerator<Arrival> {
  for await (const arrival of input) {
    if (arrival.kind === 'declare')
      ends.declare(arrival.declaration.stream, arrival.declaration.mode === 'replace');
    else if (arrival.kind === 'records') progress.records(arrival.stream, arrival.count);
    yield arrival;
  }
}

/**
 * How each declared stream ended. An input without any status comes from a simple feeder: its end is taken as the
 * end of every stream, but a `replace` is only ever done after COMPLETE.
 */
class StreamEnds {
  readonly #declared = new Map<string, { readonly replaces: boolean; status?: string }>();
  #spoken = false;

  declare(stream: string, replaces: boolean): void {
    if (!this.#declared.has(stream)) this.#declared.set(stream, { replaces });
  }

  status(stream: string, status: string): void {
    this.#spoken = true;
    const known = this.#declared.get(stream);
    if (known) known.status = status;
  }

  incomplete(): readonly string[] {
    return this.#streams(({ status }) => status === 'INCOMPLETE');
  }

  /** Throws a transient error when the input ended before the source was done with a stream. */
  assertEnded(): void {
    const cut = this.#streams(
      ({ replaces, status }) =>
        status !== 'COMPLETE' && status !== 'INCOMPLETE' && (this.#spoken || replaces),
    );
    if (cut.length > 0)
      throw transientError(
        `The input ended before the source completed ${quoted(cut)}: what was covered by a state is committed, run the sync again`,
      );
  }

  #streams(
    test: (end: { readonly replaces: boolean; readonly status?: string }) => boolean,
  ): readonly string[] {
    return [...this.#declared].filter(([, end]) => test(end)).map(([stream]) => stream);
  }
}

const quoted = (streams: readonly string[]): string => streams.map((stream) => `"${stream}"`).join(', ');
