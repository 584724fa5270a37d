// From a tap's lines to arrivals: schemas are learnt from the stream, RECORD lines stay unparsed and grouped into runs.
import type { Arrival } from '../connector.ts';
import { ConnectorError, configError, transientError } from '../errors.ts';
import { HeadReader, lineBlocks, linesOf, singerRecordHead } from '../lines.ts';
import { recordRuns } from '../runs.ts';
import { isObject, type JsonSchema } from '../schema.ts';
import { checkedSchema, declareSinger, invalidSchema, type LoadMethod } from './declaration.ts';
import { wrappedState } from './echo.ts';
import { limitedLines } from './limit.ts';
import { type ParsedRecord, stampedLine, withMetadataColumns } from './metadata.ts';
import { joinedRuns } from './runs.ts';
import { TargetStream } from './stream.ts';

/** Says what is wrong with a record, or nothing. */
export type RecordCheck = (record: Readonly<Record<string, unknown>>) => string | undefined;

export interface SingerArrivalOptions {
  readonly loadMethod: LoadMethod;
  /** Obey ACTIVATE_VERSION: a stream with versions retires older rows once its version was activated. */
  readonly processVersions: boolean;
  /** Put `_sdc_*` columns into every record. */
  readonly addMetadata: boolean;
  /** Check every record against its schema. */
  readonly validate: boolean;
  readonly namespace?: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Compiles a schema; throws an Error saying what is wrong when it is none. */
  readonly compile: (schema: JsonSchema) => RecordCheck;
  /**
   * Told of the error that ended the input early. The arrivals end as if the input had: what a state covers is
   * still committed, and the run fails afterwards.
   */
  readonly onFailure: (error: ConnectorError) => void;
}

/** Reads Singer lines. A line that is no message becomes a `reject` arrival; a tap's breach of the protocol ends it. */
export async function* singerArrivals(
  chunks: AsyncIterable<Buffer>,
  options: SingerArrivalOptions,
): AsyncGenerator<Arrival> {
  const reader = new SingerReader(options);
  try {
    for await (const block of lineBlocks(limitedLines(chunks))) yield* reader.read(block);
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError)) throw thrown;
    reader.fail(thrown);
  }
  yield* reader.end();
}

/** Knows the streams that the tap has declared, and turns blocks of lines into arrivals. */
class SingerReader {
  readonly #options: SingerArrivalOptions;
  readonly #streams = new Map<string, TargetStream>();
  readonly #heads = new HeadReader(singerRecordHead);
  readonly #parsesAll: boolean;
  #failed = false;
  #states = 0;
  #syncing: unknown;
  #batched: number | undefined;

  constructor(options: SingerArrivalOptions) {
    this.#options = options;
    this.#parsesAll = options.validate || options.addMetadata;
  }

  *read(block: Buffer): Generator<Arrival> {
    if (this.#parsesAll) yield* joinedRuns(this.#parsedBlock(block));
    else yield* this.#runs(block);
  }

  /** The error that ended the input; only the first counts. */
  fail(error: ConnectorError): void {
    if (!this.#failed) this.#options.onFailure(error);
    this.#failed = true;
  }

  /** How each stream ended: Singer has no word for it, so the end of a sound input is the end of all. */
  *end(): Generator<Arrival> {
    for (const stream of this.#streams.values()) {
      const why = stream.unfinished({ states: this.#states, syncing: this.#syncing });
      if (why !== undefined && stream.declaration.mode === 'replace')
        this.fail(
          transientError(
            `Cannot replace the table of stream "${stream.id}": ${why}; it is as it was, run the sync again or choose another load_method`,
          ),
        );
      const status = this.#failed || why !== undefined ? 'INCOMPLETE' : 'COMPLETE';
      yield { kind: 'status', stream: stream.declaration.stream, status };
    }
  }

  #runs(block: Buffer): Generator<Arrival> {
    return recordRuns(block, {
      streamOf: (start, end) => this.#recordStream(block, start, end),
      parsed: (line) => this.#parsed(line),
    });
  }

  *#parsedBlock(block: Buffer): Generator<Arrival> {
    for (const { start, end } of linesOf(block)) yield* this.#parsed(block.subarray(start, end));
  }

  /** The stream of a RECORD line about which nothing needs to be learnt or refused, or undefined: parse it. */
  #recordStream(block: Buffer, start: number, end: number): string | undefined {
    if (block[end - 1] !== 0x0a) return undefined;
    const head = this.#heads.read(block, start, end);
    const stream = head && this.#streams.get(head.stream);
    if (!head || !stream?.takes(block, { record: start + head.length, end })) return undefined;
    stream.uncovered = true;
    return stream.declaration.stream;
  }

  *#parsed(line: Buffer): Generator<Arrival> {
    let message: unknown;
    const text = line.toString('utf8');
    try {
      message = JSON.parse(text);
    } catch {
      yield this.#unparsable(line);
      return;
    }
    if (!isObject(message) || typeof message.type !== 'string') {
      yield { kind: 'reject', bytes: line, reason: 'not a message' };
      return;
    }
    // The specification calls types case-insensitive.
    switch (message.type.toUpperCase()) {
      case 'RECORD':
        yield* this.#record(message, line);
        break;
      case 'SCHEMA':
        yield* this.#schema(message);
        break;
      case 'STATE':
        yield this.#state(message.value, text);
        break;
      case 'ACTIVATE_VERSION':
        yield* this.#activate(message);
        break;
      case 'BATCH':
        throw configError('Cannot take BATCH messages: leave "batch_config" out of the settings of the tap');
      default:
    }
  }

