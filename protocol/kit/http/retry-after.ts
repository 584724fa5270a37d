// The Retry-After header: seconds, or a date.
import type { HttpResponse } from './http.ts';

/**
 * How long the server asks to wait, in milliseconds from `now` (milliseconds since the epoch); undefined when it does
 * not say. A date is measured against the server's own Date header where there is one, so that clocks that differ
 * do no harm (RFC 9110, section 10.2.3).
 */
export function retryAfter({ headers }: HttpResponse, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  const sent = Date.parse(headers.date ?? '');
  const from = Number.isNaN(sent) ? now : sent;
  return Number.isNaN(until) || Number.isNaN(from) ? undefined : Math.max(0, until - from);
}
