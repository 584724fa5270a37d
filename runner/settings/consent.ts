// What only a login can bring: the fields of a source's configuration that a person's consent fills in.
import { configError, isObject, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import type { ConnectorSettings, PipelineSettings } from './contract.ts';
import { specOf } from './specs.ts';
import { type Tree, valueAt } from './trees.ts';

const broughtByLogin = ['credentials.refresh_token', 'realm_id'];

/** True for a field, its parts joined by dots, that `ledgerpipe login` fills in. */
export const isBroughtByLogin = (field: string): boolean => broughtByLogin.includes(field);

/** The fields that the source's consent would have brought and that are missing. */
export function missingConsent({ connector, config }: ConnectorSettings): readonly string[] {
  const spec = specOf(connector);
  const credentials = valueAt(config, ['credentials']);
  if (!spec || (isObject(credentials) && (credentials.auth_type ?? 'oauth2') !== 'oauth2')) return [];
  return broughtByLogin.filter((field) => {
    const path = field.split('.');
    const value = valueAt(config, path);
    return asks(spec, path) && (value === undefined || value === '');
  });
}

/** Throws when the run cannot start because nobody has logged in yet; `config` has what the vault adds. */
export function refuseWithoutConsent(
  { name, source }: Pick<PipelineSettings, 'name' | 'source'>,
  config: Tree,
): void {
  const missing = missingConsent({ connector: source.connector, config });
  if (missing.length === 0) return;
  const fields = missing.map((field) => `"${field}"`).join(' and ');
  throw configError(`Pipeline "${name}" has no consent yet (${fields}): run "ledgerpipe login ${name}"`);
}

/** True when a schema, in any of its choices, has the field. */
function asks(schema: JsonSchema, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const options = (Array.isArray(schema.oneOf) ? schema.oneOf : []) as readonly JsonSchema[];
  return [schema, ...options].some(({ properties }) => {
    const property = properties?.[name];
    return property !== undefined && asks(property, rest);
  });
}