  #unparsable(line: Buffer): Arrival {
    if (line[line.length - 1] === 0x0a) return { kind: 'reject', bytes: line, reason: 'not JSON' };
    this.fail(
      transientError(
        'The input ended in the middle of a line: what was covered by a state is committed, run the sync again',
      ),
    );
    return { kind: 'reject', bytes: line, reason: 'cut short at the end of the input' };
  }

  *#schema(message: Readonly<Record<string, unknown>>): Generator<Arrival> {
    const checked = checkedSchema(message);
    const { stream: id } = checked;
    let check: RecordCheck;
    try {
      check = this.#options.compile(checked.schema);
    } catch (error) {
      throw invalidSchema(id, (error as Error).message);
    }
    const known = this.#streams.get(id);
    const learnt = JSON.stringify(checked);
    if (known?.learnt === learnt) return;
    const schema = this.#options.addMetadata ? withMetadataColumns(checked.schema) : checked.schema;
    const declare = (version: number | undefined) =>
      declareSinger(
        { ...checked, schema },
        { ...this.#options, ...(version === undefined ? {} : { version }) },
      );
    const stream = new TargetStream(checked.keys, {
      id,
      learnt,
      check,
      declare,
      versions: this.#options.processVersions,
      ...(known ? { before: known } : {}),
    });
    this.#streams.set(id, stream);
    yield { kind: 'declare', declaration: stream.declaration };
  }

  *#record(message: Readonly<Record<string, unknown>>, line: Buffer): Generator<Arrival> {
    const { stream: id, record } = message;
    if (typeof id !== 'string')
      return yield { kind: 'reject', bytes: line, reason: 'a record without a stream' };
    if (!isObject(record)) return yield { kind: 'reject', bytes: line, reason: 'a RECORD without a record' };
    const stream = this.#streams.get(id);
    if (!stream)
      throw configError(
        `Cannot write a record of stream "${id}": it came before the SCHEMA of its stream, mend the tap`,
      );
    if (stream.sees(message.version)) yield { kind: 'declare', declaration: stream.declaration };
    const missing = stream.keys.find((key) => !(key in record));
    if (missing !== undefined)
      throw configError(
        `Cannot write a record of stream "${id}": it lacks the key property "${missing}", mend the tap or select that field`,
      );
    const wrong = this.#options.validate ? stream.check(record) : undefined;
    if (wrong !== undefined)
      throw configError(
        `Cannot write a record of stream "${id}": ${wrong}; mend the tap, or set "validate_records" to false`,
      );
    stream.uncovered = true;
    const bytes = this.#stamped(line, { ...message, record });
    yield { kind: 'records', stream: stream.declaration.stream, bytes, count: 1 };
  }

  #stamped(line: Buffer, message: ParsedRecord): Buffer {
    const whole = line[line.length - 1] === 0x0a ? line : Buffer.concat([line, Buffer.from('\n')]);
    if (!this.#options.addMetadata) return whole;
    const received = this.#options.now();
    this.#batched ??= received;
    return stampedLine(whole, message, { received, batched: this.#batched });
  }

  #state(value: unknown, text: string): Arrival {
    for (const stream of this.#streams.values()) stream.uncovered = false;
    this.#states += 1;
    this.#syncing = isObject(value) ? value.currently_syncing : undefined;
    this.#batched = undefined;
    return { kind: 'state', message: wrappedState(value, text) };
  }

  *#activate({ stream: id, version }: Readonly<Record<string, unknown>>): Generator<Arrival> {
    const stream = typeof id === 'string' ? this.#streams.get(id) : undefined;
    if (!stream)
      throw configError(
        `Cannot activate a version of stream ${JSON.stringify(id)}: it came before the SCHEMA of its stream, mend the tap`,
      );
    if (stream.sees(version)) yield { kind: 'declare', declaration: stream.declaration };
    stream.activated = true;
  }
}
