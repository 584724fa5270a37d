// Uploads: chunks in order or numbered, their caps, and sessions that are committed once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Files, openFiles } from './tableau-files.ts';
import { type Client, chunkParts, openClient, payloadPart } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

const megabyte = 1_048_576;
const sessionPattern = /^([0-9]+:[0-9a-fA-F]+)-([0-9]+:[0-9]+)$/;

const countOf = async ({ emulator }: Client, name = 'Lines'): Promise<number> =>
  (await emulator.rows(name)).length;

const commit = (client: Client, session: string, query = '') =>
  client.on('POST', `/datasources?uploadSessionId=${encodeURIComponent(session)}&${query}`, {
    parts: [payloadPart('Lines')],
  });

test('chunks in their order become one file, committed once', async () => {
  const client = await openClient();
  const file = await files.lines(['a', '1'], ['b', '2']);
  const session = await client.upload(file.subarray(0, 40_000), file.subarray(40_000));
  expect(session).toMatch(sessionPattern);
  expect(await commit(client, session, 'datasourceType=hyper')).toMatchObject({ status: 201 });
  expect(await countOf(client)).toBe(2);
  const again = await commit(client, session, 'datasourceType=hyper&overwrite=true');
  expect(again).toMatchObject({ status: 404, code: '404015' });
});

test('numbered chunks may come in any order; a missing one is noticed', async () => {
  const client = await openClient();
  const file = await files.lines(['a', '1']);
  const send = async (numbers: readonly number[]) => {
    const opened = await client.on('POST', '/fileUploads');
    const id = (opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId;
    for (const number of numbers) {
      const chunk = file.subarray((number - 1) * 30_000, number === 3 ? file.length : number * 30_000);
      const path = `/fileUploads/${encodeURIComponent(id)}?sequenceID=${number}`;
      expect(await client.on('PUT', path, { parts: chunkParts(chunk) })).toMatchObject({ status: 200 });
    }
    return id;
  };
  const whole = await send([3, 1, 2]);
  expect(await commit(client, whole, 'datasourceType=hyper')).toMatchObject({ status: 201 });
  const partial = await send([3, 1]);
  expect(await commit(client, partial, 'datasourceType=hyper&overwrite=true')).toMatchObject({
    status: 400,
    code: '400020',
  });
});

test('a chunk over 64 MB is refused, and so is a publish in one request', async () => {
  const client = await openClient();
  const large = Buffer.alloc(64 * megabyte + 1);
  const opened = await client.on('POST', '/fileUploads');
  const id = (opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId;
  const path = `/fileUploads/${encodeURIComponent(id)}`;
  expect(await client.on('PUT', path, { parts: chunkParts(large) })).toMatchObject({ status: 413 });
  const fitting = await client.on('PUT', path, { parts: chunkParts(large.subarray(1)) });
  expect(fitting.json.fileUpload).toEqual({ uploadSessionId: id, fileSize: '64' });
  expect(await client.publish('Lines', large)).toMatchObject({ status: 413 });
});

test('an unknown session, a missing file part and a form are refused', async () => {
  const client = await openClient();
  const file = await files.lines(['a', '1']);
  const unknown = encodeURIComponent('1:ab-1:0');
  expect(await client.on('PUT', `/fileUploads/${unknown}`, { parts: chunkParts(file) })).toMatchObject({
    status: 404,
  });
  const opened = await client.on('POST', '/fileUploads');
  const id = encodeURIComponent((opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId);
  const empty = await client.on('PUT', `/fileUploads/${id}`, { parts: chunkParts(file).slice(0, 1) });
  expect(empty.code).toBe('400020');
  const form = await client.on('POST', '/datasources', {
    parts: [payloadPart('Lines')],
    headers: { 'content-type': 'multipart/form-data; boundary=a-boundary-of-parts' },
  });
  expect(form.status).toBe(400);
});

test('an upload takes 1000 blocks', async () => {
  const client = await openClient();
  const opened = await client.on('POST', '/fileUploads');
  const id = encodeURIComponent((opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId);
  const send = () => client.on('PUT', `/fileUploads/${id}`, { parts: chunkParts(Buffer.from('x')) });
  for (let block = 0; block < 1_000; block += 1) expect((await send()).status).toBe(200);
  expect((await send()).status).toBe(400);
});

test('an upload session is forgotten after a day', async () => {
  const client = await openClient({ sessionLife: 100 * 3_600_000 });
  const session = await client.upload(await files.lines(['a', '1']));
  client.clock.advance(25 * 3_600_000);
  expect(await commit(client, session, 'datasourceType=hyper')).toMatchObject({ status: 404 });
});
