// Runs statements and reads their failures: what to send again, what to plan anew, what to tell the user.
import { ConnectorError, type ErrorKind } from '@airbyte/cdk-typescript-shim';
import { grantRemedy, said } from './api/errors.ts';
import { type Outcome, runStatement, type StatementFailure, type StatementPorts } from './api/statements.ts';

/**
 * What a failure asks for. `again`: the same statement, later. `present`: what it makes is there already. `replan`:
 * the table is not as it was. `restage`: the staged files are gone.
 */
export type Remedy = 'again' | 'present' | 'replan' | 'restage' | 'none';

export interface Statements {
  /** Runs a statement, again where that may help. */
  run(statement: string, purpose: string): Promise<Outcome>;
}

/** Codes of the API that pass ("SQL Statement Execution API", ServiceErrorCode). */
const passing: ReadonlySet<string> = new Set([
  'TEMPORARILY_UNAVAILABLE',
  'WORKSPACE_TEMPORARILY_UNAVAILABLE',
  'SERVICE_UNDER_MAINTENANCE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'IO_ERROR',
]);

/** By SQLSTATE ("Error classes"); it is the same for all classes of a kind. */
const bySqlState: Readonly<Record<string, Remedy>> = {
  // DELTA_CONCURRENT_*, DELTA_METADATA_CHANGED, DELTA_PROTOCOL_CHANGED
  '2D521': 'again',
  '42P07': 'present',
  '42710': 'present',
  '42711': 'present',
  '42P01': 'replan',
  '42703': 'replan',
  '42704': 'replan',
  '22005': 'replan',
  '42K09': 'replan',
  '42806': 'replan',
  '21S01': 'replan',
  '23502': 'replan',
  '42K03': 'restage',
};

/** By class, for versions that give no SQLSTATE. */
const byClass: readonly (readonly [RegExp, Remedy])[] = [
  [/^DELTA_(CONCURRENT_|METADATA_CHANGED|PROTOCOL_CHANGED)/, 'again'],
  [/ALREADY_EXISTS|^DELTA_DUPLICATE_COLUMNS_FOUND/, 'present'],
  [/^PATH_NOT_FOUND|^CF_EMPTY_DIR/, 'restage'],
  [/^(TABLE_OR_VIEW|SCHEMA|COLUMN|DELTA_COLUMN)_NOT_FOUND|^UNRESOLVED_COLUMN|^INSERT_COLUMN_ARITY/, 'replan'],
  [/^DELTA_(FAILED_TO_MERGE_FIELDS|MERGE_INCOMPATIBLE)|^DELTA_NOT_NULL_CONSTRAINT/, 'replan'],
];

export function remedyOf({ errorClass, sqlState, code }: StatementFailure): Remedy {
  if (passing.has(code)) return 'again';
  return byClass.find(([pattern]) => pattern.test(errorClass))?.[1] ?? bySqlState[sqlState] ?? 'none';
}

/** A conflict rarely lasts longer than the other statement: six attempts within about a minute. */
const attempts = 6;

export function openStatements(
  ports: StatementPorts,
  { random = Math.random }: { readonly random?: () => number } = {},
): Statements {
  return {
    async run(statement, purpose) {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await runStatement(ports, statement, purpose);
        if (outcome.ok || attempt >= attempts || remedyOf(outcome.failure) !== 'again') return outcome;
        await ports.clock.sleep(random() * Math.min(30_000, 1_000 * 2 ** attempt), ports.signal);
      }
    },
  };
}

/** A failure as the error to end the run with. */
export function explainFailure(failure: StatementFailure, purpose: string): ConnectorError {
  const { kind, advice } = verdict(failure);
  const message = firstSentence(failure.message) || failure.code;
  return new ConnectorError(kind, `Cannot ${purpose}: ${said(message)}, ${advice}`, {
    detail: `statement ${failure.id}: ${failure.code} ${failure.sqlState} ${failure.message.slice(0, 2000)}`,
  });
}

function verdict(failure: StatementFailure): { kind: ErrorKind; advice: string } {
  const denied = failure.sqlState === '42501' || /PERMISSION/.test(`${failure.errorClass} ${failure.code}`);
  if (denied) return { kind: 'config', advice: grantRemedy(failure.message) };
  if (failure.code === 'CANCELED' || failure.code === 'CANCELLED')
    return { kind: 'transient', advice: 'somebody cancelled the statement, run again' };
  if (remedyOf(failure) === 'again') return { kind: 'transient', advice: 'run again later' };
  if (failure.errorClass === 'NO_SUCH_CATALOG_EXCEPTION' || failure.errorClass === 'SCHEMA_NOT_FOUND')
    return { kind: 'config', advice: 'check the settings "catalog" and "schema"' };
  return { kind: 'system', advice: 'report it with the log' };
}

/** Without the class in brackets, the SQLSTATE and the excerpt of the statement. */
const firstSentence = (message: string): string =>
  (message.split('\n')[0] ?? '')
    .replace(/^.*?\[[A-Z0-9_.]+\]\s*/, '')
    .replace(/\s*SQLSTATE:.*$/, '')
    .slice(0, 400);
