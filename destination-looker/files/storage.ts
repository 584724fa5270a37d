// What a store of files must do for us: take a file whole or not at all, give a small one back, delete one.
import { ConnectorError, configError, transientError } from '@airbyte/cdk-typescript-shim';

export interface Storage {
  /** What people know it by: `s3://bucket`, `sftp://host`. */
  readonly address: string;
  /** Puts a local file at `path`; nobody ever sees half of it. The same path again replaces it. */
  putFile(path: string, file: string): Promise<void>;
  putText(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A failure of a client library, read for its name, code and status. */
export interface StorageFailure {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

export function readFailure(error: unknown): StorageFailure {
  const { name, code, message, $metadata } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const named = typeof code === 'string' ? code : String(name ?? '');
  return { name: named, status: $metadata?.httpStatusCode ?? 0, message: String(message ?? error) };
}

const passingNames: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
  'SlowDown',
  'RequestTimeout',
  'ServiceUnavailable',
  'InternalError',
  'ERR_GENERIC_CLIENT',
]);

/** The same again may succeed. */
export const isPassing = ({ name, status, message }: StorageFailure): boolean =>
  passingNames.has(name) ||
  status === 429 ||
  status >= 500 ||
  /socket hang up|connection (lost|reset|closed)|no response|end event|close event|not connected/i.test(
    message,
  );

/** `remedies` by name or SFTP's own words; what time may mend is transient. */
export function explainStorage(
  error: unknown,
  {
    purpose,
    remedies,
  }: { readonly purpose: string; readonly remedies: readonly (readonly [RegExp, string])[] },
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const failure = readFailure(error);
  const said = `${failure.name || 'it'} said "${failure.message.split('\n')[0]?.slice(0, 300)}"`;
  const remedy = remedies.find(([words]) => words.test(`${failure.name} ${failure.message}`))?.[1];
  const options = {
    detail: `${failure.name} ${failure.status} ${failure.message}`.slice(0, 2000),
    cause: error,
  };
  if (remedy) return configError(`Cannot ${purpose}: ${said}, ${remedy}`, options);
  if (isPassing(failure)) return transientError(`Cannot ${purpose}: ${said}, run again`, options);
  return new ConnectorError('system', `Cannot ${purpose}: ${said}, report it with the log`, options);
}
