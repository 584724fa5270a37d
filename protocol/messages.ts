// The protocol's messages: types generated from schema/*.json, and one constructor for each envelope.
import type {
  Catalog,
  ConnectionStatus,
  ControlBody,
  LogBody,
  Message,
  RecordBody,
  Specification,
  StateBody,
  StateStats,
  StreamStatus,
  TraceError,
  TraceEstimate,
} from './generated/message.ts';

export type {
  Catalog,
  CatalogMessage,
  ConnectionStatus,
  ConnectionStatusMessage,
  ControlMessage,
  LogMessage,
  Message,
  RecordBody,
  RecordMessage,
  Specification,
  SpecMessage,
  StateBody,
  StateMessage,
  StateStats,
  Stream,
  StreamDescriptor,
  TraceMessage,
} from './generated/message.ts';

export type LogLevel = LogBody['level'];
export type StreamStatusKind = StreamStatus['status'];

export const recordMessage = (stream: string, data: RecordBody['data'], emittedAt: number): Message => ({
  type: 'RECORD',
  record: { stream, data, emitted_at: emittedAt },
});

/** A STREAM state. `recordCount` is the number of records since the stream's previous state. */
export const stateMessage = (
  stream: string,
  streamState: Record<string, unknown>,
  recordCount: number,
): Message => ({
  type: 'STATE',
  state: {
    type: 'STREAM',
    stream: { stream_descriptor: { name: stream }, stream_state: streamState },
    sourceStats: { recordCount },
  },
});

/** A state as a destination gives it back: the same object, unknown keys intact, with the destination's count. */
export const echoedState = (state: StateBody, destinationStats: StateStats): Message => ({
  type: 'STATE',
  state: { ...state, destinationStats },
});

export const logMessage = (level: LogLevel, message: string): Message => ({
  type: 'LOG',
  log: { level, message },
});

export const specMessage = (spec: Specification): Message => ({ type: 'SPEC', spec });

export const catalogMessage = (catalog: Catalog): Message => ({ type: 'CATALOG', catalog });

export const connectionStatusMessage = (connectionStatus: ConnectionStatus): Message => ({
  type: 'CONNECTION_STATUS',
  connectionStatus,
});

export const errorMessage = (error: TraceError, emittedAt: number): Message => ({
  type: 'TRACE',
  trace: { type: 'ERROR', emitted_at: emittedAt, error },
});

export const estimateMessage = (estimate: TraceEstimate, emittedAt: number): Message => ({
  type: 'TRACE',
  trace: { type: 'ESTIMATE', emitted_at: emittedAt, estimate },
});

export const streamStatusMessage = (
  stream: string,
  status: StreamStatusKind,
  emittedAt: number,
  quotaReset?: number,
): Message => ({
  type: 'TRACE',
  trace: {
    type: 'STREAM_STATUS',
    emitted_at: emittedAt,
    stream_status: {
      stream_descriptor: { name: stream },
      status,
      ...(quotaReset === undefined
        ? {}
        : { reasons: [{ type: 'RATE_LIMITED' as const, rate_limited: { quota_reset: quotaReset } }] }),
    },
  },
});

/** The one message that carries secrets: the complete configuration, to replace the caller's copy. */
export const controlMessage = (
  config: NonNullable<ControlBody['connectorConfig']>['config'],
  emittedAt: number,
): Message => ({
  type: 'CONTROL',
  control: { type: 'CONNECTOR_CONFIG', emitted_at: emittedAt, connectorConfig: { config } },
});
