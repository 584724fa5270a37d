// The shape of HTTP in this project: a request, a response with its body read, and layers around sending.
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or bytes; for large files a function that opens a new stream for each attempt, with its `length` in bytes. */
  readonly body?: string | Uint8Array | { readonly length: number; readonly open: () => Readable };
  readonly signal?: AbortSignal;
  /** May be sent again after a lost answer. Default: true for GET, HEAD, PUT and DELETE, false for POST and PATCH. */
  readonly repeatable?: boolean;
  /** What the request is for, in error messages: `read invoices`, `upload a file`. */
  readonly purpose?: string;
  /** Rate limits are counted apart for each lane: a tenant, a warehouse. Default: one lane for all. */
  readonly lane?: string;
  /** Statuses beside 2xx that the caller handles itself (304, 404), so that `fail` lets them through. */
  readonly accept?: readonly number[];
  /**
   * Takes the body of a 2xx answer as it comes, for answers too large to hold; the response's own is then empty.
   * Called anew for each attempt; what it throws as a ConnectorError is passed on as it is.
   */
  readonly into?: (body: Readable) => Promise<void>;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, decompressed. */
  readonly body: Buffer;
  readonly text: () => string;
  /** The body as JSON; throws a transient ConnectorError when it is cut short or not JSON. */
  readonly json: () => unknown;
}

/** Sends a request. Resolves with whatever status came; rejects only when no answer came. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** Adds one concern around sending. */
export type Layer = (next: Send) => Send;
