// Layers of Power BI's own: redirects to the home cluster, byte order marks, quotas that were hit, permissions on their way.
import { transientError } from '@airbyte/cdk-typescript-shim';
import {
  type Clock,
  type HttpRequest,
  type HttpResponse,
  type Layer,
  LostAnswer,
  type OnWait,
  pause,
} from '@airbyte/cdk-typescript-shim/kit';
import { isLoopback } from './clouds.ts';
import { readRefusal, withoutMark } from './envelopes.ts';
import { permissionRefused } from './errors.ts';

/** 307 names the cluster that hosts the tenant ("Troubleshoot REST API"): method, body and token go along. */
export function redirects(): Layer {
  return (next) =>
    async function redirected(request) {
      let response = await next(request);
      for (let hops = 0; response.status === 307 && hops < 3; hops += 1) {
        const target = targetOf(request, response);
        if (target === undefined) return response;
        response = await next({ ...request, url: target });
      }
      return response;
    };
}

/** Only https, so that a token never leaves in the open; loopback stays loopback. */
function targetOf({ url }: HttpRequest, { headers }: HttpResponse): string | undefined {
  const location = headers.location;
  if (location === undefined || !URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  return target.protocol === 'https:' || (isLoopback(target) && isLoopback(new URL(url)))
    ? target.href
    : undefined;
}

/** executeQueries answers with a byte order mark, which JSON.parse refuses. */
export function unmarked(): Layer {
  return (next) =>
    async function withoutByteOrderMark(request) {
      const response = await next(request);
      const text = response.text();
      if (text.charCodeAt(0) !== 0xfeff) return response;
      const plain = withoutMark(text);
      return { ...response, text: () => plain, json: () => parsed(plain) };
    };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LostAnswer('Cannot read the answer of Power BI: it was cut short, try again', {
      arrived: true,
    });
  }
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onWait?: OnWait;
}

/** Roles and tenant settings take minutes to come into force: a refusal is asked again for about five minutes. */
const permissionWaits = [5, 10, 20, 30, 45, 60, 60, 60].map((seconds) => seconds * 1000);

export function patience({ clock, signal, onWait }: PatienceOptions): Layer {
  return (next) =>
    async function patient(request) {
      for (const wait of permissionWaits) {
        const response = await next(request);
        if (!permissionRefused(response) || request.accept?.includes(response.status)) return response;
        onWait?.({
          until: clock.now() + wait,
          reason: `Power BI refused to ${request.purpose ?? 'answer'} (${response.status}): a role or tenant setting may not be in force yet`,
          lane: '',
        });
        await pause(clock, wait, { signals: [request.signal, signal] });
      }
      return await next(request);
    };
}

export interface ThrottleOptions extends PatienceOptions {
  /** The longest wait in milliseconds; a longer one ends the request. */
  readonly longest: number;
}

/** A 429 was not carried out: it is waited for as long as it says, and costs no attempt. */
export function throttled({ clock, signal, onWait, longest }: ThrottleOptions): Layer {
  return (next) =>
    async function unhurried(request) {
      const began = clock.now();
      for (let hits = 0; ; hits += 1) {
        const response = await next(request);
        if (response.status !== 429) return response;
        const wait = askedWait(response, clock.now()) ?? Math.min(60_000, 2_000 * 2 ** hits);
        const until = clock.now() + wait;
        if (until - began > longest) throw spent(request, response, until);
        onWait?.({ until, reason: `Power BI's quota is spent${saidBy(response)}`, lane: '' });
        await pause(clock, wait, { signals: [request.signal, signal] });
      }
    };
}

function saidBy(response: HttpResponse): string {
  const { message } = readRefusal(response);
  return message ? `: Power BI said "${message}"` : '';
}

const spent = ({ purpose }: HttpRequest, response: HttpResponse, until: number): Error =>
  transientError(
    `Cannot ${purpose ?? 'use Power BI'}: its quota is spent until ${new Date(until).toISOString()}, run again after that or raise "max_wait_minutes"${saidBy(response)}`,
    { status: 429 },
  );

/** Retry-After as seconds or a date, else the number that the text names ("Retry in 37 seconds"). */
function askedWait(response: HttpResponse, now: number): number | undefined {
  const header = response.headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const [, seconds] = /(\d+)\s*sec/i.exec(response.text()) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
