// What destinations give as proof of a delivery: read from the JSON that they log with each load.
import { isObject } from '@airbyte/cdk-typescript-shim';

/** The proof of a load; `streams` are those it is for, all when absent. */
export interface Receipt {
  readonly streams?: readonly string[];
  /** A stream has tables of its own for nested lists: the proof of its main table counts. */
  readonly table?: string;
  readonly text: string;
}

/** A LOG line as the JSON object that it is, or undefined. */
export function logEntry(message: string): Readonly<Record<string, unknown>> | undefined {
  if (!message.startsWith('{"event":')) return undefined;
  try {
    const entry: unknown = JSON.parse(message);
    return isObject(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

type Entry = Readonly<Record<string, unknown>>;

const loads: Readonly<Record<string, (entry: Entry) => readonly Receipt[]>> = {
  'table loaded': tableLoaded,
  'files written': ({ table, segment }) => [{ ...tableOf(table), text: `segment ${said(segment)}` }],
  'data source published': dataSource,
  'data source updated': dataSource,
  delivered: ({ dataset, tables }) =>
    Object.entries(isObject(tables) ? tables : {}).map(([table, sent]) => ({
      ...tableOf(table),
      text: joined(['model', dataset], isObject(sent) ? ['batches', sent.batches] : [], rowsOf(sent)),
    })),
  replicated: ({ database, tables }) =>
    Object.entries(isObject(tables) ? tables : {}).map(([table, sent]) => ({
      ...tableOf(table),
      text: joined(['mirrored database', database], rowsOf(sent)),
    })),
};

/** The proofs in a LOG line of a destination; none for a line about something else. */
export const receiptsIn = (entry: Entry): readonly Receipt[] =>
  typeof entry.event === 'string' && Object.hasOwn(loads, entry.event)
    ? (loads[entry.event]?.(entry) ?? [])
    : [];

/** Databricks tells the statement, PostgreSQL the batch that its log of loads knows. */
function tableLoaded({ stream, table, statement, batch, segment }: Entry): readonly Receipt[] {
  const text = statement
    ? joined(['statement', statement])
    : batch
      ? joined(['batch', batch], ['segment', segment])
      : joined(['table', table]);
  return [{ ...tableOf(table), ...(typeof stream === 'string' ? { streams: [stream] } : {}), text }];
}

/** https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_jobs_tasks_and_schedules.htm: 0 is success. */
function dataSource({ job, request_id, finish_code, data_source, batches }: Entry): readonly Receipt[] {
  const text = joined(
    job ? ['job', job] : ['data source', data_source],
    ['request', request_id],
    ['finish code', finish_code],
  );
  const named = (Array.isArray(batches) ? batches : []).flatMap((batch) =>
    isObject(batch) && typeof batch.stream === 'string' ? [batch.stream] : [],
  );
  return [{ ...(named.length > 0 ? { streams: [...new Set(named)] } : {}), text }];
}

const tableOf = (table: unknown): Pick<Receipt, 'table'> => (typeof table === 'string' ? { table } : {});

const rowsOf = (sent: unknown): readonly unknown[] => (isObject(sent) ? ['rows', sent.rows] : []);

const said = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const joined = (...parts: readonly (readonly unknown[])[]): string =>
  parts
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${said(name)} ${said(value)}`)
    .join(', ');

/** The newest proof of each stream. */
export class Receipts {
  readonly #byStream = new Map<string, Receipt>();
  readonly #byTable = new Map<string, Receipt>();
  #ofAll: Receipt | undefined;

  add(receipt: Receipt): void {
    for (const stream of receipt.streams ?? []) this.#ofStream(stream, receipt);
    if (receipt.table !== undefined) this.#byTable.set(folded(receipt.table), receipt);
    if (!receipt.streams && receipt.table === undefined) this.#ofAll = receipt;
  }

  of(stream: string): string | undefined {
    const found = this.#byStream.get(stream) ?? this.#byTable.get(folded(stream)) ?? this.#ofAll;
    return found?.text;
  }

  /** The proof of the table that is called like the stream stays when those of its nested tables come. */
  #ofStream(stream: string, receipt: Receipt): void {
    const known = this.#byStream.get(stream);
    const isMain = receipt.table === undefined || folded(receipt.table) === folded(stream);
    const mainIsKnown = known?.table !== undefined && folded(known.table) === folded(stream);
    if (isMain || !mainIsKnown) this.#byStream.set(stream, receipt);
  }
}

/** `Credit_Notes`, `CreditNotes` and `credit_notes` are one name. */
export const folded = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
