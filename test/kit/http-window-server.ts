// A simulated vendor with a quota per fixed window of unknown phase, after Xero's and QuickBooks' limits.
import type { Clock, HttpRequest, HttpResponse, Send } from '@airbyte/cdk-typescript-shim/kit';

export interface WindowServerOptions {
  readonly clock: Clock;
  readonly max: number;
  readonly milliseconds: number;
  /** Milliseconds since the epoch at which some window begins. */
  readonly phase: number;
  /** Requests of others that the first window has already counted. */
  readonly used?: number;
  /** Milliseconds that a request takes there, or its answer back. */
  readonly latency: (way: 'there' | 'back', request: HttpRequest) => number;
  /** False for answers without the header. */
  readonly reports?: (count: number) => boolean;
}

export interface WindowServer {
  readonly send: Send;
  /** Requests refused, and counted, per window. */
  readonly refused: () => number;
  readonly counts: Map<number, number>;
  /** When the first answer of each window reached the client. */
  readonly firstAnswers: Map<number, number>;
  /** The greatest number of requests that were under way at once. */
  readonly most: () => number;
  windowAt(time: number): number;
}

export function windowServer(options: WindowServerOptions): WindowServer {
  const { clock, max, milliseconds, phase, used = 0, latency, reports = () => true } = options;
  const windowAt = (time: number): number => Math.floor((time - phase) / milliseconds);
  const counts = new Map<number, number>([[windowAt(clock.now()), used]]);
  const firstAnswers = new Map<number, number>();
  let [refused, under, most, served] = [0, 0, 0, 0];

  async function send(request: HttpRequest): Promise<HttpResponse> {
    under += 1;
    most = Math.max(most, under);
    await clock.sleep(latency('there', request));
    const window = windowAt(clock.now());
    const count = (counts.get(window) ?? 0) + 1;
    counts.set(window, count);
    served += 1;
    const headers: Record<string, string> = reports(served)
      ? { 'x-minlimit-remaining': String(Math.max(0, max - count)) }
      : {};
    if (count > max) {
      refused += 1;
      headers['retry-after'] = String(Math.ceil((phase + (window + 1) * milliseconds - clock.now()) / 1000));
    }
    await clock.sleep(latency('back', request));
    if (!firstAnswers.has(window)) firstAnswers.set(window, clock.now());
    under -= 1;
    const body = Buffer.from('{}');
    return { status: count > max ? 429 : 200, headers, body, text: () => '{}', json: () => ({}) };
  }

  return { send, refused: () => refused, counts, firstAnswers, most: () => most, windowAt };
}
