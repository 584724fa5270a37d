// Authorisation, failures, and the whole stack in its order.
import { inspect } from 'node:util';
import { ConnectorError, configError } from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  fail,
  fixedToken,
  httpSend,
  limit,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { answer, rejection, serveHttp } from './http-server.ts';

const send = httpSend({ userAgent: 'ledgerpipe-test/1' });

function countingTokens(): TokenSource & { renewed: string[] } {
  let current = 'token-1';
  const renewed: string[] = [];
  return {
    renewed,
    token: async () => current,
    renew: async (rejected) => {
      renewed.push(rejected);
      current = `token-${renewed.length + 1}`;
      return current;
    },
  };
}

test('authorize adds the token beside the other headers', async () => {
  const server = await serveHttp((_, response) => answer(response, 200));
  const tokens = countingTokens();
  await stack(
    [authorize({ tokens })],
    send,
  )({ method: 'GET', url: server.url, headers: { accept: 'text/plain' } });
  expect(server.arrived[0]?.headers).toMatchObject({ authorization: 'Bearer token-1', accept: 'text/plain' });
  const header = (token: string) => ({ 'x-tableau-auth': token });
  await stack([authorize({ tokens, header })], send)({ method: 'GET', url: server.url });
  expect(server.arrived[1]?.headers['x-tableau-auth']).toBe('token-1');
  expect(server.arrived[1]?.headers.authorization).toBeUndefined();
});

test('a rejected token is renewed once, even for a POST', async () => {
  const server = await serveHttp(({ headers }, response) =>
    answer(response, headers.authorization === 'Bearer token-2' ? 200 : 401),
  );
  const tokens = countingTokens();
  const authorized = stack([authorize({ tokens })], send);
  expect((await authorized({ method: 'POST', url: server.url, body: 'x' })).status).toBe(200);
  expect(tokens.renewed).toEqual(['token-1']);
  expect(server.arrived.map(({ body }) => body)).toEqual(['x', 'x']);
});

test('a token that is rejected again is the answer, without a third attempt', async () => {
  const server = await serveHttp((_, response) => answer(response, 401));
  const tokens = countingTokens();
  expect((await stack([authorize({ tokens })], send)({ method: 'GET', url: server.url })).status).toBe(401);
  expect(server.arrived).toHaveLength(2);
  await stack([authorize({ tokens: fixedToken('pat') })], send)({ method: 'GET', url: server.url });
  expect(server.arrived).toHaveLength(3);
});

test('the vendor may say otherwise what a rejected token is', async () => {
  const server = await serveHttp(({ headers }, response) =>
    headers.authorization === 'Bearer token-2'
      ? answer(response, 200)
      : answer(response, 403, { json: { message: 'Invalid access token.' } }),
  );
  const rejected: Parameters<typeof authorize>[0]['rejected'] = ({ status, text }) =>
    status === 401 || (status === 403 && text().includes('Invalid access token'));
  const authorized = stack([authorize({ tokens: countingTokens(), rejected })], send);
  expect((await authorized({ method: 'GET', url: server.url })).status).toBe(200);
});

test('an abort does not wait for the token', async () => {
  const never: TokenSource = {
    token: () => new Promise(() => undefined),
    renew: () => new Promise(() => undefined),
  };
  const caller = new AbortController();
  const waiting = rejection(
    stack([authorize({ tokens: never })], send)({ method: 'GET', url: 'http://h', signal: caller.signal }),
  );
  caller.abort(new Error('stop'));
  expect((await waiting).message).toBe('stop');
});

test.each([
  [302, 'config'],
  [400, 'system'],
  [401, 'config'],
  [403, 'config'],
  [404, 'config'],
  [408, 'transient'],
  [409, 'system'],
  [422, 'system'],
  [429, 'transient'],
  [500, 'transient'],
  [503, 'transient'],
] as const)('fail makes a %i a %s error that names service, purpose and status', async (status, kind) => {
  const server = await serveHttp((_, response) =>
    answer(response, status, { json: { Message: 'the vendor said so' } }),
  );
  const failing = stack([fail({ service: 'Xero' })], send);
  const error = await rejection(
    failing({ method: 'GET', url: `${server.url}/Invoices?sig=s3cret`, purpose: 'read invoices' }),
  );
  expect(error).toBeInstanceOf(ConnectorError);
  expect(error).toMatchObject({ kind, status, body: '{"Message":"the vendor said so"}' });
  expect(error.message).toMatch(
    new RegExp(`^Cannot read invoices: Xero answered ${status} \\(.*\\), .*[^.]$`),
  );
  expect(error).toHaveProperty('detail', expect.stringContaining('the vendor said so'));
  expect(inspect(error)).not.toContain('s3cret');
});

