// When a record counts as delivered: with the state that covers it, with the end of a complete stream, or not at all.
import {
  bestModes,
  type ConfiguredCatalog,
  encodeLine,
  recordHead,
  recordMessage,
  type StateBody,
} from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { Trail } from '../../runner/run/audit/trail.ts';
import type { AuditRow } from '../../runner/store/index.ts';

const stream = (name: string) => ({
  name,
  json_schema: { type: 'object', properties: { id: {} } },
  supported_sync_modes: ['incremental'] as ['incremental'],
  source_defined_primary_key: [['id']],
});
const catalog: ConfiguredCatalog = bestModes({ streams: [stream('a'), stream('b')] });

const streamState = (name: string, cursor: number): StateBody => ({
  type: 'STREAM',
  stream: { stream_descriptor: { name }, stream_state: { cursor } },
});
const back = (state: StateBody, rejected = 0): StateBody => ({
  ...state,
  destinationStats: { recordCount: 1, ...(rejected > 0 ? { rejectedRecordCount: rejected } : {}) },
});

function openTrail(rejected: readonly string[] = []) {
  const rows: AuditRow[] = [];
  const trail = new Trail({
    catalog,
    job: { id: 7, attempt: 2, pipeline: 'pipe' },
    audit: {
      add: async (added) => void rows.push(...added),
      find: () => {
        throw new Error('not asked');
      },
      prune: async () => 0,
    },
    clock: systemClock,
    eventOf: () => undefined,
    rejected: async (_, noter) => new Set(rejected.map((id) => noter.note(...args('a', id))?.hash ?? '')),
  });
  const read = (name: string, ...ids: string[]) => {
    for (const id of ids) trail.record(name, ...args(name, id));
  };
  const told = () => rows.splice(0).map(({ key, outcome }) => `${key} ${outcome}`);
  return { trail, read, told, rows };
}

function args(name: string, id: string): [Buffer, { start: number; end: number; head: number }] {
  const line = Buffer.from(encodeLine(recordMessage(name, { id }, 1)));
  return [line, { start: 0, end: line.length, head: recordHead(line)?.length ?? 0 }];
}

test('a state that comes back delivers the records before it, of its stream alone', async () => {
  const { trail, read, told } = openTrail();
  read('a', '1', '2');
  trail.covers(streamState('a', 1));
  read('a', '3');
  read('b', '4');
  trail.covers(streamState('b', 1));
  await trail.committed(back(streamState('a', 1)));
  expect(told()).toEqual(['1 delivered', '2 delivered']);
  await trail.committed(back(streamState('b', 1)));
  expect(told()).toEqual(['4 delivered']);
});

test('the last of several states stands for those before it', async () => {
  const { trail, read, told } = openTrail();
  for (const cursor of [1, 2, 3]) {
    read('a', String(cursor));
    trail.covers(streamState('a', cursor));
  }
  await trail.committed(back(streamState('a', 2)));
  expect(told()).toEqual(['1 delivered', '2 delivered']);
});

test('equal states are taken in turn', async () => {
  const { trail, read, told } = openTrail();
  for (const id of ['1', '2']) {
    read('a', id);
    trail.covers(streamState('a', 1));
  }
  await trail.committed(back(streamState('a', 1)));
  expect(told()).toEqual(['1 delivered']);
  await trail.committed(back(streamState('a', 1)));
  expect(told()).toEqual(['2 delivered']);
});

test('a state without a stream covers all of them', async () => {
  const { trail, read, told } = openTrail();
  const state: StateBody = { type: 'GLOBAL', global: { stream_states: [] } };
  read('a', '1');
  read('b', '2');
  trail.covers(state);
  read('a', '3');
  await trail.committed(back(state));
  expect(told()).toEqual(['1 delivered', '2 delivered']);
});

test('at the end, complete streams have delivered the rest, others have failed', async () => {
  const { trail, read, told } = openTrail();
  read('a', '1');
  trail.covers(streamState('a', 1));
  read('a', '2');
  read('b', '3');
  const delivered = await trail.ended((name) => name === 'a');
  expect(told()).toEqual(['1 delivered', '2 delivered', '3 failed']);
  expect([...delivered]).toEqual([['a', 2]]);
  await trail.ended(() => true);
  expect(told()).toEqual([]);
});

test('what the destination put aside is rejected, and only asked for when it says so', async () => {
  const { trail, read, told } = openTrail(['2']);
  for (const [cursor, rejected] of [
    [1, 0],
    [2, 1],
  ] as const) {
    read('a', '1', '2');
    trail.covers(streamState('a', cursor));
    await trail.committed(back(streamState('a', cursor), rejected));
  }
  expect(told()).toEqual(['1 delivered', '2 delivered', '1 delivered', '2 rejected']);
});

test('rows tell their job, attempt and newest proof', async () => {
  const { trail, read, rows } = openTrail();
  read('a', '1');
  trail.receipt({ streams: ['a'], text: 'statement 1' });
  trail.receipt({ streams: ['b'], text: 'statement 2' });
  trail.receipt({ streams: ['a'], text: 'statement 3' });
  trail.covers(streamState('a', 1));
  await trail.committed(back(streamState('a', 1)));
  expect(rows).toEqual([
    expect.objectContaining({ pipeline: 'pipe', job: 7, attempt: 2, key: '1', receipt: 'statement 3' }),
  ]);
});
