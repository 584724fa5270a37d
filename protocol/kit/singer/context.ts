// Opens what every command of a tap or target needs: the checked configuration, and a context that speaks by logs.
import type { Context, JsonSchema, Message } from '../../index.ts';
import { systemClock } from '../clock.ts';
import type { Connector } from '../commands/context.ts';
import type { Config } from '../config.ts';
import { readSingerConfig } from './config.ts';
import type { OwnSettings } from './own-settings.ts';
import type { SingerRun } from './run.ts';

/** A connector under its Singer name. */
export interface Plugin {
  /** `tap-xero`, `target-databricks`. */
  readonly name: string;
  readonly own: OwnSettings;
  /** What `--config` named. */
  readonly configs: readonly string[];
}

export interface SingerContext<Own> {
  readonly context: Context<never>;
  readonly own: Own;
}

export async function openSingerContext<Own>(
  { spec }: Pick<Connector, 'spec'>,
  { name, own, configs }: Plugin,
  { run, log }: SingerRun,
): Promise<SingerContext<Own>> {
  const schema = spec.connectionSpecification as JsonSchema;
  const learn = (found: unknown) => run.redactor.learn(schema, found);
  const read = await readSingerConfig({ spec }, { sources: configs, plugin: name, own, learn });
  for (const field of read.unknown)
    log.line('WARNING', `Setting "${field}" is not known and has no effect: check its spelling`);
  const warning = rotationWarning(schema, read.config);
  const say = async (message: Message): Promise<void> => {
    if (message.type !== 'CONTROL') return log.message(message);
    learn(message.control.connectorConfig?.config);
    if (warning) log.line('WARNING', warning);
  };
  const context = { config: read.config as never, clock: systemClock, signal: run.stop.signal, say };
  return { context, own: read.own as Own };
}

/** Singer has no message for a rotated credential, and Meltano's config file is a throw-away copy. */
function rotationWarning(schema: JsonSchema, config: Config): string | undefined {
  if (config.token_store !== undefined) return undefined;
  const remedy =
    'token_store' in (schema.properties ?? {})
      ? 'set "token_store" to a file that outlives the run'
      : 'update the config by hand';
  return `A credential was replaced during this run, and Singer has no message to keep it: ${remedy}`;
}
