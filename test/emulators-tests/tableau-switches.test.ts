// The choices that no other test of the Tableau emulator turns.
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Switches } from '../emulators/tableau/index.ts';
import { action, type Files, openFiles } from './tableau-files.ts';
import { callOf, chunkParts, clientOf, openClient, openServer, payloadPart } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

/** A client, and an upload session of its own. */
async function withUpload(switches: Partial<Switches>) {
  const client = await openClient({ switches });
  const opened = await client.on('POST', '/fileUploads');
  const id = encodeURIComponent((opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId);
  return { client, id };
}

test('a stored chunk is answered 200 or 201', async () => {
  for (const chunkStatus of [200, 201] as const) {
    const { client, id } = await withUpload({ chunkStatus });
    const reply = await client.on('PUT', `/fileUploads/${id}`, { parts: chunkParts(Buffer.from('x')) });
    expect(reply.status).toBe(chunkStatus);
  }
});

test('numbers of chunks begin at 1 or 0', async () => {
  for (const firstSequence of [1, 0] as const) {
    const { client, id } = await withUpload({ firstSequence });
    const send = (number: number) =>
      client.on('PUT', `/fileUploads/${id}?sequenceID=${number}`, { parts: chunkParts(Buffer.from('x')) });
    expect((await send(0)).status).toBe(firstSequence === 0 ? 200 : 400);
    expect((await send(1_000)).status).toBe(firstSequence === 0 ? 400 : 200);
  }
});

test('a session that is not used up can be committed again', async () => {
  const { client, id } = await withUpload({ uploadConsumed: false });
  const file = await files.lines(['a', '1']);
  await client.on('PUT', `/fileUploads/${id}`, { parts: chunkParts(file) });
  for (const name of ['One', 'Two']) {
    const reply = await client.on('POST', `/datasources?uploadSessionId=${id}&datasourceType=hyper`, {
      parts: [payloadPart(name)],
    });
    expect(reply.status).toBe(201);
  }
  expect(await client.emulator.rows('Two')).toEqual(await client.emulator.rows('One'));
});

test('a publish as a job is answered 202 or 201, with or without a finish code', async () => {
  const file = await files.lines(['a', '1']);
  const usual = await openClient();
  const first = await usual.publish('Lines', file, { query: 'asJob=true' });
  expect(first).toMatchObject({ status: 202, json: { job: { finishCode: '1' } } });
  const other = await openClient({ switches: { publishJobStatus: 201, freshPublishFinishCode: false } });
  const second = await other.publish('Lines', file, { query: 'asJob=true' });
  expect(second.status).toBe(201);
  expect(second.json.job).not.toHaveProperty('finishCode');
});

test('a file with two facts is 400011 or 400000', async () => {
  const file = await files.hyper(
    'CREATE TABLE {db}."public"."a" (i int)',
    'CREATE TABLE {db}."public"."b" (i int)',
  );
  for (const factTableCode of [400011, 400000] as const) {
    const client = await openClient({ switches: { factTableCode } });
    expect((await client.publish('Two', file)).code).toBe(String(factTableCode));
  }
});

test('updates count towards the cap of publishes, or do not', async () => {
  const file = await files.lines(['a', '1']);
  for (const updatesCountAsPublishes of [true, false]) {
    const client = await openClient({ quotas: { publish: 1 }, switches: { updatesCountAsPublishes } });
    const source = await client.published('Lines', file);
    const reply = await client.patch(source, [action('insert')], { payload: file });
    expect(reply.status).toBe(updatesCountAsPublishes ? 429 : 202);
  }
});

test('the code of what is too large is one of two', async () => {
  const file = await files.lines(['a', '1']);
  const client = await openClient({ switches: { tooLargeCode: 413001, payloadCapMegabytes: 0.01 } });
  const source = await client.published('Lines', file);
  const reply = await client.patch(source, [action('insert')], { payload: file });
  expect(reply).toMatchObject({ status: 413, code: '413001' });
});

test('the scope of Hyper updates is old, or exists from 3.27 on', async () => {
  for (const hyperDataScopeSince of ['always', '3.27'] as const) {
    const { emulator, clock } = await openServer({
      rate: 1,
      version: '3.26',
      switches: { hyperDataScopeSince },
    });
    const { clientId, secretId, secretValue, username } = emulator.config.connectedApp;
    const jwt = await new SignJWT({ scp: ['tableau:hyper_data:update'] })
      .setProtectedHeader({ alg: 'HS256', kid: secretId, iss: clientId })
      .setIssuer(clientId)
      .setSubject(username)
      .setAudience('tableau')
      .setJti('one')
      .setExpirationTime(Math.floor(clock.now() / 1_000) + 300)
      .sign(new TextEncoder().encode(secretValue));
    const signIn = await callOf(emulator)('POST', '/auth/signin', {
      json: { credentials: { jwt, site: { contentUrl: 'books' } } },
    });
    const { token, site } = signIn.json.credentials as { token: string; site: { id: string } };
    const client = clientOf(emulator, { clock, token, site: site.id });
    const reply = await client.patch('none', []);
    expect(reply.status).toBe(hyperDataScopeSince === 'always' ? 404 : 401);
  }
});
