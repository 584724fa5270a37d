// Opens what every command with a configuration needs: the checked config, its secrets known, a context around it.
import type { Context, Destination, JsonSchema, Message, Source } from '../../index.ts';
import { logMessage } from '../../index.ts';
import { systemClock } from '../clock.ts';
import { type Config, readConfigFile, unknownFields, validateConfig } from '../config.ts';
import type { Progress } from '../progress.ts';
import type { Run } from '../run.ts';

export type Connector = Source<never> | Destination<never>;

/** The context of a command. Rotated secrets that pass in a CONTROL become known to the redactor. */
export async function openContext(
  { spec }: Pick<Connector, 'spec'>,
  { run, file, progress, partial = false }: ContextOptions,
): Promise<Context<never>> {
  const { output, redactor, stop } = run;
  const schema = spec.connectionSpecification as JsonSchema;
  const raw = await readConfigFile(file);
  redactor.learn(schema, raw);
  const config: Config = partial ? raw : await validateConfig(spec, raw);
  const say = (message: Message): Promise<void> => {
    if (message.type === 'CONTROL') redactor.learn(schema, message.control.connectorConfig?.config);
    progress?.message(message);
    return output.say(message);
  };
  if (!partial)
    for (const field of unknownFields(spec, raw))
      await say(
        logMessage('WARN', `Config field "${field}" is not known and has no effect: check its spelling`),
      );
  return { config: config as never, clock: systemClock, signal: stop.signal, say };
}

export interface ContextOptions {
  readonly run: Run;
  readonly file: string;
  readonly progress?: Progress;
  /** For `login`: the config is still to be completed. */
  readonly partial?: boolean;
}
