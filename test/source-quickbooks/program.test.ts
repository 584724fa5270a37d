// The source as a program: its commands, its exit codes, and a second run that goes on from the first one's output.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { errorsOf, recordsOf } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { type QuickbooksOptions, startQuickbooks, UNLIMITED } from '../emulators/quickbooks/index.ts';
import { start } from '../program.ts';
import { configFor } from './bench.ts';

const main = '../source-quickbooks/main.ts';

async function openFolder(switches: QuickbooksOptions['switches'] = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'source-quickbooks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const books = generateBooks({ seed: 5, documents: 40 });
  const options = { companies: [books], clock: fastClock(), limits: UNLIMITED, switches };
  const quickbooks = await startQuickbooks(options);
  onTestFinished(() => quickbooks.close());
  const { refresh_token } = quickbooks.issueTokens();
  const write = async (name: string, value: unknown) => {
    const file = join(folder, name);
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  };
  const settings = { ...configFor(quickbooks, refresh_token), token_store: join(folder, 'tokens') };
  return { quickbooks, write, config: await write('config.json', settings) };
}

test('spec needs nothing, check and discover one line each', async () => {
  const { config } = await openFolder();
  const spec = await start(main, ['spec']).ended;
  expect(spec.messages).toEqual([expect.objectContaining({ type: 'SPEC' })]);
  const check = await start(main, ['check', '--config', config]).ended;
  expect(check.messages.filter(({ type }) => type === 'CONNECTION_STATUS')).toEqual([
    { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED', message: expect.any(String) } },
  ]);
  const discover = await start(main, ['discover', '--config', config]).ended;
  expect(discover.messages.filter(({ type }) => type === 'CATALOG')).toHaveLength(1);
  expect([spec.code, check.code, discover.code]).toEqual([0, 0, 0]);
});

test('a read ends with 0, its output is the state of the next, and the old refresh token still opens the store', async () => {
  const { config, write, quickbooks } = await openFolder({ rotateAfterHours: 0, reuseRevokes: true });
  const first = await start(main, ['read', '--config', config]).ended;
  expect([first.code, first.stderr.includes('error')]).toEqual([0, false]);
  expect(recordsOf(first.messages).filter(({ stream }) => stream === 'bills')).toHaveLength(
    quickbooks.records('Bill').length,
  );
  const states = first.stdout.split('\n').filter((line) => line.startsWith('{"type":"STATE"'));
  const file = await write('state.jsonl', states.join('\n'));
  const second = await start(main, ['read', '--config', config, '--state', file]).ended;
  expect(second.code).toBe(0);
  expect(recordsOf(second.messages)).toEqual([]);
});

test('one refused stream makes the exit code 1 while the others are complete, and no secret is told', async () => {
  const { config } = await openFolder({ forbidden: { Class: '5030' } });
  const read = await start(main, ['read', '--config', config]).ended;
  expect(read.code).toBe(1);
  expect(errorsOf(read.messages)).toEqual([
    expect.objectContaining({ stream_descriptor: { name: 'classes' } }),
  ]);
  const { credentials } = JSON.parse(await readFile(config, 'utf8')) as {
    credentials: Record<string, string>;
  };
  const told = read.messages
    .filter(({ type }) => type !== 'CONTROL')
    .map((message) => JSON.stringify(message));
  for (const secret of [credentials.client_secret, credentials.refresh_token])
    expect(`${told.join('\n')}${read.stderr}`).not.toContain(secret);
});
