// A source as a tap: `--discover`, and the sync that prints schemas, records and states.
import {
  bookmarkedStates,
  type Catalog,
  type ConfiguredCatalog,
  defaultSelection,
  encodeSinger,
  freshStart,
  type Message,
  readSingerCatalog,
  readSingerState,
  type SingerMessage,
  type SingerSelection,
  SingerTranslator,
  type Source,
  type StreamStatusKind,
  singerCatalog,
  singerName,
  streamKey,
  transientError,
} from '../../index.ts';
import { readText } from '../config.ts';
import type { Lines } from '../lines.ts';
import { openSingerContext, type Plugin } from './context.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import type { TapSettings } from './own-settings.ts';
import type { SingerCommand, SingerRun } from './run.ts';

export interface TapFiles {
  readonly catalog?: string;
  readonly state?: string;
}

/** Prints the catalog and nothing else: Meltano discovers before each run. */
export const discover =
  (source: Source<never>, plugin: Plugin): SingerCommand =>
  async (run) => {
    const { context } = await openSingerContext<TapSettings>(source, plugin, run);
    await run.out.write(`${JSON.stringify(singerCatalog(await source.discover(context)), null, 2)}\n`);
    return 0;
  };

export const sync =
  (source: Source<never>, plugin: Plugin, files: TapFiles): SingerCommand =>
  async (run) => {
    const { context, own } = await openSingerContext<TapSettings>(source, plugin, run);
    const start = files.state
      ? readSingerState(await readText(files.state, 'state'), files.state)
      : freshStart;
    const selection = await selected(files, () => source.discover(context));
    const { catalog } = selection;
    if (catalog.streams.length === 0)
      run.log.line('WARNING', 'No stream is selected: mark some in the catalog');
    const translator = new SingerTranslator(selection, {
      start,
      ...(own.emit_activate_version_messages ? { version: context.clock.now() } : {}),
    });
    const states = bookmarkedStates(start.bookmarks, idsOf(catalog));
    const say = (message: Message) => context.say(message);
    return relay(source.read(context, { catalog, states }), { run, translator, catalog, say });
  };

export async function selected(
  { catalog: file }: TapFiles,
  discovered: () => Promise<Catalog>,
): Promise<SingerSelection> {
  return file
    ? readSingerCatalog(await readText(file, 'catalog'), file)
    : defaultSelection(await discovered());
}

/** The `tap_stream_id` of each stream, by its key. */
const idsOf = ({ streams }: ConfiguredCatalog): ReadonlyMap<string, string> =>
  new Map(
    streams.map(({ stream: { name, namespace } }) => [
      streamKey(name, namespace),
      singerName(name, namespace),
    ]),
  );

interface Relay {
  readonly run: SingerRun;
  readonly translator: SingerTranslator;
  readonly catalog: ConfiguredCatalog;
  readonly say: (message: Message) => Promise<void>;
}

/** Whatever happens, the last line is a STATE that is safe to go on from. Exit code 0 only when every stream is complete. */
async function relay(messages: AsyncGenerator<Message>, relayed: Relay): Promise<number> {
  const { run, log, out } = relayed.run;
  const ids = idsOf(relayed.catalog);
  const open = new Set(ids.keys());
  const metrics = openMetrics(log, [...ids.values()]);
  const print = (lines: Iterable<SingerMessage>) => printed(lines, out, metrics);
  try {
    for await (const message of messages) {
      const full = print(relayed.translator.translate(message));
      if (full) await full;
      const ended = endOf(message);
      if (ended?.status === 'COMPLETE') open.delete(ended.stream);
      if (message.type !== 'RECORD' && message.type !== 'STATE') await relayed.say(message);
      if (run.stop.signal.aborted) break;
    }
  } finally {
    await print(relayed.translator.finish());
    await out.flush();
    metrics.end(open.size === 0 ? 'succeeded' : 'failed');
  }
  if (open.size > 0 && !run.stop.signal.aborted) throw unfinished([...open]);
  return open.size > 0 ? 1 : 0;
}

/** Waits only when the pipe is full. A STATE goes out at once: a source may rest long after it. */
function printed(lines: Iterable<SingerMessage>, out: Lines, metrics: Metrics): Promise<void> | undefined {
  let full: Promise<void> | undefined;
  for (const line of lines) {
    if (line.type === 'RECORD') metrics.record(line.stream);
    full = out.write(encodeSinger(line)) ?? (line.type === 'STATE' ? out.flush() : full);
  }
  return full;
}

function endOf(message: Message): { readonly stream: string; readonly status: StreamStatusKind } | undefined {
  const found = message.type === 'TRACE' ? message.trace.stream_status : undefined;
  if (!found) return undefined;
  const { name, namespace } = found.stream_descriptor;
  return { stream: streamKey(name, namespace), status: found.status };
}

const unfinished = (streams: readonly string[]) =>
  transientError(
    `Cannot complete ${streams.map((stream) => `"${stream}"`).join(', ')}: the lines above say why; what the last STATE covers is safe, run the tap again`,
  );
