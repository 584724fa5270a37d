// A destination as a target: a tap's lines from stdin or a file, durable states to stdout.
import {
  type ConnectorError,
  type Destination,
  type SingerArrivalOptions,
  singerArrivals,
  unwrappedState,
} from '../../index.ts';
import { openSingerContext, type Plugin } from './context.ts';
import { inputBytes } from './input.ts';
import type { TargetSettings } from './own-settings.ts';
import type { SingerCommand } from './run.ts';
import { schemaCompiler } from './validate.ts';

/** `input`: a file of messages; without it they come on stdin. */
export const target =
  (destination: Destination<never>, plugin: Plugin, { input }: { readonly input?: string }): SingerCommand =>
  async (run) => {
    const { context, own } = await openSingerContext<TargetSettings>(destination, plugin, run);
    let failure: ConnectorError | undefined;
    const options: SingerArrivalOptions = {
      loadMethod: own.load_method,
      processVersions: own.process_activate_version_messages,
      addMetadata: own.add_record_metadata,
      validate: own.validate_records,
      ...namespaceOf(own, plugin),
      now: () => context.clock.now(),
      compile: await schemaCompiler(),
      onFailure: (error) => {
        failure = error;
      },
    };
    const arrivals = singerArrivals(inputBytes(input, context.signal), options);
    for await (const message of destination.write(context, arrivals)) {
      const line = message.type === 'STATE' ? unwrappedState(message.state) : undefined;
      if (line === undefined) await context.say(message);
      else {
        await run.out.write(line);
        await run.out.flush();
      }
    }
    if (failure) throw failure;
    return 0;
  };

/** A destination with a schema of its own takes `default_target_schema` there; then streams have no namespaces. */
function namespaceOf(
  { default_target_schema: schema }: TargetSettings,
  { own }: Plugin,
): { namespace?: string } {
  if (schema === undefined) return {};
  return { namespace: own.fulfils('default_target_schema') ? '' : schema };
}
