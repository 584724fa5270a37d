// Every envelope we can build passes the official schema, and our schema refuses what the official one refuses.
import {
  catalogMessage,
  connectionStatusMessage,
  controlMessage,
  echoedState,
  errorMessage,
  estimateMessage,
  logMessage,
  type Message,
  recordMessage,
  specMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { run } from '../program.ts';
import { expectValid } from './protocol.ts';
import { contractTest } from './specs.ts';

const stream = { name: 'a', json_schema: {}, supported_sync_modes: ['full_refresh'] as ['full_refresh'] };

const messages: readonly Message[] = [
  recordMessage('a', { id: 1 }, 1_767_225_600_000),
  stateMessage('a', { tenants: {} }, 3),
  echoedState({ type: 'STREAM', stream: { stream_descriptor: { name: 'a' } } }, { recordCount: 1 }),
  logMessage('WARN', 'text'),
  specMessage({ connectionSpecification: {}, documentationUrl: 'https://ledgerpipe.dev' }),
  catalogMessage({ streams: [stream] }),
  connectionStatusMessage({ status: 'FAILED', message: 'text' }),
  controlMessage({ a: 1 }, 1),
  errorMessage({ message: 'text', failure_type: 'config_error' }, 1),
  estimateMessage({ name: 'a', type: 'STREAM', row_estimate: 10 }, 1),
  streamStatusMessage('a', 'RUNNING', 1, 1_767_225_600_000),
];

contractTest.each(messages.map((message) => [message.type, message] as const))(
  'a %s message as we build it passes the official schema',
  (_, message) => expectValid([message]),
);

test.each([
  [
    'a null for an absent field',
    { type: 'RECORD', record: { stream: 'a', data: {}, emitted_at: 1, meta: null } },
  ],
  ['a fraction of a millisecond', { type: 'RECORD', record: { stream: 'a', data: {}, emitted_at: 1.5 } }],
  ['an unknown type', { type: 'RECRD', record: { stream: 'a', data: {}, emitted_at: 1 } }],
  [
    'a stream without sync modes',
    { type: 'CATALOG', catalog: { streams: [{ name: 'a', json_schema: {} }] } },
  ],
  ['a record without its payload', { type: 'RECORD' }],
])('our schema refuses %s', (_, message) => {
  expect(() => expectValid([message as unknown as Message])).toThrow();
});

test('what a served source prints passes the schemas', async () => {
  const config = new URL('../fixtures/example-config.json', import.meta.url).pathname;
  for (const command of ['check', 'discover', 'read'])
    expectValid((await run('./example-source/main.ts', [command, '--config', config])).messages);
  expectValid((await run('./example-source/main.ts', ['spec'])).messages);
});
