// `--test`: tries the connection and reads one record of each stream, or prints the schemas alone.
import {
  type ConfiguredStream,
  type Context,
  configError,
  encodeSinger,
  freshStart,
  SingerTranslator,
  type Source,
} from '../../index.ts';
import { openSingerContext, type Plugin } from './context.ts';
import type { TapSettings } from './own-settings.ts';
import type { SingerCommand } from './run.ts';
import { selected, type TapFiles } from './tap.ts';

/** Prints nothing on stdout; what was found is in the log. Each stream is read by itself, to its first record. */
export const testConnection =
  (source: Source<never>, plugin: Plugin, files: TapFiles): SingerCommand =>
  async (run) => {
    const { context } = await openSingerContext<TapSettings>(source, plugin, run);
    const { ok, message } = await source.check(context);
    if (!ok) throw configError(message);
    run.log.line('INFO', message);
    const { catalog } = await selected(files, () => source.discover(context));
    let failed = 0;
    for (const configured of catalog.streams) {
      const outcome = await firstRecord(source, context, configured);
      run.log.line('INFO', `Stream "${configured.stream.name}": ${outcome}`);
      if (outcome === 'failed') failed += 1;
    }
    if (failed > 0)
      throw configError(
        `Cannot read ${failed} of ${catalog.streams.length} streams: the lines above say why`,
      );
    return 0;
  };

async function firstRecord(
  source: Source<never>,
  context: Context<never>,
  configured: ConfiguredStream,
): Promise<'a record was read' | 'no record to read' | 'failed'> {
  const request = { catalog: { streams: [configured] }, states: new Map() };
  let failed = false;
  for await (const message of source.read(context, request)) {
    if (message.type === 'RECORD') return 'a record was read';
    if (message.type !== 'STATE') await context.say(message);
    failed ||= message.type === 'TRACE' && message.trace.error !== undefined;
  }
  return failed ? 'failed' : 'no record to read';
}

/** Prints the SCHEMA of each selected stream; reads no record. */
export const testSchemas =
  (source: Source<never>, plugin: Plugin, files: TapFiles): SingerCommand =>
  async (run) => {
    const { context } = await openSingerContext<TapSettings>(source, plugin, run);
    const selection = await selected(files, () => source.discover(context));
    const translator = new SingerTranslator(selection, { start: freshStart });
    for (const line of translator.schemas()) await run.out.write(encodeSinger(line));
    return 0;
  };
