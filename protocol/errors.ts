// The one error of the project: three kinds, a sentence for the person, a detail for the log.

/**
 * Who can mend it: `config` the user (settings, secrets, permissions), `transient` time (the same run later may
 * succeed), `system` the connector's authors. They map to the protocol's failure types of the same names.
 */
export type ErrorKind = 'config' | 'transient' | 'system';

export interface ConnectorErrorOptions {
  /** For the log: bodies, ids, whatever helps to find the cause. Redacted before it is printed. */
  readonly detail?: string;
  /** HTTP status of the answer that caused it. */
  readonly status?: number;
  /** Bounded copy of the answer's body, so that a caller can branch on the vendor's code. */
  readonly body?: string;
  /** The stream that failed, when only one did. */
  readonly stream?: string;
  readonly cause?: unknown;
}

/** A failure worth telling: `message` says in one line what was wanted, what was found and what to do. */
export class ConnectorError extends Error {
  readonly kind: ErrorKind;
  readonly detail: string | undefined;
  readonly status: number | undefined;
  readonly body: string | undefined;
  readonly stream: string | undefined;

  constructor(kind: ErrorKind, message: string, options: ConnectorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectorError';
    this.kind = kind;
    this.detail = options.detail;
    this.status = options.status;
    this.body = options.body;
    this.stream = options.stream;
  }
}

export const configError = (message: string, options?: ConnectorErrorOptions): ConnectorError =>
  new ConnectorError('config', message, options);

export const transientError = (message: string, options?: ConnectorErrorOptions): ConnectorError =>
  new ConnectorError('transient', message, options);

export const systemError = (message: string, options?: ConnectorErrorOptions): ConnectorError =>
  new ConnectorError('system', message, options);

/** Any thrown value as a ConnectorError: what nobody foresaw is a `system` error with the stack as its detail. */
export function asConnectorError(thrown: unknown): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  if (thrown instanceof Error)
    return new ConnectorError('system', thrown.message, {
      cause: thrown,
      ...(thrown.stack ? { detail: thrown.stack } : {}),
    });
  return new ConnectorError('system', String(thrown));
}
