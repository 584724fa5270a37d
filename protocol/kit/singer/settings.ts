// A connector's settings as Singer has them: a flat list of names, made from the nested form of its spec.
import { isObject, type JsonSchema } from '../../index.ts';

export interface Setting {
  /** Where it lies in the configuration. */
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  /** Must be given whatever else is: options of a choice need a setting only when all of them do. */
  readonly required: boolean;
  /** It, or what it lies in, is for tests and proxies rather than for people. */
  readonly hidden: boolean;
}

export const settingName = ({ path }: Pick<Setting, 'path'>): string => path.join('.');

/** Every leaf of a spec's schema. The options of a oneOf are joined: a name that several share is listed once. */
export function settingsOf(schema: JsonSchema): readonly Setting[] {
  return leaves({ path: [], schema, required: true, hidden: false });
}

function leaves({ path, schema, required, hidden }: Setting): Setting[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const setting: Setting = {
      path: [...path, name],
      schema: property,
      required: required && (schema.required ?? []).includes(name),
      hidden: hidden || property.airbyte_hidden === true,
    };
    return isBranch(property) ? leaves(setting) : [setting];
  });
  const options = optionsOf(schema).map((option) => leaves({ path, schema: option, required, hidden }));
  return [...own, ...joined(options)];
}

function joined(options: readonly (readonly Setting[])[]): Setting[] {
  const byName = new Map<string, Setting[]>();
  for (const setting of options.flat()) {
    const name = settingName(setting);
    byName.set(name, [...(byName.get(name) ?? []), setting]);
  }
  return [...byName.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const constants = same.flatMap(({ schema }) => ('const' in schema ? [schema.const] : []));
    if (constants.length > 0)
      return [{ ...first, schema: discriminator(first.schema, constants), required: false }];
    const everywhere = same.length === options.length && same.every(({ required }) => required);
    return [{ ...first, required: everywhere }];
  });
}

/** It may be left out: the option is chosen by what else is there. */
function discriminator(schema: JsonSchema, constants: readonly unknown[]): JsonSchema {
  const { const: _const, default: _default, ...rest } = schema;
  return {
    ...rest,
    enum: constants,
    description: schema.description ?? 'Which of the ways it is; told by the other settings when left out.',
  };
}

export const optionsOf = (schema: JsonSchema): readonly JsonSchema[] =>
  Array.isArray(schema.oneOf) ? schema.oneOf.filter(isObject) : [];

/** An object with members of its own, as opposed to a setting. */
export const isBranch = (schema: JsonSchema): boolean =>
  Object.keys(schema.properties ?? {}).length > 0 || optionsOf(schema).length > 0;
