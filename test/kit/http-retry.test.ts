// Retries: what is repeated, how long is waited, and what is never sent twice.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  decodable,
  type HttpRequest,
  type HttpResponse,
  httpSend,
  LostAnswer,
  type RetryOptions,
  retry,
  stack,
  type Wait,
} from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { steppedClock } from './http-clock.ts';
import { answer, rejection, serveHttp } from './http-server.ts';

const send = httpSend({ userAgent: 'ledgerpipe-test/1' });
const over = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: Buffer.alloc(0),
  text: () => '',
  json: () => undefined,
});

/** Answers in order (the last one again and again) behind `retry`, on a clock that costs nothing. */
async function play(
  outcomes: readonly (HttpResponse | Error)[],
  request: Partial<HttpRequest> = {},
  options: Partial<RetryOptions> = {},
) {
  const clock = steppedClock(Date.parse('2026-11-20T10:00:00Z'));
  let sends = 0;
  const retried = stack([retry({ clock, random: () => 0.5, ...options })], async () => {
    const outcome = outcomes[Math.min(sends, outcomes.length - 1)];
    sends += 1;
    if (outcome === undefined || outcome instanceof Error) throw outcome;
    return outcome;
  });
  const result = await clock.run(async () => {
    try {
      return await retried({ method: 'GET', url: 'http://h/x', ...request });
    } catch (error) {
      return error;
    }
  });
  return { result, sends, slept: clock.slept };
}

const lost = new LostAnswer('cut', { arrived: true });
const unsent = new LostAnswer('refused', { arrived: false });

test.each([408, 429, 500, 502, 503, 504])('a %i is asked again until it succeeds', async (status) => {
  const { result, sends } = await play([over(status), over(status), over(200)]);
  expect(result).toMatchObject({ status: 200 });
  expect(sends).toBe(3);
});

test.each([200, 304, 400, 401, 403, 404, 412, 422, 501])('a %i is final', async (status) => {
  const { result, sends, slept } = await play([over(status)]);
  expect(result).toMatchObject({ status });
  expect(sends).toBe(1);
  expect(slept).toEqual([]);
});

test('after the last attempt the last answer, or the last error, is the outcome', async () => {
  expect(await play([over(500)], {}, { attempts: 3 })).toMatchObject({ sends: 3, result: { status: 500 } });
  expect(await play([lost], {}, { attempts: 2 })).toMatchObject({ sends: 2, result: lost });
  expect(await play([over(500)])).toMatchObject({ sends: 5 });
});

test('the backoff doubles under full jitter and has a cap', async () => {
  const { slept } = await play([over(500)], {}, { attempts: 8 });
  expect(slept).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  expect((await play([over(500), over(200)], {}, { random: () => 0 })).slept).toEqual([0]);
});

test("Retry-After is slept exactly, in seconds or as a date measured by the server's clock", async () => {
  const date = 'Fri, 20 Nov 2026 10:00:42 GMT';
  expect((await play([over(429, { 'retry-after': '17' }), over(200)])).slept).toEqual([17_000]);
  expect((await play([over(503, { 'retry-after': date }), over(200)])).slept).toEqual([42_000]);
  const ahead = { 'retry-after': date, date: 'Fri, 20 Nov 2026 10:00:12 GMT' };
  expect((await play([over(503, ahead), over(200)])).slept).toEqual([30_000]);
  expect((await play([over(429, { 'retry-after': 'soon' }), over(200)])).slept).toEqual([500]);
});

test('a Retry-After beyond the longest wait ends the request with the time of the reset', async () => {
  const { result, sends, slept } = await play(
    [over(429, { 'retry-after': '77000' })],
    { purpose: 'read invoices' },
    { longestWait: 120_000 },
  );
  expect(result).toMatchObject({ kind: 'transient', status: 429 });
  expect(String(result)).toContain('Cannot read invoices');
  expect(String(result)).toContain('2026-11-21T07:23:20.000Z');
  expect([sends, slept]).toEqual([1, []]);
});

test('waitFor names a wait that the vendor says elsewhere', async () => {
  const waitFor = ({ status }: HttpResponse): number | undefined => (status === 503 ? 300_000 : undefined);
  const { slept } = await play([over(503), over(500), over(200)], {}, { waitFor, longestWait: 400_000 });
  expect(slept).toEqual([300_000, 1000]);
});

