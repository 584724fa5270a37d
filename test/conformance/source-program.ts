// A source as a program: its commands, its exit codes, and a second run that goes on from the first one's output.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fileOf, start, temporaryFolder } from '../program.ts';
import { errorsOf, recordsOf } from './in-process.ts';

export interface ProgramBench {
  readonly config: Readonly<Record<string, unknown>>;
  /** Bills that a read delivers. */
  readonly bills: number;
}

export interface SourceProgram {
  /** Path of its main.ts, from test/. */
  readonly main: string;
  /** A vendor whose refresh tokens rotate with every use, and its configuration; the token store is added to it. */
  open(): Promise<ProgramBench>;
  /** The same with one stream that is refused. */
  refused(): Promise<ProgramBench & { readonly stream: string }>;
}

export function describeSourceProgram({ main, open, refused }: SourceProgram): void {
  const fileFor = async <B extends ProgramBench>(bench: B) => {
    const folder = await temporaryFolder();
    const settings = { ...bench.config, token_store: `${folder}/tokens` };
    return { ...bench, folder, config: await fileOf(folder, 'config.json', settings) };
  };

  test('spec needs nothing, check and discover one line each', async () => {
    const { config } = await fileFor(await open());
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
    const { config, folder, bills } = await fileFor(await open());
    const first = await start(main, ['read', '--config', config]).ended;
    expect([first.code, first.stderr.includes('error')]).toEqual([0, false]);
    expect(recordsOf(first.messages).filter(({ stream }) => stream === 'bills')).toHaveLength(bills);
    const states = first.stdout.split('\n').filter((line) => line.startsWith('{"type":"STATE"'));
    const file = await fileOf(folder, 'state.jsonl', states.join('\n'));
    const second = await start(main, ['read', '--config', config, '--state', file]).ended;
    expect(second.code).toBe(0);
    expect(recordsOf(second.messages)).toEqual([]);
  });

  test('one refused stream makes the exit code 1 while the others are complete, and no secret is told', async () => {
    const { config, stream } = await fileFor(await refused());
    const read = await start(main, ['read', '--config', config]).ended;
    expect(read.code).toBe(1);
    expect(errorsOf(read.messages)).toEqual([
      expect.objectContaining({ stream_descriptor: { name: stream } }),
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
}
