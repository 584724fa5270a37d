// Where callers disagree about an end: signals to the program, to process 1, and to its parent only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeLine, recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bundled } from '../bundled.ts';
import { type Ended, fileOf, start, temporaryFolder } from '../program.ts';

const source = './example-source/main.ts';
const destination = './example-destination/main.ts';
const endless = { rows: 1_000_000, api_key: 'a-very-secret-key', pause_milliseconds: 20 };

const numbers = {
  stream: { name: 'numbers', json_schema: {}, supported_sync_modes: ['full_refresh'] },
  sync_mode: 'full_refresh',
  destination_sync_mode: 'append',
};

const record = encodeLine(recordMessage('numbers', { id: 1 }, 1));
const started = encodeLine(streamStatusMessage('numbers', 'STARTED', 1));

const configFile = async (value: unknown) => fileOf(await temporaryFolder(), 'config.json', value);

const statuses = ({ messages }: Ended): readonly string[] =>
  messages.flatMap((message) =>
    message.type === 'TRACE' && message.trace.stream_status ? [message.trace.stream_status.status] : [],
  );

describe('an interrupted read', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s dies of that signal, which is neither 0 nor the 143 that PyAirbyte takes for a failure',
    async (name) => {
      const { child, ended } = start(source, ['read', '--config', await configFile(endless)]);
      await once(child.stdout ?? child, 'data');
      child.kill(name);
      const outcome = await ended;
      expect([outcome.signal, outcome.code]).toEqual([name, null]);
      expect(statuses(outcome).at(-1)).toBe('INCOMPLETE');
    },
  );

  test('exits with 143 where its own signal does nothing, as for process 1 of a container', async () => {
    const deaf = 'data:text/javascript,process.kill=()=>true';
    const { child, ended } = start(source, ['read', '--config', await configFile(endless)], {
      env: { NODE_OPTIONS: `--import=${deaf}` },
    });
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const outcome = await ended;
    expect([outcome.signal, outcome.code]).toEqual([null, 143]);
    expect(statuses(outcome).at(-1)).toBe('INCOMPLETE');
  });
});

describe('a signal to the parent only', () => {
  /** A shell that starts the program and waits for it; the program's own id comes first on stderr. */
  async function underShell(main: string, args: readonly string[]) {
    const file = bundled(join('test', main));
    const script = `exec 3<&0; "$0" "$@" <&3 & echo "pid $!" >&2; wait`;
    const shell = spawn('sh', ['-c', script, process.execPath, file, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    shell.stdin.on('error', () => undefined);
    const [said] = (await once(shell.stderr, 'data')) as [Buffer];
    const pid = Number(/pid (\d+)/.exec(said.toString())?.[1]);
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    return { shell, pid };
  }

  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);

  test('stops a source as soon as nobody reads what it prints', async () => {
    const { shell, pid } = await underShell(source, ['read', '--config', await configFile(endless)]);
    await once(shell.stdout, 'data');
    shell.kill('SIGTERM');
    await once(shell, 'exit');
    expect(isAlive(pid)).toBe(true);
    shell.stdout.destroy();
    await gone(pid);
  });

  test('stops a destination with the end of its input, and what it has is kept', async () => {
    const folder = await temporaryFolder();
    const files = {
      '--config': await fileOf(folder, 'config.json', { file: `${folder}/out.jsonl` }),
      '--catalog': await fileOf(folder, 'catalog.json', { streams: [numbers] }),
    };
    const { shell, pid } = await underShell(destination, ['write', ...Object.entries(files).flat()]);
    shell.stdin.write(started + record + encodeLine(stateMessage('numbers', { id: 1 }, 1)));
    const [echo] = (await once(shell.stdout, 'data')) as [Buffer];
    expect(echo.toString()).toContain('"destinationStats":{"recordCount":1}');
    shell.kill('SIGTERM');
    await once(shell, 'exit');
    shell.stdin.destroy();
    await gone(pid);
    expect(await readFile(`${folder}/out.jsonl`, 'utf8')).toBe(record);
  });
});
