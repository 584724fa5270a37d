// State files: every form callers hand back is read, and nothing unreadable passes for a fresh start.
import { encodeLine, logMessage, readCatalog, readStates, stateMessage } from '@airbyte/cdk-typescript-shim';
import { describe, expect, test } from 'vitest';

const message = (cursor: number) => stateMessage('a', { cursor }, 1);
const body = (cursor: number) => {
  const state = message(cursor);
  return state.type === 'STATE' ? state.state : undefined;
};

describe('a state file', () => {
  test.each([
    ['is empty', '', undefined],
    ['is an empty array', '[]', undefined],
    ['is an array of states', JSON.stringify([body(1)]), { cursor: 1 }],
    ['is an array of messages', JSON.stringify([message(1), message(2)]), { cursor: 2 }],
    [
      'is lines of messages, the last one winning',
      encodeLine(message(1)) + encodeLine(message(2)),
      { cursor: 2 },
    ],
    ['is a single message', encodeLine(message(3)), { cursor: 3 }],
    [
      'is all that a destination printed',
      encodeLine(logMessage('INFO', 'x')) + encodeLine(message(3)),
      { cursor: 3 },
    ],
    ['is the legacy object', '{"a":{"cursor":4}}', { cursor: 4 }],
    ['is a legacy state', '{"type":"LEGACY","data":{"a":{"cursor":5}}}', { cursor: 5 }],
    [
      'is a global state',
      '[{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{"cursor":6}}]}}]',
      { cursor: 6 },
    ],
    [
      'names nulls for what is absent',
      '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":null},"stream_state":{"cursor":7}},"global":null}]',
      { cursor: 7 },
    ],
  ])('is read when it %s', (_, text, state) => {
    expect(readStates(text, 's.json').get('a')).toEqual(state);
  });

  test.each([
    '{',
    'nonsense',
    '[1]',
    '"text"',
    '{"a":1}',
    '[{"type":"STREAM","stream":{}}]',
    '{"type":"RECORD"}',
  ])('holding %s is an error that names the file and the way out', (text) => {
    expect(() => readStates(text, 's.json')).toThrow(/Cannot read state "s.json": .*leave --state out/);
  });
});

describe('a catalog file', () => {
  const stream = { name: 'a', json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] };
  const entry = { stream, sync_mode: 'incremental', destination_sync_mode: 'append' };

  test.each([
    ['plain', { streams: [stream] }],
    ['the whole message', { type: 'CATALOG', catalog: { streams: [stream] } }],
    ['configured', { streams: [entry] }],
    [
      'configured, with nulls for what is absent',
      { streams: [{ ...entry, generation_id: null, primary_key: null }] },
    ],
  ])('is read when it is %s', (_, value) => {
    expect(readCatalog(JSON.stringify(value), 'c.json').streams[0]).toMatchObject(entry);
  });

  test.each([
    ['{', 'not JSON'],
    ['{}', 'streams'],
    ['{"streams":[{"name":""}]}', 'streams[0] has no "name"'],
    [JSON.stringify({ streams: [{ ...entry, sync_mode: 'x' }] }), 'sync_mode is "x"'],
    [
      JSON.stringify({ streams: [{ ...entry, destination_sync_mode: 'overwrite_dedup' }] }),
      'overwrite_dedup',
    ],
  ])('holding %s is an error that says so', (text, words) => {
    expect(() => readCatalog(text, 'c.json')).toThrow(words);
  });
});
