// From a source's messages to a tap's: schemas before records, one state for all streams, versions where asked for.
import { streamKey } from '../declaration.ts';
import { systemError } from '../errors.ts';
import type { Message, RecordBody, StateBody, TraceMessage } from '../messages.ts';
import type { JsonSchema } from '../schema.ts';
import { type SingerMessage, type SingerSchema, type SingerStateValue, singerName } from './messages.ts';
import type { SingerSelection } from './selection.ts';
import { type Data, deletionMark, recordShaper, singerDeletionMark } from './shape.ts';
import { type SingerStart, streamStates } from './state.ts';

export interface TranslateOptions {
  /** What the last run left behind. */
  readonly start: SingerStart;
  /** When given, streams that are read as a whole get this version, or the one that an unfinished run began with. */
  readonly version?: number;
}

interface TapStream {
  readonly id: string;
  readonly shape: (data: Data) => Data;
  readonly version?: number;
  schema: SingerSchema;
  announced: boolean;
}

const instant: JsonSchema = { type: ['string', 'null'], format: 'date-time' };

/** Holds what was said of each stream. Give it every message of a read in order, and call `finish` at the end. */
export class SingerTranslator {
  readonly #streams: ReadonlyMap<string, TapStream>;
  readonly #open: Set<string>;
  readonly #bookmarks: Record<string, Readonly<Record<string, unknown>>>;
  readonly #versions: Record<string, number>;
  #current: string | null = null;
  /** The last line, when it is a STATE. */
  #settled = '';
  #extracted = { at: Number.NaN, text: '' };

  constructor({ catalog, deselected }: SingerSelection, { start, version }: TranslateOptions) {
    this.#bookmarks = { ...start.bookmarks };
    this.#versions = {};
    const streams = catalog.streams.map(({ stream, ...configured }): [string, TapStream] => {
      const key = streamKey(stream.name, stream.namespace);
      const id = singerName(stream.name, stream.namespace);
      const schema = stream.json_schema as JsonSchema;
      const whole = version !== undefined && configured.sync_mode === 'full_refresh';
      const own = whole ? (start.versions[id] ?? version) : undefined;
      if (own !== undefined) this.#versions[id] = own;
      const cursor = configured.cursor_field ?? [];
      return [
        key,
        {
          id,
          shape: recordShaper(schema, deselected.get(key) ?? []),
          ...(own === undefined ? {} : { version: own }),
          schema: {
            type: 'SCHEMA',
            stream: id,
            schema: deletionMark in (schema.properties ?? {}) ? withDeletionMarks(schema) : schema,
            key_properties: (configured.primary_key ?? []).flat(),
            ...(cursor.length === 1 ? { bookmark_properties: cursor } : {}),
          },
          announced: false,
        },
      ];
    });
    this.#streams = new Map(streams);
    this.#open = new Set(this.#streams.keys());
  }

  /** What a tap prints for a message of the source; nothing for what Singer has no message for. */
  *translate(message: Message): Generator<SingerMessage> {
    if (message.type === 'RECORD') yield* this.#record(message.record);
    else if (message.type === 'STATE') yield this.#state(message.state);
    else if (message.type === 'TRACE') yield* this.#status(message.trace);
  }

  /** The SCHEMA of every stream that has not had one. */
  *schemas(): Generator<SingerMessage> {
    for (const stream of this.#streams.values()) yield* this.#announce(stream);
  }

  /** The last STATE, which names a stream that is not done; nothing when the last line said it already. */
  *finish(): Generator<SingerMessage> {
    const [unfinished] = this.#open;
    this.#current = unfinished === undefined ? null : (this.#streams.get(unfinished)?.id ?? null);
    const last = this.#settled;
    const state = this.#covering();
    if (JSON.stringify(state.value) !== last) yield state;
  }

  *#record({ stream: name, namespace, data, emitted_at: at }: RecordBody): Generator<SingerMessage> {
    const stream = this.#streams.get(streamKey(name, namespace));
    if (!stream) throw systemError(`The source sent a record of stream "${name}", which was not selected`);
    const deleted = data[deletionMark];
    const gone = deleted !== null && deleted !== undefined;
    if (gone && !(singerDeletionMark in (stream.schema.schema.properties ?? {}))) {
      stream.schema = { ...stream.schema, schema: withDeletionMarks(stream.schema.schema) };
      stream.announced = false;
    }
    yield* this.#announce(stream);
    const record = stream.shape(data);
    this.#settled = '';
    yield {
      type: 'RECORD',
      stream: stream.id,
      record: gone ? { ...record, [singerDeletionMark]: deleted } : record,
      ...(stream.version === undefined ? {} : { version: stream.version }),
      time_extracted: this.#instant(at),
    };
  }

  *#announce(stream: TapStream): Generator<SingerMessage> {
    if (stream.announced) return;
    stream.announced = true;
    this.#settled = '';
    yield stream.schema;
  }

  #state(state: StateBody): SingerMessage {
    for (const [key, value] of streamStates(state)) {
      const id = this.#streams.get(key)?.id ?? key;
      this.#bookmarks[id] = value;
      if (this.#open.has(key)) this.#current = id;
    }
    return this.#covering();
  }

  #covering(): SingerMessage & { readonly type: 'STATE' } {
    const value: SingerStateValue = {
      bookmarks: { ...this.#bookmarks },
      currently_syncing: this.#current,
      ...(Object.keys(this.#versions).length > 0 ? { versions: { ...this.#versions } } : {}),
    };
    this.#settled = JSON.stringify(value);
    return { type: 'STATE', value };
  }

  *#status({ stream_status: found }: TraceMessage['trace']): Generator<SingerMessage> {
    if (!found) return;
    const { name, namespace } = found.stream_descriptor;
    const key = streamKey(name, namespace);
    const stream = this.#streams.get(key);
    if (!stream) return;
    if (found.status !== 'INCOMPLETE') yield* this.#announce(stream);
    if (found.status === 'STARTED') this.#current = stream.id;
    if (found.status !== 'COMPLETE') return;
    this.#open.delete(key);
    if (this.#current === stream.id) this.#current = null;
    delete this.#versions[stream.id];
    if (stream.version === undefined) return;
    this.#settled = '';
    yield { type: 'ACTIVATE_VERSION', stream: stream.id, version: stream.version };
  }

  /** Records of one page carry one time. */
  #instant(at: number): string {
    if (at !== this.#extracted.at) this.#extracted = { at, text: new Date(at).toISOString() };
    return this.#extracted.text;
  }
}

function withDeletionMarks(schema: JsonSchema): JsonSchema {
  const { [deletionMark]: mark = instant } = schema.properties ?? {};
  return {
    ...schema,
    properties: { ...schema.properties, [deletionMark]: mark, [singerDeletionMark]: instant },
  };
}
