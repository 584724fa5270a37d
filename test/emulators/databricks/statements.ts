// Statements from submission to their end: waiting for the warehouse, running, cancelling, and being forgotten.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Parameter } from './sql/build-world.ts';
import { failure, SqlFailure } from './sql/errors.ts';
import { type Affected, nothing, type Outcome } from './sql/session.ts';
import type { StatementKind } from './sql/statements.ts';
import { sleepUntil } from './waiting.ts';
import type { Warehouse } from './warehouse.ts';

export type StatementState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'CLOSED';

export interface Submission {
  readonly text: string;
  readonly catalog: string;
  readonly schema: string;
  readonly parameters: readonly Parameter[];
}

/** One line of the emulator's statement log. */
export interface LoggedStatement {
  readonly id: string;
  readonly text: string;
  /** `unknown` when the text is no statement. */
  readonly kind: StatementKind | 'unknown';
  readonly state: StatementState;
  readonly error: { readonly error_code: string; readonly message: string } | undefined;
  readonly sqlState: string | undefined;
  readonly affected: Affected;
}

/** A failure to come: of the next `times` statements of this kind, before their work or after it was committed. */
export interface StatementFault {
  readonly kind?: StatementKind;
  /** `DELTA_CONCURRENT_APPEND`, or an API error code such as TEMPORARILY_UNAVAILABLE. */
  readonly errorClass: string;
  readonly sqlState?: string;
  readonly message?: string;
  readonly times?: number;
  readonly when?: 'before' | 'after';
}

/** Parses and runs one text. `started` is told the kind as soon as it is known. */
export type RunStatement = (
  submission: Submission,
  options: { signal: AbortSignal; started: (kind: StatementKind) => void },
) => Promise<Outcome>;

/** API error codes a statement may fail with that are no SQL error classes (databricks.md 2.3). */
const apiCodes = new Set(
  `INTERNAL_ERROR RESOURCE_EXHAUSTED ABORTED IO_ERROR DEADLINE_EXCEEDED SERVICE_UNDER_MAINTENANCE TEMPORARILY_UNAVAILABLE
  WORKSPACE_TEMPORARILY_UNAVAILABLE NOT_FOUND ALREADY_EXISTS UNAUTHENTICATED CANCELLED UNKNOWN BAD_REQUEST`.split(
    /\s+/,
  ),
);

/** Results stay readable for an hour, statements known for twelve. */
const resultMilliseconds = 3_600_000;
const knownMilliseconds = 12 * 3_600_000;

export class RunningStatement implements LoggedStatement {
  readonly id: string;
  readonly text: string;
  readonly abort = new AbortController();
  kind: StatementKind | 'unknown' = 'unknown';
  state: StatementState = 'PENDING';
  error: LoggedStatement['error'];
  sqlState: string | undefined;
  affected: Affected = nothing;
  outcome: Outcome | undefined;
  endedAt: number | undefined;
  /** Resolves when the statement has come to an end. */
  settled: Promise<void> = Promise.resolve();

  constructor(id: string, text: string) {
    this.id = id;
    this.text = text;
  }
}

export class Statements {
  readonly log: RunningStatement[] = [];
  readonly #clock: Clock;
  readonly #warehouse: Warehouse;
  readonly #run: RunStatement;
  readonly #sqlStateField: boolean;
  #faults: { fault: StatementFault; left: number }[] = [];

  constructor(
    run: RunStatement,
    { clock, warehouse, sqlStateField }: { clock: Clock; warehouse: Warehouse; sqlStateField: boolean },
  ) {
    this.#run = run;
    this.#clock = clock;
    this.#warehouse = warehouse;
    this.#sqlStateField = sqlStateField;
  }

