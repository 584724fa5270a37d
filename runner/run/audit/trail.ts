// The audit trail of a run: records are noted as they pass, and told once the destination has settled what became of them.
import { createHash } from 'node:crypto';
import { type Clock, type ConfiguredCatalog, type StateBody, streamKey } from '@airbyte/cdk-typescript-shim';
import type { Audit, AuditRow, Job } from '../../store/contract.ts';
import { Noter, type RecordLine, type RecordNote } from './notes.ts';
import { type Receipt, Receipts } from './receipts.ts';
import { keyMark } from './rejected.ts';

/** The webhook event that a record was read for. */
export interface EventNote {
  readonly id: string;
  readonly receivedAt: number;
}

export interface TrailOptions {
  readonly catalog: ConfiguredCatalog;
  readonly job: Pick<Job, 'id' | 'attempt' | 'pipeline'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly eventOf: (stream: string, note: RecordNote) => EventNote | undefined;
  /** Hashes of the stream's records that the destination has put aside so far. */
  readonly rejected: (stream: string, noter: Noter) => Promise<ReadonlySet<string>>;
}

/** Records that were read at about one time. */
interface Batch {
  readonly readAt: number;
  readonly notes: RecordNote[];
}

/** Records that a state covers, and the state's digest. */
interface Covered {
  readonly digest: string;
  readonly batches: readonly Batch[];
}

interface StreamTrail {
  readonly noter: Noter;
  open: Batch[];
  covered: Covered[];
}

/** Rows of one write: a transaction that takes some ten milliseconds. */
const rowsAtOnce = 1_000;

/** Records of a batch share their time of reading: never more than so many milliseconds are between them. */
const sameTime = 250;

export class Trail {
  readonly #options: TrailOptions;
  readonly #streams: ReadonlyMap<string, StreamTrail>;
  readonly #receipts = new Receipts();

  constructor(options: TrailOptions) {
    this.#options = options;
    this.#streams = new Map(
      options.catalog.streams.map((configured) => [
        streamKey(configured.stream.name, configured.stream.namespace),
        { noter: new Noter(configured), open: [], covered: [] },
      ]),
    );
  }

  /** A record's line passes. */
  record(stream: string, block: Buffer, line: RecordLine): void {
    const trail = this.#streams.get(stream);
    const note = trail?.noter.note(block, line);
    if (!trail || !note) return;
    const now = this.#options.clock.now();
    let batch = trail.open.at(-1);
    if (!batch || now - batch.readAt > sameTime || batch.notes.length >= rowsAtOnce) {
      batch = { readAt: now, notes: [] };
      trail.open.push(batch);
    }
    batch.notes.push(note);
  }

  /** The source's state passes: it covers the records before it. */
  covers(state: StateBody): void {
    const digest = digestOf(state);
    for (const trail of this.#of(state)) {
      trail.covered.push({ digest, batches: trail.open });
      trail.open = [];
    }
  }

  receipt(receipt: Receipt): void {
    this.#receipts.add(receipt);
  }

  /** The state came back: what it covers is delivered, but for what was rejected. On disk when it resolves. */
  async committed(state: StateBody): Promise<void> {
    const digest = digestOf(state);
    for (const [stream, trail] of this.#streams) {
      if (!this.#of(state).includes(trail)) continue;
      // A destination may give back the last of several states alone, which stands for those before it.
      const found = trail.covered.findIndex((covered) => covered.digest === digest);
      const settled = trail.covered.splice(0, Math.max(found, 0) + 1);
      const anyRejected = (state.destinationStats?.rejectedRecordCount ?? 0) > 0;
      const rejected = anyRejected ? await this.#options.rejected(stream, trail.noter) : none;
      await this.#tell(
        stream,
        settled.flatMap(({ batches }) => batches),
        (note) => (rejected.has(note.hash) || rejected.has(keyMark(note)) ? 'rejected' : 'delivered'),
      );
    }
  }

  /**
   * The run is over. Records that no state covers are delivered where their stream is complete and both ends ended
   * well, and failed otherwise. Gives how many were delivered, by stream.
   */
  async ended(isComplete: (stream: string) => boolean): Promise<ReadonlyMap<string, number>> {
    const delivered = new Map<string, number>();
    for (const [stream, trail] of this.#streams) {
      const batches = [...trail.covered.flatMap((covered) => covered.batches), ...trail.open];
      trail.covered = [];
      trail.open = [];
      const complete = isComplete(stream);
      await this.#tell(stream, batches, () => (complete ? 'delivered' : 'failed'));
      const count = batches.reduce((sum, { notes }) => sum + notes.length, 0);
      if (complete && count > 0) delivered.set(stream, count);
    }
    return delivered;
  }

  #of(state: StateBody): readonly StreamTrail[] {
    const descriptor = state.stream?.stream_descriptor;
    if (!descriptor) return [...this.#streams.values()];
    const trail = this.#streams.get(streamKey(descriptor.name, descriptor.namespace));
    return trail ? [trail] : [];
  }

  async #tell(
    stream: string,
    batches: readonly Batch[],
    outcomeOf: (note: RecordNote) => AuditRow['outcome'],
  ): Promise<void> {
    const { audit, clock } = this.#options;
    let rows: AuditRow[] = [];
    for (const { readAt, notes } of batches) {
      for (const note of notes) rows.push(this.#row(stream, note, { readAt, outcome: outcomeOf(note) }));
      if (rows.length < rowsAtOnce) continue;
      await audit.add(rows);
      rows = [];
      // The driver of SQLite holds the process for the length of a write: lines and leases come between two.
      await clock.sleep(0);
    }
    await audit.add(rows);
  }

  #row(
    stream: string,
    { tenant, key, document, hash, time }: RecordNote,
    { readAt, outcome }: { readonly readAt: number; readonly outcome: AuditRow['outcome'] },
  ): AuditRow {
    const { job, eventOf, clock } = this.#options;
    const event = eventOf(stream, { tenant, key, document, hash, time });
    const receipt = outcome === 'delivered' ? this.#receipts.of(stream) : undefined;
    return {
      pipeline: job.pipeline,
      tenant,
      stream,
      key,
      ...(document !== undefined && { document }),
      hash,
      ...(time !== undefined && { sourceTime: time }),
      ...(event && { event: event.id, eventAt: event.receivedAt }),
      job: job.id,
      attempt: job.attempt,
      ...(receipt !== undefined && { receipt }),
      outcome,
      readAt,
      ...(outcome === 'delivered' && { deliveredAt: clock.now() }),
    };
  }
}

const none: ReadonlySet<string> = new Set();

/** The same for a state on its way and on its way back: only the counts are added. */
function digestOf(state: StateBody): string {
  const { destinationStats: _, sourceStats: __, ...body } = state;
  return createHash('sha256').update(JSON.stringify(body)).digest('base64');
}
