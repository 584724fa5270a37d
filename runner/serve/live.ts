// What runs right now in this process, for the page: counted while the lines pass.
import { type Message, streamKey } from '@airbyte/cdk-typescript-shim';
import type { Progress } from '@airbyte/cdk-typescript-shim/kit';
import type { Job } from '../store/contract.ts';

/** A job at work. */
export interface LiveRun {
  readonly pipeline: string;
  readonly job: number;
  /** When it began here, milliseconds since the epoch. */
  readonly since: number;
  /** Records that the source has sent so far. */
  readonly read: number;
  /** Records that the destination has confirmed so far. */
  readonly committed: number;
  /** The stream of the newest records. */
  readonly stream?: string;
}

interface Counted extends LiveRun {
  read: number;
  committed: number;
  stream?: string;
}

/** The runs of one process. */
export class LiveRuns {
  readonly #runs = new Map<number, Counted>();

  /** Oldest first; the values do not change afterwards. */
  list(): readonly LiveRun[] {
    return [...this.#runs.values()].map((run) => ({ ...run }));
  }

  /** Begins to count a job; `end` of the progress takes it off the list. */
  begin({ id, pipeline }: Pick<Job, 'id' | 'pipeline'>, since: number): Progress {
    const run: Counted = { pipeline, job: id, since, read: 0, committed: 0 };
    this.#runs.set(id, run);
    return {
      records(stream, count) {
        run.read += count;
        run.stream = stream;
      },
      message: (message) => heard(run, message),
      end: () => void this.#runs.delete(id),
    };
  }
}

/** Only the destination's states count: those of the source come without its statistics. */
function heard(run: Counted, message: Message): void {
  if (message.type === 'STATE') run.committed += message.state.destinationStats?.recordCount ?? 0;
  const status = message.type === 'TRACE' ? message.trace.stream_status : undefined;
  if (status?.status !== 'STARTED') return;
  run.stream = streamKey(status.stream_descriptor.name, status.stream_descriptor.namespace);
}