test('fail lets 2xx and accepted statuses through, by stack or by request', async () => {
  const server = await serveHttp(({ path }, response) => answer(response, Number(path.slice(1))));
  const failing = stack([fail({ service: 'Xero', accept: [304] })], send);
  expect((await failing({ method: 'GET', url: `${server.url}/204` })).status).toBe(204);
  expect((await failing({ method: 'GET', url: `${server.url}/304` })).status).toBe(304);
  expect((await failing({ method: 'GET', url: `${server.url}/404`, accept: [404] })).status).toBe(404);
  expect(await rejection(failing({ method: 'GET', url: `${server.url}/404` }))).toMatchObject({
    kind: 'config',
  });
});

test("the vendor's explanation comes before the table", async () => {
  const server = await serveHttp((_, response) => answer(response, 400, { json: { ErrorNumber: 51 } }));
  const failing = stack(
    [
      fail({
        service: 'Xero',
        explain: ({ status }) => (status === 400 ? configError('narrow the query') : undefined),
      }),
    ],
    send,
  );
  expect(await rejection(failing({ method: 'GET', url: server.url }))).toMatchObject({
    message: 'narrow the query',
  });
});

test('a long body is cut, and credentials that the server repeats are hidden', async () => {
  const server = await serveHttp((arrived, response) => {
    response.writeHead(500);
    response.end(
      `${inspect(arrived.headers)} refresh_token=R-secret&client_secret: "C-secret" ${'x'.repeat(50_000)}`,
    );
  });
  const stacked = stack(
    [fail({ service: 'Xero' }), authorize({ tokens: fixedToken('T-secret-token') })],
    send,
  );
  const error = await rejection(stacked({ method: 'GET', url: server.url }));
  const shown = inspect(error, { depth: 9, maxStringLength: null });
  expect(shown).not.toContain('-secret');
  expect(error).toHaveProperty('detail', expect.stringContaining('[hidden]'));
  expect((error as ConnectorError).detail?.length).toBeLessThan(2200);
  expect((error as ConnectorError).body?.length).toBeLessThanOrEqual(16_000);
});

test('every retry re-authorises and pays the limiter; the failure is told once, at the end', async () => {
  const server = await serveHttp((_, response, count) => answer(response, count === 2 ? 401 : 500));
  // Only sleeping moves this clock, however long the machine takes.
  let now = 0;
  const sleep = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
  };
  const clock = { now: () => now, sleep };
  const order: string[] = [];
  const tokens = countingTokens();
  const watched: TokenSource = {
    token: async () => {
      order.push('token');
      return await tokens.token();
    },
    renew: async (rejected) => {
      order.push('renew');
      return await tokens.renew(rejected);
    },
  };
  const counted =
    (next: Send): Send =>
    async (request) => {
      order.push(`send ${request.headers?.authorization}`);
      return await next(request);
    };
  const rows = [{ kind: 'window', name: 'minute', milliseconds: 60_000, max: 3, whenSpent: 'wait' }] as const;
  const waits: string[] = [];
  const onWait = ({ reason }: { reason: string }): void => void waits.push(reason);
  const whole = stack(
    [
      fail({ service: 'Xero' }),
      retry({ clock, attempts: 3, random: () => 0.1 }),
      authorize({ tokens: watched }),
      limit({ clock, rows, onWait }),
      timeout({ milliseconds: 5000 }),
      counted,
    ],
    send,
  );
  const error = await rejection(whole({ method: 'GET', url: server.url, purpose: 'read invoices' }));
  expect(error).toMatchObject({ kind: 'transient', status: 500 });
  expect(order).toEqual([
    'token',
    'send Bearer token-1',
    'token',
    'send Bearer token-1',
    'renew',
    'send Bearer token-2',
    'token',
    'send Bearer token-2',
  ]);
  expect(waits).toEqual(['the minute quota of 3 requests is spent']);
});
