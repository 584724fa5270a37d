// `ledgerpipe serve` as a process of its own, over pipelines of small programs, for tests of signals and kills.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { type Started, start } from '../program.ts';
import { programOf } from './pipelines-file.ts';
import { type LogLine, until } from './serving.ts';

export interface ServeProcess extends Started {
  readonly pid: number;
  readonly url: string;
  log(): readonly LogLine[];
}

/** Starts it with a free port, and waits until it is ready. */
export async function startServe(
  file: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<ServeProcess> {
  const started = start('../runner/main.ts', ['serve', '--file', file, ...args], { env });
  const { child } = started;
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  const log = (): readonly LogLine[] =>
    printed
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  onTestFailed(() => void process.stderr.write(printed));
  const ready = await until(async () => {
    if (child.exitCode !== null) throw new Error(`It ended at once: ${(await started.ended).stderr}`);
    return log().find(({ message }) => message === 'ready');
  }, 30);
  return { ...started, log, pid: child.pid ?? 0, url: String(ready.url) };
}

/** What a source noted of its runs: which runner started it, and when. */
export interface Noted {
  readonly what: 'begin' | 'end';
  readonly pipeline: string;
  readonly runner: number;
  readonly at: number;
}

export interface Programs {
  /** A pipeline whose source takes so many milliseconds over each of three records. */
  pipeline(name: string, milliseconds: number, more?: object): object;
  noted(): Promise<readonly Noted[]>;
  /** Records that came, one line each. */
  arrived(): Promise<readonly string[]>;
}

const stream = {
  name: 'rows',
  json_schema: { type: 'object', properties: { id: { type: 'integer' } } },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  default_cursor_field: ['id'],
  source_defined_primary_key: [['id']],
};

export async function writePrograms(folder: string): Promise<Programs> {
  const [notes, rows] = [join(folder, 'notes.jsonl'), join(folder, 'rows.jsonl')];
  await Promise.all([writeFile(notes, ''), writeFile(rows, '')]);
  const source = await programOf(
    folder,
    'source.mjs',
    `import { appendFileSync, readFileSync } from 'node:fs';
const [verb, ...rest] = process.argv.slice(2);
const file = (name) => rest.includes(name) ? JSON.parse(readFileSync(rest[rest.indexOf(name) + 1], 'utf8')) : undefined;
const { pipeline, milliseconds } = file('--config');
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const note = (what) => appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ what, pipeline, runner: process.ppid, at: Date.now() }) + '\\n');
const status = (status) => say({ type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: 1, stream_status: { stream_descriptor: { name: 'rows' }, status } } });
if (verb === 'discover') say({ type: 'CATALOG', catalog: { streams: [${JSON.stringify(stream)}] } });
else {
  process.stdout.on('error', () => process.exit(1));
  let stopped = false;
  process.on('SIGTERM', () => { stopped = true; });
  note('begin');
  let id = file('--state')?.[0]?.stream.stream_state.id ?? 0;
  const last = (Math.floor(id / 3) + 1) * 3;
  while (id < last && !stopped) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    id += 1;
    say({ type: 'RECORD', record: { stream: 'rows', data: { id }, emitted_at: 1 } });
    say({ type: 'STATE', state: { type: 'STREAM', stream: { stream_descriptor: { name: 'rows' }, stream_state: { id } }, sourceStats: { recordCount: 1 } } });
  }
  status(id === last ? 'COMPLETE' : 'INCOMPLETE');
  note('end');
}`,
  );
  const destination = await programOf(
    folder,
    'destination.mjs',
    `import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const { pipeline } = JSON.parse(readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8'));
process.stdout.on('error', () => process.exit(1));
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === 'RECORD') appendFileSync(${JSON.stringify(rows)}, pipeline + ' ' + message.record.data.id + '\\n');
  if (message.type === 'STATE') process.stdout.write(JSON.stringify({ type: 'STATE', state: { ...message.state, destinationStats: { recordCount: 1 } } }) + '\\n');
}`,
  );
  const linesOf = async (file: string): Promise<readonly string[]> =>
    (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return {
    pipeline: (name, milliseconds, more = {}) => ({
      source: { connector: source, config: { pipeline: name, milliseconds }, ...more },
      destination: { connector: destination, config: { pipeline: name } },
    }),
    noted: async () => (await linesOf(notes)).map((line) => JSON.parse(line) as Noted),
    arrived: () => linesOf(rows),
  };
}

/** Writes the settings into the folder, with a free port, and gives the file's path. */
export async function writeServed(
  folder: string,
  settings: object,
  name = 'ledgerpipe.yaml',
): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, stringify({ store: join(folder, 'store'), http: { port: 0 }, ...settings }));
  return file;
}
