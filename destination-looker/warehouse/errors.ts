// What PostgreSQL and the way to it say when something fails: what time may mend, and what to tell the user.
import { ConnectorError, configError, isObject, transientError } from '@airbyte/cdk-typescript-shim';

/** A failure, read: SQLSTATE or the system's code, and the server's sentence. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly table: string;
}

export function readFailure(error: unknown): Failure {
  if (!isObject(error) && !(error instanceof Error)) return { code: '', message: String(error), table: '' };
  const { code, message, table } = error as { code?: unknown; message?: unknown; table?: unknown };
  return { code: String(code ?? ''), message: String(message ?? ''), table: String(table ?? '') };
}

const networkCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** The connection is gone, and with it the answer: what was asked may have happened. */
export function isConnectionLost({ code, message }: Failure): boolean {
  if (networkCodes.has(code) || code.startsWith('08')) return true;
  // admin_shutdown, crash_shutdown, cannot_connect_now
  if (['57P01', '57P02', '57P03'].includes(code)) return true;
  return (
    code === '' &&
    /connection (terminated|ended|error)|not queryable|timeout expired|client was closed/i.test(message)
  );
}

/** The same again may succeed: conflicts with other sessions, and a server without room for another. */
export const isPassing = (failure: Failure): boolean =>
  isConnectionLost(failure) || ['40001', '40P01', '55P03', '53300', '53200', '57014'].includes(failure.code);

/** A value that PostgreSQL's type does not hold ("Class 22 - Data Exception", untranslatable characters). */
export const isData = ({ code }: Failure): boolean => code.startsWith('22');

/** The table is not as it was read: somebody changed it meanwhile. */
export const isStale = ({ code }: Failure): boolean =>
  ['42P01', '42703', '42804', '42P10', '42P07', '23505', '23502', '3F000'].includes(code);

/** The failure as the error to end with; `purpose` as in "load table "x"". */
export function explainFailure(error: unknown, purpose: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const failure = readFailure(error);
  const { code, message } = failure;
  const wanted = `Cannot ${purpose}`;
  const said = `PostgreSQL said "${message.split('\n')[0]?.slice(0, 300)}"`;
  const options = { detail: `${code} ${message}`.slice(0, 2000), cause: error };
  const remedy = remedies[code];
  if (remedy) return configError(`${wanted}: ${said}, ${remedy}`, options);
  if (/no encryption|SSL|certificate|self[- ]signed/i.test(message) && !code.startsWith('2'))
    return configError(
      `${wanted}: ${said}, check "warehouse.ssl_mode" and "warehouse.ca_certificate"`,
      options,
    );
  if (isPassing(failure)) return transientError(`${wanted}: ${said}, run again`, options);
  return new ConnectorError('system', `${wanted}: ${said}, report it with the log`, options);
}

const remedies: Readonly<Record<string, string>> = {
  '28P01': 'check "warehouse.user" and "warehouse.password"',
  '28000': 'let the user sign in from this machine (pg_hba.conf), or check "warehouse.user"',
  '3D000': 'check "warehouse.database"',
  '42501':
    'grant what is missing to the role in "warehouse.user": CREATE on the database or schema, ownership of the tables',
  '25006': 'the server or the role is read-only: give the primary server, and a role that writes',
  '53100': 'the disk of the database is full',
  '42704': 'a role does not exist: check "warehouse.reader"',
  ENOTFOUND: 'check "warehouse.host"',
  ECONNREFUSED: 'nothing listens there: check "warehouse.host" and "warehouse.port"',
};
