// Turns a final answer that is not a success into a ConnectorError.
import type { ConnectorError } from '../../errors.ts';
import type { HttpRequest, HttpResponse, Layer } from './http.ts';

export interface FailOptions {
  /** The product, as people call it: `Xero`. */
  readonly service: string;
  /** The vendor's own reading of an answer; undefined leaves it to the table of statuses. */
  readonly explain?: (response: HttpResponse, request: HttpRequest) => ConnectorError | undefined;
  /** Statuses beside 2xx that callers of this stack handle themselves. */
  readonly accept?: readonly number[];
}

export function fail(options: FailOptions): Layer {
  throw new Error(`in progress ${options.service}`);
}
