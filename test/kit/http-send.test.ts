// Sending over a real connection: bodies, encodings, failures, deadlines and aborts.
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { ConnectorError } from '@airbyte/cdk-typescript-shim';
import {
  decodable,
  type HttpRequest,
  httpSend,
  LostAnswer,
  type Sent,
  stack,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { answer, rejection, serveHttp } from './http-server.ts';

const send = httpSend({ userAgent: 'ledgerpipe-test/1' });

test('send delivers method, headers, body and user agent, and reads the answer', async () => {
  const server = await serveHttp((_, response) =>
    answer(response, 201, { json: { ok: true }, headers: { 'X-Left': '3' } }),
  );
  const response = await send({
    method: 'POST',
    url: `${server.url}/a?b=1`,
    headers: { 'content-type': 'text/plain' },
    body: 'héllo',
  });
  expect(response.status).toBe(201);
  expect(response.headers['x-left']).toBe('3');
  expect(response.json()).toEqual({ ok: true });
  expect(response.json()).toBe(response.json());
  const [got] = server.arrived;
  expect(got).toMatchObject({ method: 'POST', path: '/a?b=1', body: 'héllo' });
  expect(got?.headers).toMatchObject({
    'user-agent': 'ledgerpipe-test/1',
    'content-type': 'text/plain',
    'content-length': '6',
  });
});

test('send does not interpret statuses and follows no redirect', async () => {
  const server = await serveHttp((_, response) =>
    answer(response, 302, { headers: { location: '/elsewhere' } }),
  );
  expect((await send({ method: 'GET', url: server.url })).status).toBe(302);
  expect(server.arrived).toHaveLength(1);
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
] as const)('send undoes %s', async (encoding, compress) => {
  const plain = JSON.stringify({ rows: Array.from({ length: 500 }, (_, row) => `row ${row}`) });
  const server = await serveHttp((arrived, response) => {
    expect(arrived.headers['accept-encoding']).toContain('gzip');
    response.writeHead(200, { 'content-encoding': encoding });
    response.end(compress(plain));
  });
  const sent: Sent[] = [];
  const measured = httpSend({ userAgent: 'x', onSent: (one) => sent.push(one) });
  const response = await measured({ method: 'GET', url: server.url });
  expect(response.text()).toBe(plain);
  expect(sent).toMatchObject([{ status: 200, request: { method: 'GET' } }]);
  expect(sent[0]?.bytes).toBeGreaterThan(0);
  expect(sent[0]?.bytes).toBeLessThan(plain.length);
});

test('an answer cut in its gzip body is a lost answer', async () => {
  const server = await serveHttp((_, response) => {
    const whole = gzipSync('x'.repeat(10_000));
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(whole.subarray(0, whole.length - 6));
  });
  expect(await rejection(send({ method: 'GET', url: server.url }))).toBeInstanceOf(LostAnswer);
});

test('a HEAD answer that names an encoding has an empty body', async () => {
  const server = await serveHttp((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99' });
    response.end();
  });
  expect((await send({ method: 'HEAD', url: server.url })).body).toHaveLength(0);
});

test('a connection that is refused names host and purpose and never arrived', async () => {
  const server = await serveHttp(() => undefined);
  await server.close();
  const error = await rejection(
    send({ method: 'POST', url: `${server.url}/x?secret=1`, purpose: 'post an invoice' }),
  );
  expect(error).toBeInstanceOf(LostAnswer);
  expect(error).toMatchObject({ kind: 'transient', arrived: false });
  expect(error.message).toContain('Cannot post an invoice');
  expect(error.message).toContain(new URL(server.url).host);
  expect(error.message).not.toContain('secret');
});

test('a connection that is cut after the request may have arrived', async () => {
  const server = await serveHttp((_, response) => void response.destroy());
  const error = await rejection(send({ method: 'POST', url: server.url, body: 'x' }));
  expect(error).toMatchObject({ kind: 'transient', arrived: true });
});

test('a body shorter than its content-length is a lost answer', async () => {
  const server = await serveHttp((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('only this');
    setTimeout(() => response.destroy(), 20);
  });
  expect(await rejection(send({ method: 'GET', url: server.url }))).toMatchObject({ arrived: true });
});

test('a malformed address and a wrong upload length are defects, not network failures', async () => {
  expect(await rejection(send({ method: 'GET', url: 'not an address' }))).toMatchObject({ kind: 'system' });
  const server = await serveHttp((_, response) => answer(response, 200));
  const body = { length: 10, open: () => Readable.from([Buffer.from('four')]) };
  expect(await rejection(send({ method: 'PUT', url: server.url, body }))).toMatchObject({ kind: 'system' });
});

test('an upload whose file cannot be read says so', async () => {
  const server = await serveHttp((_, response) => answer(response, 200));
  const open = (): Readable =>
    new Readable({
      read: () => undefined,
      construct: (done) => done(Object.assign(new Error('gone'), { code: 'ENOENT' })),
    });
  const error = await rejection(
    send({ method: 'PUT', url: server.url, body: { length: 4, open }, purpose: 'upload a file' }),
  );
  expect(error).toMatchObject({ kind: 'system' });
  expect(error.message).toContain('Cannot upload a file');
  expect(error.message).toContain('ENOENT');
});

test('a streamed upload has its length and no chunks', async () => {
  const server = await serveHttp((_, response) => answer(response, 200));
  const text = 'abc'.repeat(50_000);
  const halves = [text.slice(0, 70_000), text.slice(70_000)].map((half) => Buffer.from(half));
  const body = { length: text.length, open: () => Readable.from(halves) };
  await send({ method: 'PUT', url: server.url, body });
  expect(server.arrived[0]?.headers).toMatchObject({ 'content-length': String(text.length) });
  expect(server.arrived[0]?.headers['transfer-encoding']).toBeUndefined();
  expect(server.arrived[0]?.body).toBe(text);
});

test("the caller's abort ends a request at once with its own reason", async () => {
  const server = await serveHttp(() => undefined);
  const caller = new AbortController();
  const reason = new Error('asked to stop');
  const began = performance.now();
  const waiting = rejection(send({ method: 'GET', url: server.url, signal: caller.signal }));
  setTimeout(() => caller.abort(reason), 50);
  expect(await waiting).toBe(reason);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await rejection(send({ method: 'GET', url: server.url, signal: caller.signal }))).toBe(reason);
  expect(server.arrived).toHaveLength(1);
});

