// From bytes to arrivals: what reaches a destination, with RECORD lines left unparsed and grouped into runs.
import { bestModes, type ConfiguredCatalog } from './catalog.ts';
import type { Arrival } from './connector.ts';
import { type Declaration, declare, streamKey } from './declaration.ts';
import { configError } from './errors.ts';
import { HeadReader, lineBlocks } from './lines.ts';
import type { Catalog, StateMessage, StreamStatusKind, TraceMessage } from './messages.ts';
import { recordRuns } from './runs.ts';
import { isObject } from './schema.ts';

/**
 * Reads protocol lines. With a `catalog` its streams are declared at once; without one the CATALOG message that the
 * source prints first declares them. Lines that cannot be used become `reject` arrivals and never end the stream.
 */
export async function* arrivals(
  chunks: AsyncIterable<Buffer>,
  { catalog, onStatus }: ArrivalOptions = {},
): AsyncGenerator<Arrival> {
  const reader = new LineReader(onStatus);
  if (catalog) yield* reader.declare(catalog);
  for await (const block of lineBlocks(chunks)) yield* reader.read(block);
}

export interface ArrivalOptions {
  readonly catalog?: ConfiguredCatalog;
  /** Told of every stream status, STARTED and RUNNING too. */
  readonly onStatus?: (stream: string, status: StreamStatusKind) => void;
}

/** Knows the declared streams and turns blocks of lines into arrivals. */
class LineReader {
  readonly #declared = new Map<string, Declaration>();
  readonly #onStatus: ArrivalOptions['onStatus'];
  #namespaces = false;
  readonly #heads = new HeadReader();

  constructor(onStatus: ArrivalOptions['onStatus']) {
    this.#onStatus = onStatus;
  }

  *declare(catalog: ConfiguredCatalog): Generator<Arrival> {
    for (const configured of catalog.streams) {
      const declaration = declare(configured);
      this.#declared.set(declaration.stream, declaration);
      this.#namespaces ||= declaration.namespace !== undefined;
      yield { kind: 'declare', declaration };
    }
  }

  read(block: Buffer): Generator<Arrival> {
    return recordRuns(block, {
      streamOf: (start, end) => this.#recordStream(block, start, end),
      parsed: (line) => this.#parsed(line),
    });
  }

  /** The declared stream of a whole RECORD line that its first bytes tell, or undefined. */
  #recordStream(block: Buffer, start: number, end: number): string | undefined {
    if (block[end - 1] !== 0x0a) return undefined;
    const head = this.#heads.read(block, start, end);
    if (!head || (head.namespace === undefined && this.#namespaces)) return undefined;
    const key = streamKey(head.stream, head.namespace);
    return this.#declared.has(key) ? key : undefined;
  }

  *#parsed(line: Buffer): Generator<Arrival> {
    let message: unknown;
    try {
      message = JSON.parse(line.toString('utf8'));
    } catch {
      const whole = line[line.length - 1] === 0x0a;
      yield { kind: 'reject', bytes: line, reason: whole ? 'not JSON' : 'cut short at the end of the input' };
      return;
    }
    yield* this.#message(message, line);
  }

  *#message(message: unknown, line: Buffer): Generator<Arrival> {
    if (!isObject(message)) {
      yield { kind: 'reject', bytes: line, reason: 'not a message' };
      return;
    }
    switch (message.type) {
      case 'RECORD':
        yield this.#record(message.record, line);
        break;
      case 'STATE':
        yield stateArrival(message as unknown as StateMessage);
        break;
      case 'CATALOG':
        if (this.#declared.size === 0) yield* this.declare(bestModes(message.catalog as Catalog));
        break;
      case 'TRACE':
        yield* this.#status(message.trace);
        break;
      default:
    }
  }

  *#status(trace: unknown): Generator<Arrival> {
    const found = isObject(trace) ? (trace as Partial<TraceMessage['trace']>).stream_status : undefined;
    if (!found?.stream_descriptor) return;
    const { stream_descriptor: descriptor, status } = found;
    const stream = streamKey(descriptor.name, descriptor.namespace);
    this.#onStatus?.(stream, status);
    if (status === 'COMPLETE' || status === 'INCOMPLETE') yield { kind: 'status', stream, status };
  }

  #record(record: unknown, line: Buffer): Arrival {
    if (!isObject(record) || typeof record.stream !== 'string')
      return { kind: 'reject', bytes: line, reason: 'a record without a stream' };
    if (this.#declared.size === 0)
      throw configError(
        'Cannot write: records came before any catalog, pass --catalog FILE or pipe from a source that prints its catalog',
      );
    const stream = streamKey(record.stream, record.namespace as string | null | undefined);
    if (!this.#declared.has(stream))
      return { kind: 'reject', bytes: line, reason: `unknown stream "${stream}"` };
    const bytes = line[line.length - 1] === 0x0a ? line : Buffer.concat([line, Buffer.from('\n')]);
    return { kind: 'records', stream, bytes, count: 1 };
  }
}

function stateArrival(message: StateMessage): Arrival {
  const descriptor = message.state?.stream?.stream_descriptor;
  return descriptor
    ? { kind: 'state', stream: streamKey(descriptor.name, descriptor.namespace), message }
    : { kind: 'state', message };
}
