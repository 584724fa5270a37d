// `--config ENV`: settings from environment variables, and from a `.env` file in the working directory.
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { JsonSchema } from '../../index.ts';
import type { Config } from '../config.ts';
import { onlyPlace, setAt } from './place.ts';
import { type Setting, settingsOf } from './settings.ts';

/** The prefix of a plugin's variables: TAP_XERO_ for tap-xero. */
export const environmentPrefix = (plugin: string): string => `${variable(plugin)}_`;

const variable = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

/** The variables of the process, over those of `.env`. */
export async function environment(): Promise<Readonly<Record<string, string | undefined>>> {
  const text = await readFile('.env', 'utf8').catch(() => '');
  return { ...parseEnv(text), ...process.env };
}

/**
 * The settings that variables give, as text in their places: TAP_XERO_CREDENTIALS_CLIENT_ID, with two underscores
 * between the parts as well, or TAP_XERO_CLIENT_ID where only one place has that name; the more exact name wins. An
 * object may come as JSON in a variable of its own. Empty variables are absent settings.
 */
export function fromEnvironment(
  schema: JsonSchema,
  {
    plugin,
    variables,
  }: { readonly plugin: string; readonly variables: Readonly<Record<string, string | undefined>> },
): Config {
  const settings = settingsOf(schema);
  const config: Config = {};
  const take = (path: readonly string[], name: string, read: (text: string) => unknown): void => {
    const text = variables[`${environmentPrefix(plugin)}${name}`];
    if (text !== undefined && text !== '') setAt(config, path, read(text));
  };
  for (const path of branches(settings)) take(path, path.map(variable).join('_'), objectOf);
  for (const { path } of settings) {
    const last = path.at(-1) ?? '';
    if (
      path.length > 1 &&
      onlyPlace(last, settings) &&
      !settings.some(({ path: [top, ...rest] }) => top === last && rest.length === 0)
    )
      take(path, variable(last), String);
    take(path, path.map(variable).join('_'), String);
    if (path.length > 1) take(path, path.map(variable).join('__'), String);
  }
  return config;
}

/** The paths of objects that hold settings, outer ones first. */
function branches(settings: readonly Setting[]): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const { path } of settings)
    for (let length = 1; length < path.length; length++) {
      const branch = path.slice(0, length);
      found.set(branch.join('.'), branch);
    }
  return [...found.values()].toSorted((a, b) => a.length - b.length);
}

function objectOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
