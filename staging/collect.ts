// Arrivals gathered into the contents of segments: spooled lines, the states they carry, and when to stop.
import {
  type Arrival,
  type Clock,
  type Declaration,
  logMessage,
  type Message,
  systemError,
} from '@airbyte/cdk-typescript-shim';
import { Alarm } from './alarm.ts';
import type { Rejects } from './rejects.ts';
import { Spool, type Spooled } from './spool.ts';
import { type PendingState, StateQueue } from './states.ts';
import { undeclaredFields } from './undeclared.ts';

/** What a segment is made of, before any line is read. */
export interface Collected {
  readonly streams: readonly Spooled[];
  readonly states: readonly PendingState[];
  readonly completed: readonly Declaration[];
  /** All streams declared so far. */
  readonly declared: readonly Declaration[];
  /** When the first of its lines came, in milliseconds since the epoch. */
  readonly opened: number;
}

export interface CollectOptions {
  readonly folder: string;
  readonly mark: string;
  readonly segmentBytes: number;
  readonly segmentMilliseconds: number;
  /** Aborted when nobody wants more segments. */
  readonly stopped: AbortSignal;
}

export interface CollectPorts {
  readonly clock: Clock;
  readonly say: (message: Message) => Promise<void>;
  readonly rejects: Rejects;
}