test('timeout ends a silent answer and a stalled body, and names the limit', async () => {
  const server = await serveHttp(({ path }, response) => {
    if (path === '/stalled') {
      response.writeHead(200);
      response.write('a');
    }
  });
  const timed = stack([timeout({ milliseconds: 80 })], send);
  for (const path of ['/silent', '/stalled']) {
    const error = await rejection(timed({ method: 'GET', url: server.url + path, purpose: 'read invoices' }));
    expect(error).toBeInstanceOf(LostAnswer);
    expect(error.message).toMatch(/^Cannot read invoices: .*127\.0\.0\.1.* within 0\.08 s/);
  }
});

test("timeout passes the caller's reason through and leaves no listener on its signal", async () => {
  const server = await serveHttp(({ path }, response) => {
    if (path === '/quick') answer(response, 200);
  });
  const timed = stack([timeout({ milliseconds: 5000 })], send);
  const caller = new AbortController();
  let listeners = 0;
  const { signal } = caller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  for (let index = 0; index < 3; index += 1)
    await timed({ method: 'GET', url: `${server.url}/quick`, signal });
  expect(listeners).toBe(0);
  const waiting = rejection(timed({ method: 'GET', url: `${server.url}/slow`, signal }));
  setTimeout(() => caller.abort(new Error('stop now')), 30);
  expect((await waiting).message).toBe('stop now');
});

test('decodable turns truncated JSON into a lost answer without quoting it', async () => {
  const server = await serveHttp(({ path }, response) => {
    response.writeHead(path === '/error' ? 500 : 200, {
      'content-type': path === '/text' ? 'text/html' : 'application/json; charset=utf-8',
    });
    response.end('{"Invoices":[{"secret":"abc');
  });
  const decoded = stack([decodable()], send);
  const error = await rejection(
    decoded({ method: 'GET', url: `${server.url}/json`, purpose: 'read invoices' }),
  );
  expect(error).toBeInstanceOf(LostAnswer);
  expect(error).toBeInstanceOf(ConnectorError);
  expect(error.message).toMatch(/^Cannot read invoices from ".*": wanted JSON/);
  expect(inspect(error, { depth: 9 })).not.toContain('abc');
  const text = await decoded({ method: 'GET', url: `${server.url}/text` });
  expect(text.status).toBe(200);
  expect(await rejection((async () => text.json())())).toBeInstanceOf(LostAnswer);
  expect((await decoded({ method: 'GET', url: `${server.url}/error` })).status).toBe(500);
});

test('the first layer listed is the outermost', async () => {
  const order: string[] = [];
  const layer = (name: string) => (next: typeof send) => async (request: HttpRequest) => {
    order.push(name);
    return await next(request);
  };
  const server = await serveHttp((_, response) => answer(response, 200));
  await stack([layer('a'), layer('b')], send)({ method: 'GET', url: server.url });
  expect(order).toEqual(['a', 'b']);
});
