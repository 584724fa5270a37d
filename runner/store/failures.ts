// What the databases' errors mean for a person: full disks, locks, refused logins, servers that are away.
import { ConnectorError, configError, systemError, transientError } from '@airbyte/cdk-typescript-shim';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** SQLite's result codes: https://www.sqlite.org/rescode.html */
export function sqliteFailure(error: unknown, file: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const code = codeOf(error);
  const cause = { cause: error };
  if (code.startsWith('SQLITE_FULL'))
    return transientError(`Cannot write the store "${file}": the disk is full, make room`, cause);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return transientError(`Cannot write the store "${file}": another program keeps it locked, end it`, cause);
  if (code.startsWith('SQLITE_IOERR'))
    return transientError(`Cannot use the store "${file}": the disk failed or is full, look after it`, cause);
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT'))
    return configError(
      `Cannot read the store "${file}": it is damaged or not a store, restore it from a backup`,
      cause,
    );
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_PERM')
  )
    return configError(
      `Cannot open the store "${file}": give the program write access to it and its folder`,
      cause,
    );
  return systemError(`The store "${file}" failed: ${textOf(error)}`, cause);
}

/** Failures of the connection itself, as Node names them. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html. 08 is the connection, 53 a lack
 * of room, 57 an operator (a server that stops or starts), 40 a transaction that may be tried again.
 */
export function postgresFailure(error: unknown, name: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const code = codeOf(error);
  const cause = { cause: error };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return transientError(`Cannot reach the store "${name}": its host is not known, check the URL`, cause);
  if (code.startsWith('28') || code === '3D000' || code === '42501')
    return configError(
      `Cannot open the store "${name}": ${textOf(error)}, check the URL's user and database`,
      cause,
    );
  if (code.startsWith('53'))
    return transientError(`The store "${name}" is out of room: ${textOf(error)}`, cause);
  if (networkCodes.has(code) || /^(08|57|40)/.test(code) || isCut(error))
    return transientError(`Cannot reach the store "${name}": is PostgreSQL running?`, {
      ...cause,
      detail: textOf(error),
    });
  return systemError(`The store "${name}" failed: ${textOf(error)}`, cause);
}

/** pg gives no code to a connection that ended beneath a query, nor to one that could not be opened in time. */
const isCut = (error: unknown): boolean =>
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    textOf(error),
  );

/** Whether a PostgreSQL error says that a unique index refused the row. */
export const isDuplicate = (error: unknown): boolean =>
  codeOf(error instanceof ConnectorError ? error.cause : error) === '23505';
