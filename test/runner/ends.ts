// A source and a destination for tests of the runner: small programs that do what the test has written for them.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonSchema, Message } from '@airbyte/cdk-typescript-shim';
import type { PipelineSettings } from '../../runner/settings/index.ts';

const text: JsonSchema = { type: ['null', 'string'] };

/** A catalog like that of a ledger: documents with a number, and a table that nothing tells apart. */
export const catalog = {
  streams: [
    {
      name: 'invoices',
      json_schema: {
        type: 'object',
        properties: {
          TenantID: text,
          InvoiceID: text,
          InvoiceNumber: text,
          UpdatedDateUTC: { ...text, format: 'date-time' },
        },
      },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_cursor: true,
      default_cursor_field: ['UpdatedDateUTC'],
      source_defined_primary_key: [['TenantID'], ['InvoiceID']],
    },
    {
      name: 'notes',
      json_schema: { type: 'object', properties: { text } },
      supported_sync_modes: ['full_refresh'],
    },
  ],
};

/** Messages, and orders: `wait` milliseconds, or `exit` with that code. */
export type Line = Message | { readonly wait: number } | { readonly exit: number };

/** What the source prints in its runs, one after another; the last list again and again. */
export interface SourceScript {
  readonly reads: readonly (readonly Line[])[];
}

export interface DestinationScript {
  /** Dies with this code before it gives back the state of that number (from 0), in its first runs so many. */
  readonly die?: { readonly at: number; readonly runs: number; readonly code: number };
  /** LOG lines before each state. */
  readonly logs?: readonly string[];
  /** Neither the end of its input nor SIGTERM ends it. */
  readonly deaf?: boolean;
  /** Puts aside the records whose line holds this. */
  readonly reject?: string;
}

const program = (body: string): string => `#!/usr/bin/env node
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const [verb, ...rest] = process.argv.slice(2);
const option = (name) => rest.includes(name) ? readFileSync(rest[rest.indexOf(name) + 1], 'utf8') : undefined;
const config = JSON.parse(option('--config'));
const script = JSON.parse(readFileSync(config.script, 'utf8'));
const count = (what) => {
  const file = config.script + '.' + what;
  let runs = 0;
  try { runs = Number(readFileSync(file, 'utf8')); } catch {}
  writeFileSync(file, String(runs + 1));
  return runs;
};
const note = (entry) => appendFileSync(config.script + '.log', JSON.stringify(entry) + '\\n');
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
${body}
`;

const source = program(`
if (verb === 'discover') say({ type: 'CATALOG', catalog: script.catalog });
else {
  process.on('SIGTERM', () => process.exit(0));
  const { key, ...environment } = { key: process.env.LEDGERPIPE_KEY };
  note({ config, key: key ?? null, catalog: JSON.parse(option('--catalog')), state: option('--state') ?? null, only: option('--only') ?? null });
  const run = count('runs');
  for (const line of script.reads[Math.min(run, script.reads.length - 1)]) {
    if ('wait' in line) await sleep(line.wait);
    else if ('exit' in line) process.exit(line.exit);
    else say(line);
  }
}
`);

const destination = program(`
const run = count('runs');
note({ config, catalog: JSON.parse(option('--catalog')) });
if (script.deaf) process.on('SIGTERM', () => undefined);
let states = 0, records = 0, rejected = 0;
for await (const text of createInterface({ input: process.stdin })) {
  const message = JSON.parse(text);
  if (message.type === 'RECORD') {
    if (script.reject && text.includes(script.reject)) {
      appendFileSync(config.reject_file, JSON.stringify({ reason: 'refused', stream: message.record.stream, line: text }) + '\\n');
      rejected += 1;
    } else records += 1;
    note({ record: message.record.data });
  }
  if (message.type !== 'STATE') continue;
  if (script.die && script.die.at === states && run < script.die.runs) process.exit(script.die.code);
  for (const log of script.logs ?? []) say({ type: 'LOG', log: { level: 'INFO', message: log } });
  say({ type: 'STATE', state: { ...message.state, destinationStats: { recordCount: records, ...(rejected ? { rejectedRecordCount: rejected } : {}) } } });
  states += 1; records = 0; rejected = 0;
}
if (script.deaf) await sleep(600_000);
`);

export interface TestPipeline {
  readonly pipeline: PipelineSettings;
  /** What the source was given in each run, oldest first. */
  sourceRuns(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** What the destination was given: one entry for its start, one for each record. */
  arrived(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Writes both programs into the folder, as a pipeline of that name. */
export async function writeEnds(
  folder: string,
  name: string,
  scripts: { readonly source: SourceScript; readonly destination?: DestinationScript },
): Promise<TestPipeline> {
  const end = async (kind: 'source' | 'destination', body: string, script: object) => {
    const connector = join(folder, `${name}-${kind}.mjs`);
    const file = join(folder, `${name}-${kind}.json`);
    await writeFile(connector, body);
    await chmod(connector, 0o755);
    await writeFile(file, JSON.stringify(script));
    return { connector, config: { script: file } };
  };
  const from = await end('source', source, { catalog, ...scripts.source });
  const to = await end('destination', destination, scripts.destination ?? {});
  const logOf = async ({ config }: typeof from) => {
    const lines = await readFile(`${config.script}.log`, 'utf8').catch(() => '');
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return {
    pipeline: {
      name,
      base: name,
      tenants: [],
      source: from,
      destination: { ...to, config: { ...to.config, reject_file: join(folder, `${name}-rejects.jsonl`) } },
      connection: name,
      exclusive: true,
      schedules: [],
      problems: [],
    },
    sourceRuns: () => logOf(from),
    arrived: () => logOf(to),
  };
}
