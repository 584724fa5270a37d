// The memory of a pipeline: states fold by stream, jobs go on until finished, rotated secrets yield to the person.
import { stat, writeFile } from 'node:fs/promises';
import { type StateBody, stateMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { PipelineStore } from '../../runner/store.ts';
import { temporaryFolder } from '../program.ts';

const state = (stream: string, cursor: number): StateBody => {
  const message = stateMessage(stream, { cursor }, 1);
  if (message.type !== 'STATE') throw new Error('not a state');
  return message.state;
};

test('the newest state of each stream is there after a restart, without the counts', async () => {
  const folder = await temporaryFolder();
  const store = await PipelineStore.open(folder);
  await store.keepState(state('a', 1));
  await store.keepState({ ...state('a', 2), destinationStats: { recordCount: 1 } });
  await store.keepState(state('b', 3));
  const { states } = await PipelineStore.open(folder);
  expect(states.map(({ stream }) => stream?.stream_state)).toEqual([{ cursor: 2 }, { cursor: 3 }]);
  expect(JSON.stringify(states)).not.toContain('recordCount');
});

test('a job that did not finish keeps its number, the next one after a finished job is new', async () => {
  const folder = await temporaryFolder();
  const store = await PipelineStore.open(folder);
  expect([await store.beginJob(), await store.beginJob()]).toEqual([1, 1]);
  await store.finishJob(1);
  expect(await store.beginJob()).toBe(2);
});

test('a rotated secret is used until the person writes another, and only its owner may read it', async () => {
  const folder = await temporaryFolder();
  const store = await PipelineStore.open(folder);
  const written = { credentials: { client_id: 'c', refresh_token: 'one' }, start_date: '2026-01-01' };
  await store.keepRotation(written, { ...written, credentials: { client_id: 'c', refresh_token: 'two' } });
  expect(await store.withRotations({ ...written, start_date: '2025-01-01' })).toEqual({
    credentials: { client_id: 'c', refresh_token: 'two' },
    start_date: '2025-01-01',
  });
  const consented = { ...written, credentials: { client_id: 'c', refresh_token: 'three' } };
  expect(await store.withRotations(consented)).toEqual(consented);
  expect((await stat(`${folder}/rotated.json`)).mode & 0o777).toBe(0o600);
});

test('a damaged file is an error, never a fresh start', async () => {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/state.json`, '[{');
  await expect(PipelineStore.open(folder)).rejects.toThrow(/damaged, restore it/);
});
