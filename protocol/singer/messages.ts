// Singer's messages: their types, and the line of each.
import type { JsonSchema } from '../schema.ts';

export interface SingerSchema {
  readonly type: 'SCHEMA';
  readonly stream: string;
  readonly schema: JsonSchema;
  /** Top-level properties that identify a record; empty: none do. */
  readonly key_properties: readonly string[];
  /** The property that says which of two versions is newer. */
  readonly bookmark_properties?: readonly string[];
}

export interface SingerRecord {
  readonly type: 'RECORD';
  readonly stream: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Of the table; see SingerActivateVersion. */
  readonly version?: number;
  /** RFC 3339 with offset. */
  readonly time_extracted?: string;
}

export interface SingerState {
  readonly type: 'STATE';
  readonly value: SingerStateValue;
}

/** What a tap of ours keeps between runs; opaque to targets. Covers every message before it, of all streams. */
export interface SingerStateValue {
  /** The state of each stream, by `tap_stream_id`. */
  readonly bookmarks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The stream that is not done; null when all are. */
  readonly currently_syncing: string | null;
  /** The versions of tables that are being read as a whole, so that a resumed read goes on under the same one. */
  readonly versions?: Readonly<Record<string, number>>;
}

/** Rows of the stream with another version are to go. */
export interface SingerActivateVersion {
  readonly type: 'ACTIVATE_VERSION';
  readonly stream: string;
  readonly version: number;
}

export type SingerMessage = SingerSchema | SingerRecord | SingerState | SingerActivateVersion;

/** One message as its line, LF included. */
export const encodeSinger = (message: SingerMessage): string => `${JSON.stringify(message)}\n`;

/** Singer has no namespaces; targets of the Meltano SDK split a stream's name at the hyphen. */
export const singerName = (name: string, namespace?: string | null): string =>
  namespace ? `${namespace}-${name}` : name;
