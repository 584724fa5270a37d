// Sends a request over the network and reads the whole answer.
import type { HttpRequest, Send } from './http.ts';

/** One attempt as it ended. */
export interface Sent {
  readonly request: HttpRequest;
  /** Undefined: no answer came. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** Size of the body as it came over the wire, in bytes. */
  readonly bytes: number;
}

export interface HttpSendOptions {
  readonly userAgent: string;
  readonly onSent?: (sent: Sent) => void;
}

export function httpSend(options: HttpSendOptions): Send {
  throw new Error(`in progress ${options.userAgent}`);
}
