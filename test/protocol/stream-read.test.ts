// What is said of a stream while it is read, and what its state must look like to be gone on from.
import {
  type ConfiguredStream,
  configError,
  refuseUnknown,
  systemError,
  tellEnd,
  tellRecord,
  tellState,
  tenantStates,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';

const open = () => ({ stream: { name: 'a' }, running: false, count: 0 });

test('RUNNING is told once, before the first record, and a state counts the records since the last one', () => {
  const read = open();
  const told = [
    ...tellRecord(read, { id: 1 }, 5),
    ...tellRecord(read, { id: 2 }, 6),
    tellState(read, { cursor: 'x' }),
    ...tellRecord(read, { id: 3 }, 7),
    tellState(read, { cursor: 'y' }),
    tellState(read, { cursor: 'z' }),
  ];
  expect(told.map(({ type }) => type)).toEqual([
    ...['TRACE', 'RECORD', 'RECORD', 'STATE', 'RECORD', 'STATE', 'STATE'],
  ]);
  const counts = told.flatMap((message) =>
    message.type === 'STATE' ? [message.state.sourceStats?.recordCount] : [],
  );
  expect(counts).toEqual([2, 1, 0]);
});

test('a stream ends with each of its failures once, or COMPLETE', () => {
  expect([...tellEnd('a', [], 5)]).toMatchObject([{ trace: { stream_status: { status: 'COMPLETE' } } }]);
  const failures = [
    configError('Cannot read', { detail: 'why' }),
    transientError('Wait'),
    configError('Cannot read', { detail: 'again' }),
    systemError('Broken'),
  ];
  const told = [...tellEnd('a', failures, 5)];
  expect(told).toMatchObject([
    { trace: { error: { message: 'Cannot read', failure_type: 'config_error', internal_message: 'why' } } },
    { trace: { error: { message: 'Wait', failure_type: 'transient_error' } } },
    { trace: { error: { message: 'Broken', failure_type: 'system_error' } } },
    { trace: { stream_status: { status: 'INCOMPLETE' } } },
  ]);
  expect(JSON.stringify(told[0])).not.toContain('stack_trace');
  expect(JSON.stringify(told[2])).toContain('stack_trace');
});

test('streams that the source does not have end by name', () => {
  const stream = (name: string): ConfiguredStream => ({
    stream: { name, json_schema: {}, supported_sync_modes: ['full_refresh'] },
    sync_mode: 'full_refresh',
    destination_sync_mode: 'append',
  });
  const told = [...refuseUnknown([stream('a'), stream('payslips')], (name) => name === 'a', 5)];
  expect(told).toMatchObject([
    { trace: { error: { stream_descriptor: { name: 'payslips' } } } },
    { trace: { stream_status: { status: 'INCOMPLETE', stream_descriptor: { name: 'payslips' } } } },
  ]);
});

const statesOf = (state: Record<string, unknown>) =>
  tenantStates('a', new Map([['a', state]]), { field: 'tenants', tenant: 'organisation' });

test('no state is a fresh start, and a state is read by tenant', () => {
  expect(statesOf({})).toEqual({});
  expect(tenantStates('b', new Map(), { field: 'tenants', tenant: 'organisation' })).toEqual({});
  const tenants = { one: { cursor: '2026-01-01T00:00:00Z' }, other: { rows: {} } };
  expect(statesOf({ tenants, unknown: 1 })).toEqual(tenants);
});

test.each([
  ['no tenants', { cursor: '2026-01-01' }, 'it has no "tenants"'],
  ['tenants that are no object', { tenants: 5 }, 'it has no "tenants"'],
  ['a tenant that is no object', { tenants: { one: 5 } }, 'that of organisation "one" is not an object'],
  [
    'a cursor that is no instant',
    { tenants: { one: { cursor: 'yesterday' } } },
    'the cursor "yesterday" of organisation "one" is no instant',
  ],
])('a state with %s is an error, never a fresh start', (_, state, why) => {
  expect(() => statesOf(state)).toThrow(
    `Cannot go on from the state of stream "a": ${why}, pass a state of this source or none to start afresh`,
  );
});
