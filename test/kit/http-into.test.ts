// Answers too large to hold: handed on as they come, and asked for again when they break off.
import type { Readable } from 'node:stream';
import { configError } from '@airbyte/cdk-typescript-shim';
import { httpSend, retry, stack } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { rejection, serveHttp } from './http-server.ts';

const send = httpSend({ userAgent: 'ledgerpipe-test/1' });

async function lengthOf(body: Readable): Promise<number> {
  let length = 0;
  for await (const chunk of body) length += (chunk as Buffer).length;
  return length;
}

test('a body goes where it is wanted, unpacked by nobody, and the response has none', async () => {
  const server = await serveHttp((_, response) => response.end(Buffer.alloc(3_000_000, 7)) && undefined);
  let length = 0;
  const response = await send({
    method: 'GET',
    url: server.url,
    into: async (body) => {
      length = await lengthOf(body);
    },
  });
  expect([response.status, response.body.length, length]).toEqual([200, 0, 3_000_000]);
  expect(server.arrived[0]?.headers['accept-encoding']).toBe('identity');
});

test('only what was asked for is handed on: the body of a refusal stays with the response', async () => {
  const server = await serveHttp((_, response) => {
    response.writeHead(404).end('no such thing');
  });
  const into = async (): Promise<void> => {
    throw new Error('called');
  };
  const response = await send({ method: 'GET', url: server.url, into });
  expect([response.status, response.text()]).toEqual([404, 'no such thing']);
});

test('a body that breaks off is asked for again, from its beginning', async () => {
  const server = await serveHttp((_, response, count) => {
    response.writeHead(200, { 'content-length': '2000000' });
    if (count > 1) response.end(Buffer.alloc(2_000_000));
    else response.write(Buffer.alloc(1_000_000), () => response.destroy());
  });
  const lengths: number[] = [];
  const repeated = stack([retry({ clock: fastClock({ rate: 1000 }) })], send);
  await repeated({
    method: 'GET',
    url: server.url,
    into: async (body) => {
      lengths.push(await lengthOf(body));
    },
  });
  expect([lengths, server.arrived.length]).toEqual([[2_000_000], 2]);
});

test('an error of the taker is his own, and a packed answer is refused', async () => {
  const server = await serveHttp((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
  });
  const refused = await rejection(send({ method: 'GET', url: server.url, into: async () => undefined }));
  expect(refused.message).toMatch(/packed with "gzip" although that was not asked for/);
  const plain = await serveHttp((_, response) => response.end('x') && undefined);
  const own = configError('Cannot keep it: the disk is full');
  const into = async (): Promise<void> => {
    throw own;
  };
  expect(await rejection(send({ method: 'GET', url: plain.url, into }))).toBe(own);
});
