// One SQL statement from sending to its end: waits while the warehouse starts, polls, cancels when the run is stopped.
import { type ConnectorError, transientError } from '@airbyte/cdk-typescript-shim';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Api } from '../api.ts';

export interface StatementPorts {
  readonly api: Api;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** As `patientSignal` makes it of `signal`. */
  readonly patient: AbortSignal;
  readonly warehouse: string;
  /** How long a statement may be PENDING, in milliseconds. */
  readonly startMilliseconds: number;
  /** Called once for a statement that has to wait for the warehouse. */
  readonly onPending?: () => Promise<void>;
}

/** A statement that did not do its work: the class is what stands in brackets before the message. */
export interface StatementFailure {
  readonly id: string;
  /** `TABLE_OR_VIEW_NOT_FOUND`, `UNRESOLVED_COLUMN.WITH_SUGGESTION`; empty when there is none. */
  readonly errorClass: string;
  readonly sqlState: string;
  /** The API's own code: `BAD_REQUEST` for everything SQL. */
  readonly code: string;
  readonly message: string;
}

export type Outcome =
  | { readonly ok: true; readonly id: string; readonly rows: readonly ResultRow[] }
  | { readonly ok: false; readonly failure: StatementFailure };

/** Values by column name (lower case): text, or null. */
export type ResultRow = Readonly<Record<string, string | null>>;

/** An answer's state and everything that may come with it (SQL Statement Execution API 2.0). */
interface Answer {
  readonly statement_id?: string;
  readonly status?: {
    readonly state?: string;
    readonly error?: { readonly error_code?: string; readonly message?: string };
    readonly sql_state?: string;
  };
  readonly manifest?: { readonly schema?: { readonly columns?: readonly { readonly name?: string }[] } };
  readonly result?: { readonly data_array?: readonly (readonly (string | null)[])[] };
}

/** Longest pause between polls; a statement nobody asks about for 15 minutes may be dropped. */
const longestPause = 5_000;

/**
 * How long the first answer may wait, in seconds (the API takes 5 to 50). Short, because a stopped run can only cancel
 * a statement whose ID it knows, and has 8 seconds for it.
 */
const answerSeconds = 5;

/**
 * Runs one statement that may be sent twice without harm: the API knows no idempotency key, so a request whose answer
 * was lost is sent again. Throws what the signal was aborted with, once the statement has been cancelled.
 */
export async function runStatement(
  ports: StatementPorts,
  statement: string,
  purpose: string,
): Promise<Outcome> {
  const { api, clock, signal, warehouse } = ports;
  signal.throwIfAborted();
  const started = clock.now();
  const answer = await api.send({
    method: 'POST',
    url: `${api.url}/api/2.0/sql/statements`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      warehouse_id: warehouse,
      statement,
      wait_timeout: `${answerSeconds}s`,
      on_wait_timeout: 'CONTINUE',
      disposition: 'INLINE',
      format: 'JSON_ARRAY',
    }),
    repeatable: true,
    purpose,
    signal: ports.patient,
  });
  return await untilDone(answer.json() as Answer, { ...ports, purpose, started });
}

/**
 * A signal for statements being sent: it follows `signal` a little later, so that an ID that is on its way arrives and
 * the statement can be cancelled.
 */
export function patientSignal(signal: AbortSignal, clock: Clock): AbortSignal {
  const controller = new AbortController();
  const giveUp = async (): Promise<void> => {
    await clock.sleep((answerSeconds + 1) * 1000);
    controller.abort(signal.reason);
  };
  signal.addEventListener('abort', () => void giveUp(), { once: true });
  return controller.signal;
}

interface Waiting extends StatementPorts {
  readonly purpose: string;
  readonly started: number;
}

async function untilDone(first: Answer, waiting: Waiting): Promise<Outcome> {
  const id = first.statement_id ?? '';
  let answer = first;
  let pause = 250;
  let told = false;
  while (!isTerminal(answer)) {
    if (answer.status?.state === 'PENDING') {
      if (waiting.clock.now() - waiting.started > waiting.startMilliseconds) throw await tooLate(id, waiting);
      if (!told) await waiting.onPending?.();
      told = true;
    }
    try {
      await waiting.clock.sleep(pause, waiting.signal);
      answer = await poll(id, waiting);
    } catch (error) {
      if (waiting.signal.aborted) await cancel(id, waiting);
      throw waiting.signal.aborted ? waiting.signal.reason : error;
    }
    pause = Math.min(pause * 1.6, longestPause);
  }
  return outcomeOf(id, answer);
}

const terminal: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'CLOSED']);

const isTerminal = ({ status }: Answer): boolean => terminal.has(status?.state ?? 'FAILED');

async function poll(id: string, { api, signal, purpose }: Waiting): Promise<Answer> {
  const url = `${api.url}/api/2.0/sql/statements/${encodeURIComponent(id)}`;
  return (await api.send({ method: 'GET', url, purpose, signal })).json() as Answer;
}

async function tooLate(id: string, waiting: Waiting): Promise<ConnectorError> {
  await cancel(id, waiting);
  const minutes = Math.round(waiting.startMilliseconds / 60_000);
  return transientError(
    `Cannot ${waiting.purpose}: the SQL warehouse did not start within ${minutes} minutes, look at its events in Databricks or raise "warehouse_start_minutes"`,
    { detail: `statement ${id} stayed PENDING` },
  );
}

/** Asks Databricks to cancel and waits, not for long, until it has: a statement may still win the race. */
async function cancel(id: string, { api, clock, purpose }: Waiting): Promise<void> {
  const url = `${api.url}/api/2.0/sql/statements/${encodeURIComponent(id)}`;
  try {
    await api.send({
      method: 'POST',
      url: `${url}/cancel`,
      body: '{}',
      repeatable: true,
      purpose: 'cancel a statement',
    });
    for (let polls = 0; polls < 8; polls += 1) {
      const answer = (await api.send({ method: 'GET', url, purpose })).json() as Answer;
      if (isTerminal(answer)) return;
      await clock.sleep(500);
    }
  } catch {
    // The run is ending anyway; a statement that goes on changes nothing that its repetition would not.
  }
}

function outcomeOf(id: string, answer: Answer): Outcome {
  const state = answer.status?.state;
  if (state === 'SUCCEEDED' || state === 'CLOSED') return { ok: true, id, rows: rowsOf(answer) };
  const { error_code: code = state ?? 'UNKNOWN', message = '' } = answer.status?.error ?? {};
  return { ok: false, failure: { id, code, message, ...classOf(message, answer.status?.sql_state) } };
}

/** The class and SQLSTATE from wherever they stand: older versions give the SQLSTATE in the message only. */
function classOf(message: string, sqlState: string | undefined): { errorClass: string; sqlState: string } {
  return {
    errorClass: /^\s*(?:\S+:\s*)?\[([A-Z0-9_.]+)\]/.exec(message)?.[1] ?? '',
    sqlState: sqlState ?? /SQLSTATE:\s*([0-9A-Z]{5})/.exec(message)?.[1] ?? '',
  };
}

function rowsOf({ manifest, result }: Answer): readonly ResultRow[] {
  const names = (manifest?.schema?.columns ?? []).map(({ name = '' }) => name.toLowerCase());
  return (result?.data_array ?? []).map((values) =>
    Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])),
  );
}
