// `--about`: what the plugin is, what it can do, and every setting it takes, flat and with its secrets marked.
import type { JsonSchema } from '../../index.ts';
import type { Connector } from '../commands/context.ts';
import { environmentPrefix } from './environment.ts';
import type { OwnSettings } from './own-settings.ts';
import { settingName, settingsOf } from './settings.ts';

export const aboutFormats = ['text', 'json', 'markdown'] as const;
export type AboutFormat = (typeof aboutFormats)[number];

export interface About {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Null, as the next: this is no Python package. */
  readonly sdk_version: null;
  readonly supported_python_versions: null;
  readonly capabilities: readonly string[];
  /** JSON Schema of the settings by their dotted names. */
  readonly settings: JsonSchema;
  readonly env_var_prefix: string;
}

export interface AboutRequest {
  readonly plugin: string;
  readonly kind: 'tap' | 'target';
  readonly own: OwnSettings;
}

export function aboutOf(connector: Connector, { plugin, kind, own }: AboutRequest): About {
  const schema = connector.spec.connectionSpecification as JsonSchema;
  const settings = settingsOf(schema).filter(({ hidden }) => !hidden);
  const required = settings.filter((setting) => setting.required).map(settingName);
  const properties = settings.map((setting) => [settingName(setting), described(setting.schema)]);
  return {
    name: plugin,
    description: `The Singer ${kind} of ${connector.name}${schema.title ? `, for ${schema.title}` : ''}`,
    version: connector.version,
    sdk_version: null,
    supported_python_versions: null,
    capabilities: kind === 'tap' ? tapCapabilities : targetCapabilities(own),
    settings: {
      type: 'object',
      properties: { ...Object.fromEntries(properties), ...own.properties },
      ...(required.length > 0 ? { required } : {}),
    },
    env_var_prefix: environmentPrefix(plugin),
  };
}

const tapCapabilities = [
  'about',
  'catalog',
  'discover',
  'state',
  'test',
  'properties',
  'activate-version',
] as const;

const targetCapabilities = (own: OwnSettings): readonly string[] => [
  'about',
  'activate-version',
  'target-schema',
  'validate-records',
  ...(own.fulfils('hard_delete') ? ['soft-delete', 'hard-delete'] : []),
];

/** Both marks of a secret that the SDK writes; none of the keywords that only Airbyte's forms read. */
function described(schema: JsonSchema): JsonSchema {
  const airbyte = [
    'airbyte_secret',
    'airbyte_hidden',
    'order',
    'group',
    'multiline',
    'always_show',
    'pattern_descriptor',
  ];
  const kept = Object.entries(schema).filter(([keyword]) => !airbyte.includes(keyword));
  return {
    ...Object.fromEntries(kept),
    ...(schema.airbyte_secret === true ? { secret: true, writeOnly: true } : {}),
  };
}

export function formatAbout(about: About, format: AboutFormat): string {
  if (format === 'json') return `${JSON.stringify(about, null, 2)}\n`;
  return format === 'markdown' ? markdown(about) : text(about);
}

const rows = ({ settings, env_var_prefix: prefix }: About) =>
  Object.entries(settings.properties ?? {}).map(([name, schema]) => ({
    name,
    type: [schema.type].flat().join(', '),
    required: (settings.required ?? []).includes(name),
    fallback: schema.default === undefined ? '' : JSON.stringify(schema.default),
    secret: schema.secret === true,
    description: String(schema.description ?? schema.title ?? ''),
    variable: `${prefix}${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`,
  }));

function markdown(about: About): string {
  const table = rows(about).map(
    ({ name, required, fallback, secret, description }) =>
      `| \`${name}\` | ${required ? 'yes' : 'no'} | ${secret ? 'yes' : 'no'} | ${fallback && `\`${fallback}\``} | ${description.replaceAll('|', '\\|')} |`,
  );
  return [
    `# \`${about.name}\` ${about.version}`,
    '',
    `${about.description}.`,
    '',
    '## Capabilities',
    '',
    ...about.capabilities.map((capability) => `- \`${capability}\``),
    '',
    '## Settings',
    '',
    '| Setting | Required | Secret | Default | Description |',
    '|:--|:-:|:-:|:--|:--|',
    ...table,
    '',
    `With \`--config ENV\` settings are read from variables that begin with \`${about.env_var_prefix}\`.`,
    '',
  ].join('\n');
}

function text(about: About): string {
  const settings = rows(about).flatMap(({ name, type, required, secret, variable, description }) => [
    `  - Name: ${name}${required ? ' (required)' : ''}${secret ? ' (secret)' : ''}`,
    `    Type: ${type}`,
    `    Environment Variable: ${variable}`,
    ...(description ? [`    ${description}`] : []),
  ]);
  return [
    `Name: ${about.name}`,
    `Description: ${about.description}`,
    `Version: ${about.version}`,
    'Capabilities:',
    ...about.capabilities.map((capability) => `  - ${capability}`),
    'Settings:',
    ...settings,
    '',
  ].join('\n');
}
