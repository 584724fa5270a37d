// What the connectors that come with the runner ask for in their configurations, known without starting them.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import specs from '../schema/connectors.json' with { type: 'json' };

const known = new Map(Object.entries(specs as unknown as Readonly<Record<string, JsonSchema>>));

/** The schema of a connector's configuration; undefined for a program that is given by its path. */
export const specOf = (connector: string): JsonSchema | undefined => known.get(connector);

export const isProgram = (connector: string): boolean => connector.includes('/');

/** `source-xero` is a source; a program may be both. */
export const isOfKind = (connector: string, kind: 'source' | 'destination'): boolean =>
  isProgram(connector) || connector.startsWith(`${kind}-`);

/** Paths of the fields that hold secrets, for every choice that the schema offers. */
export function secretPaths(schema: JsonSchema): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const visit = (part: JsonSchema, path: readonly string[]): void => {
    if (part.airbyte_secret === true) found.set(path.join('.'), path);
    for (const [name, property] of Object.entries(part.properties ?? {})) visit(property, [...path, name]);
    for (const option of [part.oneOf, part.anyOf].flat())
      if (typeof option === 'object' && option !== null) visit(option as JsonSchema, path);
  };
  visit(schema, []);
  return [...found.values()];
}
