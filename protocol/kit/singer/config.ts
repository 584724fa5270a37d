// The configuration of a tap or target: files and variables merged, Singer's own settings apart, checked by the spec.
import { configError, type JsonSchema, type Specification } from '../../index.ts';
import type { Connector } from '../commands/context.ts';
import { type Config, readConfigFile, unknownFields, validateConfig } from '../config.ts';
import { environment, fromEnvironment } from './environment.ts';
import type { OwnSettings } from './own-settings.ts';
import { chosen, placed, setAt } from './place.ts';

export interface SingerConfig {
  /** The connector's configuration in the form of its spec, defaults filled in. */
  readonly config: Config;
  /** Singer's own settings, defaults filled in. */
  readonly own: Config;
  /** Settings that nobody reads. */
  readonly unknown: readonly string[];
}

export interface ConfigRequest {
  /** What `--config` named, in order: files, and `ENV`. Later ones win. */
  readonly sources: readonly string[];
  /** `tap-xero`: variables begin with it. */
  readonly plugin: string;
  readonly own: OwnSettings;
  /** Told of the configuration before it is checked, so that errors about it show no secret. */
  readonly learn: (config: Config) => void;
}

/** Reads and checks the configuration. Throws a config error that names the first wrong setting. */
export async function readSingerConfig(
  { spec }: Pick<Connector, 'spec'>,
  { sources, plugin, own, learn }: ConfigRequest,
): Promise<SingerConfig> {
  if (sources.length === 0) throw configError(`Cannot start ${plugin}: pass --config FILE, or --config ENV`);
  const schema = spec.connectionSpecification as JsonSchema;
  const all: JsonSchema = { ...schema, properties: { ...own.properties, ...schema.properties } };
  const merged: Config = {};
  for (const source of sources) {
    const found =
      source === 'ENV'
        ? fromEnvironment(all, { plugin, variables: await environment() })
        : await readConfigFile(source);
    for (const [name, value] of Object.entries(placed(all, found))) setAt(merged, [name], value);
  }
  learn(merged);
  const entries = Object.entries(merged);
  const ofSinger = Object.fromEntries(entries.filter(([name]) => name in own.properties));
  const ofConnector = Object.fromEntries(entries.filter(([name]) => !(name in own.properties)));
  const settings = await validateConfig(specOf(own), ofSinger);
  const config = chosen(schema, { ...own.fields(settings), ...ofConnector });
  return { config: await validateConfig(spec, config), own: settings, unknown: unknownFields(spec, config) };
}

const specOf = ({ properties }: OwnSettings): Specification => ({
  connectionSpecification: { type: 'object', properties },
});