  failNext(fault: StatementFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  submit(submission: Submission): RunningStatement {
    const statement = new RunningStatement(statementId(this.#clock.now()), submission.text);
    this.log.push(statement);
    statement.settled = this.#live(statement, submission);
    return statement;
  }

  /** A statement still known, its result dropped once it is an hour old; undefined after twelve hours. */
  find(id: string): RunningStatement | undefined {
    const statement = this.log.find((candidate) => candidate.id === id);
    const age = this.#clock.now() - (statement?.endedAt ?? this.#clock.now());
    if (!statement || age > knownMilliseconds) return undefined;
    if (age > resultMilliseconds) close(statement);
    return statement;
  }

  async cancelAll(): Promise<void> {
    for (const statement of this.log) statement.abort.abort();
    await Promise.all(this.log.map(({ settled }) => settled));
  }

  async #live(statement: RunningStatement, submission: Submission): Promise<void> {
    const { signal } = statement.abort;
    try {
      await this.#warehouse.ready(signal);
      if (signal.aborted) throw signal.reason;
      statement.state = 'RUNNING';
      const outcome = await this.#warehouse.busy(() => this.#work(statement, submission));
      statement.outcome = outcome;
      statement.affected = outcome.affected;
      statement.state = 'SUCCEEDED';
    } catch (error) {
      // A cancellation that comes too late changes nothing: the statement has succeeded by then.
      if (signal.aborted) statement.state = 'CANCELED';
      else this.#fail(statement, error);
    }
    statement.endedAt = this.#clock.now();
  }

  async #work(statement: RunningStatement, submission: Submission): Promise<Outcome> {
    const { signal } = statement.abort;
    await sleepUntil(this.#clock, this.#clock.now() + this.#warehouse.statementSeconds * 1000, signal);
    if (signal.aborted) throw signal.reason;
    let fault: StatementFault | undefined;
    const started = (kind: StatementKind): void => {
      statement.kind = kind;
      fault = this.#takeFault(kind);
      if (fault && fault.when !== 'after') throw injected(fault);
    };
    const outcome = await this.#run(submission, { signal, started });
    if (fault) throw injected(fault);
    return outcome;
  }

  #takeFault(kind: StatementKind): StatementFault | undefined {
    const entry = this.#faults.find(({ fault }) => fault.kind === undefined || fault.kind === kind);
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#faults = this.#faults.filter((other) => other !== entry);
    return entry.fault;
  }

  #fail(statement: RunningStatement, error: unknown): void {
    const failed = error instanceof SqlFailure ? error : failure('INTERNAL_ERROR', String(error));
    statement.state = 'FAILED';
    statement.error = { error_code: failed.code, message: failed.message };
    statement.sqlState = this.#sqlStateField ? failed.sqlState : undefined;
  }
}

/** The result is held no longer; the statement stays known. */
export function close(statement: RunningStatement): void {
  if (statement.state !== 'SUCCEEDED') return;
  statement.state = 'CLOSED';
  statement.outcome = undefined;
}

function injected({
  errorClass,
  sqlState = '2D521',
  message = 'Scripted failure.',
}: StatementFault): SqlFailure {
  if (apiCodes.has(errorClass)) return new SqlFailure(message, { errorClass, code: errorClass });
  return new SqlFailure(`[${errorClass}] ${message} SQLSTATE: ${sqlState}`, { errorClass, sqlState });
}

let sequence = 0;

/** A time-based UUID, the way real ids look: `01ef9de4-091e-1cca-a458-a00ed5ab7b11`. */
function statementId(now: number): string {
  // 100 ns ticks since 15 October 1582, as RFC 9562 counts them.
  sequence += 1;
  const ticks = ((BigInt(now) + 12_219_292_800_000n) * 10_000n + BigInt(sequence % 10_000))
    .toString(16)
    .padStart(15, '0');
  const tail = sequence.toString(16).padStart(12, '0');
  return `0${ticks.slice(0, 7)}-${ticks.slice(7, 11)}-1${ticks.slice(11, 14)}-a458-${tail}`;
}
