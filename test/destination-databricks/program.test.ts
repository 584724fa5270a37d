// The program as callers run it: spec without a config, lines on stdin, and an end by signal that leaves nothing running.
import { expect, test } from 'vitest';
import { systemClock } from '../../protocol/kit/clock.ts';
import { startDatabricks } from '../emulators/databricks/index.ts';
import { fileOf, run, start, temporaryFolder } from '../program.ts';
import { configFor } from './workspace.ts';

const main = '../destination-databricks/main.ts';

const catalog = {
  type: 'CATALOG',
  catalog: {
    streams: [
      {
        name: 'contacts',
        json_schema: { type: 'object', properties: { ContactID: { type: 'string' } } },
        supported_sync_modes: ['full_refresh', 'incremental'],
        source_defined_primary_key: [['ContactID']],
        default_cursor_field: ['UpdatedDateUTC'],
      },
    ],
  },
};

const input = [
  catalog,
  { type: 'RECORD', record: { stream: 'contacts', data: { ContactID: 'c' }, emitted_at: 1 } },
  {
    type: 'STATE',
    state: { type: 'STREAM', stream: { stream_descriptor: { name: 'contacts' }, stream_state: { at: 1 } } },
  },
  {
    type: 'TRACE',
    trace: {
      type: 'STREAM_STATUS',
      emitted_at: 1,
      stream_status: { stream_descriptor: { name: 'contacts' }, status: 'COMPLETE' },
    },
  },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join('');

test('spec needs no configuration, check and write take it from a file', async () => {
  const spec = await run(main, ['spec']);
  expect(spec.messages, spec.stderr).toMatchObject([{ type: 'SPEC' }]);
  const emulator = await startDatabricks({ clock: systemClock });
  try {
    const config = await fileOf(await temporaryFolder(), 'config.json', configFor(emulator));
    const checked = await run(main, ['check', '--config', config]);
    expect(checked.messages.at(-1)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
    const written = await run(main, ['write', '--config', config], { input });
    expect(written.code, written.stderr).toBe(0);
    expect(written.messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
    expect(written.stdout).not.toContain(emulator.credentials.clientSecret);
    expect(await emulator.query(`SELECT "ContactID" AS id FROM workspace.finance.contacts`)).toEqual([
      { id: 'c' },
    ]);
  } finally {
    await emulator.close();
  }
});

test('a terminated write cancels its statement and gives no state back', async () => {
  const emulator = await startDatabricks({ clock: systemClock, warehouse: { statementSeconds: 60 } });
  try {
    const config = await fileOf(await temporaryFolder(), 'config.json', configFor(emulator));
    const { child, ended } = start(main, ['write', '--config', config], { input });
    while (emulator.statements.length === 0 && child.exitCode === null) await systemClock.sleep(50);
    child.kill('SIGTERM');
    const { signal, messages } = await ended;
    expect(signal).toBe('SIGTERM');
    expect(messages.filter(({ type }) => type === 'STATE')).toEqual([]);
    expect(emulator.statements.map(({ state }) => state)).toEqual(['CANCELED']);
  } finally {
    await emulator.close();
  }
});
