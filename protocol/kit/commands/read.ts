// `read`: the source's messages to stdout, and a word on every stream, whatever happens.
import {
  bestModes,
  type Catalog,
  type ConfiguredCatalog,
  catalogMessage,
  configError,
  isObject,
  type Message,
  type ReadRequest,
  type RecordReference,
  readCatalog,
  readStates,
  type Source,
  streamKey,
  streamStatusMessage,
} from '../../index.ts';
import { systemClock } from '../clock.ts';
import { readText } from '../config.ts';
import { openProgress, type Progress } from '../progress.ts';
import type { Command, Run } from '../run.ts';
import { openContext } from './context.ts';

export interface ReadFiles {
  readonly config: string;
  readonly catalog?: string;
  readonly state?: string;
  readonly only?: string;
}

export const read =
  (source: Source<never>, files: ReadFiles): Command =>
  async (run) => {
    const progress = await openProgress('read');
    try {
      const context = await openContext(source, { run, file: files.config, progress });
      const states = files.state ? readStates(await readText(files.state, 'state'), files.state) : new Map();
      const only = files.only ? readReferences(await readText(files.only, 'list'), files.only) : undefined;
      const catalog = files.catalog
        ? readCatalog(await readText(files.catalog, 'catalog'), files.catalog)
        : await announce(await source.discover(context), run);
      const request: ReadRequest = { catalog, states, ...(only ? { only } : {}) };
      return await relay(source.read(context, request), { catalog, run, progress });
    } finally {
      progress.end();
    }
  };

/** Without a catalog from the caller the source prints its own first, so that a destination can be piped to it. */
async function announce(catalog: Catalog, { output }: Run): Promise<ConfiguredCatalog> {
  await output.say(catalogMessage(catalog));
  return bestModes(catalog);
}

/** Exit code 0 only when every stream is complete: a caller takes 0 as leave to drop what it held before. */
async function relay(
  messages: AsyncGenerator<Message>,
  { catalog, run, progress }: { catalog: ConfiguredCatalog; run: Run; progress: Progress },
): Promise<number> {
  const open = new Set(catalog.streams.map(({ stream }) => streamKey(stream.name, stream.namespace)));
  let failed = false;
  try {
    for await (const message of messages) {
      if (message.type === 'RECORD') progress.records(message.record.stream, 1);
      else {
        progress.message(message);
        failed = follow(message, { open, run }) || failed;
      }
      const full = run.output.write(message);
      // A state goes out at once: the source may rest before it has more to say.
      if (message.type === 'STATE') await run.output.flush();
      else if (full) await full;
      if (run.stop.signal.aborted) break;
    }
  } finally {
    for (const stream of open)
      await run.output.write(streamStatusMessage(stream, 'INCOMPLETE', systemClock.now()));
  }
  return failed || open.size > 0 ? 1 : 0;
}

/** Closes the stream that a final status names; true when a stream failed, which stderr is told of too. */
function follow(message: Message, { open, run }: { open: Set<string>; run: Run }): boolean {
  if (message.type !== 'TRACE') return false;
  const { stream_status: status, error } = message.trace;
  if (error) process.stderr.write(`${run.redactor.redact(`error: ${error.message}`)}\n`);
  if (status?.status !== 'COMPLETE' && status?.status !== 'INCOMPLETE') return false;
  open.delete(streamKey(status.stream_descriptor.name, status.stream_descriptor.namespace));
  return status.status === 'INCOMPLETE';
}

function readReferences(text: string, file: string): readonly RecordReference[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const entry = parseLine(line);
      if (isObject(entry) && ['stream', 'tenant', 'id'].every((field) => typeof entry[field] === 'string'))
        return entry as unknown as RecordReference;
      throw configError(
        `Cannot use list "${file}": line ${index + 1} must look like {"stream":"invoices","tenant":"...","id":"..."}`,
      );
    });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
