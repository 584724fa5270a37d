// What every strategy is given and gives: streams with their states in, records and states out, statements between.
import { asConnectorError, type Clock, type ConfiguredStream, isObject } from '@airbyte/cdk-typescript-shim';
import type { Answer, Answers, Api } from './api.ts';
import type { Config } from './spec.ts';
import type { Stream } from './streams.ts';
import { queryInstant, type RecordData, type Row } from './values.ts';

export type State = Readonly<Record<string, unknown>>;

/** A stream to read, with what its last state says of this company. */
export interface Selected {
  readonly stream: Stream;
  /** All rows, whatever the state says (full_refresh); no tombstones. */
  readonly refresh: boolean;
  readonly state: State;
}

export interface Reading {
  readonly api: Api;
  readonly realm: string;
  readonly config: Config;
  readonly clock: Clock;
}

/** What a strategy yields: a record, the state that covers all records of its stream so far, or a word for the log. */
export type Step =
  | { readonly stream: Stream; readonly data: RecordData }
  | { readonly stream: Stream; readonly state: State }
  | { readonly stream: Stream; readonly note: string; readonly level: 'INFO' | 'WARN' };

/**
 * Statements that a strategy wants answered, to be sent in one call with those of others. It may be given the answers
 * of the first few alone, where the call had room for no more; of the first `least` at the least.
 */
export interface Ask {
  readonly ask: readonly string[];
  readonly least?: number;
}

/** A strategy as a coroutine: it yields steps, and asks for answers; what it returns is its result. */
export type Course<Result> = Generator<Step | Ask, Result, Answers>;

export const refreshes = (configured: Pick<ConfiguredStream, 'sync_mode'>): boolean =>
  configured.sync_mode === 'full_refresh';

/** Asks, and gives the answers without faults: a fault ends the strategy, and with it the stream alone. */
export function* answersTo(
  ask: readonly string[],
  least = 1,
): Generator<Ask, { answers: readonly Exclude<Answer, Error>[]; at: number }, Answers> {
  const { answers, at } = yield { ask, least };
  return {
    answers: answers.map((answer) => {
      if (answer instanceof Error) throw asConnectorError(answer);
      return answer;
    }),
    at,
  };
}

/** The conditions of a statement; nothing where there are none. */
function where({ inactive }: Stream, since: number | undefined): string {
  const conditions = [
    inactive ? 'Active IN (true,false)' : '',
    since === undefined ? '' : `MetaData.LastUpdatedTime >= '${queryInstant(since)}'`,
  ].filter(Boolean);
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}

/** Rows in the order of their change, from a moment and a position (from 1) on. */
export const changedFrom = (
  stream: Stream,
  { since, position, size }: { since: number | undefined; position: number; size: number },
): string =>
  `SELECT * FROM ${stream.entity}${where(stream, since)} ORDERBY MetaData.LastUpdatedTime ASC STARTPOSITION ${position} MAXRESULTS ${size}`;

export const allFrom = (stream: Stream, { position, size }: { position: number; size: number }): string =>
  `SELECT * FROM ${stream.entity}${where(stream, undefined)} STARTPOSITION ${position} MAXRESULTS ${size}`;

export const countOf = (stream: Stream, since?: number): string =>
  `SELECT COUNT(*) FROM ${stream.entity}${where(stream, since)}`;

/** Records by their ids. */
export const withIds = (stream: Stream, ids: readonly string[]): string => {
  const list = ids.map((id) => `'${id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(',');
  const conditions = where(stream, undefined);
  return `SELECT * FROM ${stream.entity}${conditions ? `${conditions} AND` : ' WHERE'} Id IN (${list}) MAXRESULTS ${ids.length}`;
};

/** The row itself: recurring transactions come wrapped in an object named after their kind. */
export function unwrapped({ wrapped }: Stream, row: Row): Row {
  if (!wrapped) return row;
  const [entry] = Object.entries(row).filter(([, value]) => isObject(value));
  if (!entry || 'Id' in row) return row;
  const [TransactionType, inner] = entry;
  return { TransactionType, ...(inner as Row) };
}

/** The id of a row; of its own parts where QuickBooks sends none. */
export const idOf = ({ keyFrom }: Stream, row: Row): string =>
  row.Id === undefined && keyFrom ? keyFrom.map((field) => String(row[field])).join('/') : String(row.Id);