test('waits are told before they begin', async () => {
  const waits: Wait[] = [];
  await play(
    [over(429, { 'retry-after': '5' }), over(200)],
    { lane: 'acme' },
    { onWait: (wait) => waits.push(wait) },
  );
  const until = Date.parse('2026-11-20T10:00:05Z');
  expect(waits).toEqual([{ until, reason: 'the server answered 429', lane: 'acme' }]);
});

test('a POST is not repeated after it may have been carried out', async () => {
  const post = { method: 'POST' } as const;
  for (const outcome of [lost, over(500), over(502), over(503), over(504), over(408)])
    expect(await play([outcome, over(200)], post)).toMatchObject({ sends: 1, result: outcome });
});

test('a POST is repeated when it certainly was not carried out, or is marked repeatable', async () => {
  const post = { method: 'POST' } as const;
  for (const outcome of [unsent, over(429), over(503, { 'retry-after': '1' })])
    expect(await play([outcome, over(200)], post)).toMatchObject({ sends: 2, result: { status: 200 } });
  expect(await play([lost, over(200)], { ...post, repeatable: true })).toMatchObject({ sends: 2 });
  expect(await play([lost, over(200)], { method: 'PUT', repeatable: false })).toMatchObject({ sends: 1 });
});

test("the vendor's own rule decides before the defaults", async () => {
  const retries = (_: HttpRequest, outcome: HttpResponse | Error): boolean | undefined => {
    if (outcome instanceof Error) return false;
    return outcome.status === 409 ? true : undefined;
  };
  expect(await play([over(409), over(200)], {}, { retries })).toMatchObject({ sends: 2 });
  expect(await play([over(500), over(200)], {}, { retries })).toMatchObject({ sends: 2 });
  expect(await play([lost, over(200)], {}, { retries })).toMatchObject({ sends: 1, result: lost });
});

test('an error that is no lost answer is final', async () => {
  const defect = new Error('a defect');
  expect(await play([defect])).toMatchObject({ sends: 1, result: defect });
});

test('an aborted backoff ends at once with the reason and sends nothing more', async () => {
  const server = await serveHttp((_, response) =>
    answer(response, 429, { headers: { 'retry-after': '60' } }),
  );
  const caller = new AbortController();
  const clock = fastClock();
  const retried = stack(
    [retry({ clock, onWait: () => setTimeout(() => caller.abort(new Error('stop')), 20) })],
    send,
  );
  const began = performance.now();
  expect((await rejection(retried({ method: 'GET', url: server.url, signal: caller.signal }))).message).toBe(
    'stop',
  );
  expect(performance.now() - began).toBeLessThan(2000);
  expect(server.arrived).toHaveLength(1);
});

test('truncated JSON is asked for again', async () => {
  const server = await serveHttp((_, response, count) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(count === 1 ? '{"Invoices":[{"Inv' : '{"Invoices":[]}');
  });
  const read = stack([retry({ clock: fastClock({ rate: 1000 }) }), decodable()], send);
  expect((await read({ method: 'GET', url: server.url })).json()).toEqual({ Invoices: [] });
  expect(server.arrived).toHaveLength(2);
});

test('a streamed upload is opened again for each attempt, with its length', async () => {
  const server = await serveHttp((_, response, count) => {
    if (count === 1) return void response.destroy();
    answer(response, count === 2 ? 503 : 200);
  });
  const file = fileURLToPath(import.meta.url);
  const text = readFileSync(file, 'utf8');
  let opened = 0;
  const open = (): Readable => {
    opened += 1;
    return Readable.from([Buffer.from(text)]);
  };
  const upload = stack([retry({ clock: fastClock({ rate: 1000 }) })], send);
  const body = { length: Buffer.byteLength(text), open };
  expect((await upload({ method: 'PUT', url: server.url, body })).status).toBe(200);
  expect(opened).toBe(3);
  expect(server.arrived.map(({ headers }) => headers['content-length'])).toEqual(
    Array(3).fill(String(body.length)),
  );
  expect(server.arrived.every((arrived) => arrived.body === text)).toBe(true);
});

test('a POST on a connection that is cut reaches the server once', async () => {
  const server = await serveHttp((_, response) => void response.destroy());
  const posted = stack([retry({ clock: fastClock({ rate: 1000 }) })], send);
  expect(await rejection(posted({ method: 'POST', url: server.url, body: 'x' }))).toBeInstanceOf(LostAnswer);
  expect(server.arrived).toHaveLength(1);
});