/** Gathers arrivals; yields whenever a segment is due and there is something to deliver. */
export async function* collect(
  arrivals: AsyncIterable<Arrival>,
  options: CollectOptions,
  ports: CollectPorts,
): AsyncGenerator<Collected> {
  const alarm = new Alarm(ports.clock, options.stopped);
  const collector = new Collector(options, { ...ports, alarm });
  const iterator = arrivals[Symbol.asyncIterator]();
  let ended = false;
  try {
    let next = iterator.next();
    for (;;) {
      const arrived = await alarm.first(next);
      if (options.stopped.aborted) return;
      if (arrived === 'rung') {
        yield* collector.close();
        continue;
      }
      if (arrived.done) break;
      if (collector.mustCloseBefore(arrived.value)) yield* collector.close();
      await collector.take(arrived.value);
      if (collector.full) yield* collector.close();
      next = iterator.next();
    }
    ended = true;
    yield* collector.close();
  } finally {
    alarm.clear();
    // A source that is in the middle of something is told, not waited for.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** The first segment is smaller: nothing is delivered, and processors idle, until it is closed. */
const firstShare = 1 / 4;

/** The segment that is being filled, and the streams whose rows wait for their COMPLETE. */
class Collector {
  readonly #options: CollectOptions;
  readonly #ports: CollectPorts & { readonly alarm: Alarm };
  readonly #declared = new Map<string, Declaration>();
  readonly #spools = new Map<string, Spool>();
  readonly #states = new StateQueue();
  /** Streams that are replaced and not complete: first record that waits. */
  readonly #withheld = new Map<string, { since: number }>();
  readonly #sampled = new Set<string>();
  #completed = new Map<string, Declaration>();
  #bytes = 0;
  #first = true;
  #opened: number | undefined;
  #spoolsMade = 0;

  constructor(options: CollectOptions, ports: CollectPorts & { readonly alarm: Alarm }) {
    this.#options = options;
    this.#ports = ports;
  }

  get full(): boolean {
    const { segmentBytes } = this.#options;
    return this.#bytes >= (this.#first ? segmentBytes * firstShare : segmentBytes);
  }

  /** Rows of two schemas never share a segment, but for replaced tables, which take the newest schema as a whole. */
  mustCloseBefore(arrival: Arrival): boolean {
    if (arrival.kind !== 'declare') return false;
    const { stream } = arrival.declaration;
    const known = this.#declared.get(stream);
    if (!known || !this.#spools.has(stream) || this.#withheld.has(stream)) return false;
    return !sameTables(known, arrival.declaration);
  }

  async take(arrival: Arrival): Promise<void> {
    switch (arrival.kind) {
      case 'declare':
        return this.#declare(arrival.declaration);
      case 'records':
        return await this.#records(arrival);
      case 'state':
        this.#begin();
        return this.#states.add(arrival.message, arrival.stream);
      case 'status':
        return await this.#status(arrival);
      case 'reject':
        return await this.#ports.rejects.add({ line: arrival.bytes, reason: arrival.reason });
    }
  }

  /** What can be delivered now, if anything. */
  async *close(): AsyncGenerator<Collected> {
    const opened = this.#opened ?? this.#ports.clock.now();
    this.#first &&= !this.full;
    this.#bytes = 0;
    this.#opened = undefined;
    this.#ports.alarm.clear();
    const streams: Spooled[] = [];
    for (const [stream, spool] of this.#spools) {
      if (this.#withheld.has(stream)) continue;
      this.#spools.delete(stream);
      streams.push(await spool.finish());
    }
    const states = this.#states.release(this.#withheld);
    const completed = [...this.#completed.values()];
    this.#completed = new Map();
    if (streams.length + states.length + completed.length === 0) return;
    yield { streams, states, completed, declared: [...this.#declared.values()], opened };
  }

  /** The time of a segment runs from its first line. */
  #begin(): void {
    if (this.#opened !== undefined) return;
    this.#opened = this.#ports.clock.now();
    this.#ports.alarm.set(this.#options.segmentMilliseconds);
  }

  #declare(declaration: Declaration): void {
    const { stream } = declaration;
    const first = !this.#declared.has(stream);
    this.#declared.set(stream, declaration);
    const spool = this.#spools.get(stream);
    if (spool) spool.declaration = declaration;
    if (declaration.mode === 'replace' && first)
      this.#withheld.set(stream, { since: this.#states.arrived(stream) });
  }

  async #records({ stream, bytes, count }: Extract<Arrival, { kind: 'records' }>): Promise<void> {
    this.#begin();
    const spool = this.#spool(stream);
    if (!this.#sampled.has(stream)) await this.#sample(spool.declaration, bytes);
    this.#bytes += bytes.length;
    this.#states.records(stream, count);
    await spool.add(endingInLineFeed(bytes), count);
  }

  #spool(stream: string): Spool {
    const known = this.#spools.get(stream);
    if (known) return known;
    const declaration = this.#declared.get(stream);
    if (!declaration)
      throw systemError(
        `Cannot take records of stream "${stream}": it was not declared, declare it before them`,
      );
    if (declaration.mode === 'replace' && !this.#withheld.has(stream))
      this.#withheld.set(stream, { since: this.#states.arrived(stream) });
    const { folder, mark } = this.#options;
    const name = `spool-${this.#spoolsMade}`;
    this.#spoolsMade += 1;
    const spool = new Spool(declaration, { folder, name, mark, arrived: this.#states.arrived(stream) });
    this.#spools.set(stream, spool);
    return spool;
  }

  /** Says once per stream which fields of its first records have no column. */
  async #sample(declaration: Declaration, bytes: Uint8Array): Promise<void> {
    this.#sampled.add(declaration.stream);
    const fields = undeclaredFields(declaration, bytes);
    if (fields.length === 0) return;
    const named = fields.map((field) => `"${field}"`).join(', ');
    await this.#ports.say(
      logMessage(
        'INFO',
        `Stream "${declaration.stream}" has ${fields.length} undeclared ${fields.length === 1 ? 'field that is' : 'fields that are'} not stored: ${named}`,
      ),
    );
  }

  async #status({ stream, status }: Extract<Arrival, { kind: 'status' }>): Promise<void> {
    const declaration = this.#declared.get(stream);
    if (!declaration) return;
    const withheld = this.#withheld.get(stream);
    if (status === 'COMPLETE') {
      // A replaced table is delivered also when it has no rows.
      if (withheld) this.#spool(stream);
      this.#withheld.delete(stream);
      this.#completed.set(stream, declaration);
    } else if (withheld) {
      await this.#spools.get(stream)?.remove();
      this.#spools.delete(stream);
      this.#states.drop(stream, withheld.since);
    }
  }
}

const lineFeed = 0x0a;

const endingInLineFeed = (bytes: Uint8Array): Uint8Array =>
  bytes[bytes.length - 1] === lineFeed ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);

/** Whether two declarations of a stream give the same tables. */
function sameTables(one: Declaration, other: Declaration): boolean {
  const facts = ({ schema, keys, cursor, mode, generation, envelope, job }: Declaration): string =>
    JSON.stringify([schema, keys, cursor, mode, generation, envelope, job ?? null]);
  return facts(one) === facts(other);
}
