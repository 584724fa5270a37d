// Singer's flat settings put where the spec has them: dotted names, names alone, texts for numbers, choices untold.
import { isObject, type JsonSchema, valueTypes } from '../../index.ts';
import type { Config } from '../config.ts';
import { isBranch, optionsOf, type Setting, settingsOf } from './settings.ts';

/**
 * The configuration with every setting in its place. Nested objects stay; `credentials.client_id` and
 * `credentials__client_id` go into them, and so does `client_id` alone where only one place has that name. Nulls are
 * absent settings. Texts become the type that the spec wants, and numbers text.
 */
export function placed(schema: JsonSchema, config: Config): Config {
  const settings = settingsOf(schema);
  const result: Config = {};
  // What is nested already comes first: a setting by its own name is the later word.
  const entries = Object.entries(config).toSorted(
    ([a], [b]) => Number(isKnown(schema, b)) - Number(isKnown(schema, a)),
  );
  for (const [name, value] of entries) {
    if (value === null) continue;
    setAt(result, isKnown(schema, name) ? [name] : pathOf(name, settings), value);
  }
  for (const setting of settings) castAt(result, setting);
  return result;
}

const isKnown = (schema: JsonSchema, name: string): boolean => Object.hasOwn(schema.properties ?? {}, name);

/** The place that a name means; a name that means none stays where it is, to be warned of. */
function pathOf(name: string, settings: readonly Setting[]): readonly string[] {
  for (const separator of ['.', '__']) {
    const path = name.split(separator);
    if (path.length > 1 && settings.some((setting) => begins(setting.path, path))) return path;
  }
  return onlyPlace(name, settings) ?? [name];
}

/** The one place below the top that has this name. */
export function onlyPlace(name: string, settings: readonly Setting[]): readonly string[] | undefined {
  const places = settings.filter(({ path }) => path.length > 1 && path.at(-1) === name);
  return places.length === 1 ? places[0]?.path : undefined;
}

const begins = (path: readonly string[], start: readonly string[]): boolean =>
  start.every((step, index) => path[index] === step);

/** Sets a value at a path; an object there is filled up, not replaced. */
export function setAt(target: Config, [name, ...rest]: readonly string[], value: unknown): void {
  if (name === undefined) return;
  const there = target[name];
  if (rest.length > 0) {
    const inner = isObject(there) ? { ...there } : {};
    setAt(inner, rest, value);
    target[name] = inner;
  } else if (isObject(value)) {
    const inner: Config = isObject(there) ? { ...there } : {};
    for (const [member, found] of Object.entries(value)) if (found !== null) setAt(inner, [member], found);
    target[name] = inner;
  } else target[name] = value;
}

function castAt(target: Config, { path, schema }: Pick<Setting, 'path' | 'schema'>): void {
  const [name, ...rest] = path;
  if (name === undefined || !(name in target)) return;
  const value = target[name];
  if (rest.length === 0) target[name] = cast(value, schema);
  else if (isObject(value)) castAt(value, { path: rest, schema });
}

/** A value as the type that the schema wants, where it can be read as one; as it is otherwise. */
export function cast(value: unknown, schema: JsonSchema): unknown {
  const types = valueTypes(schema);
  const wants = (...names: readonly string[]) => types.some((type) => names.includes(type));
  if (typeof value === 'number' && types.length === 1 && wants('string')) return String(value);
  if (typeof value !== 'string' || wants('string') || types.length === 0) return value;
  const text = value.trim();
  if (wants('boolean') && /^(true|yes|on|1)$/i.test(text)) return true;
  if (wants('boolean') && /^(false|no|off|0)$/i.test(text)) return false;
  if (wants('integer', 'number') && text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (!wants('array', 'object')) return value;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return wants('array')
      ? text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : value;
  }
}

/**
 * The configuration with the discriminator of each choice that names none: the option whose required settings are
 * all there, and of several the one that most of what is there belongs to.
 */
export function chosen(schema: JsonSchema, config: Config): Config {
  const result = { ...config };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = result[name];
    if (isBranch(property) && isObject(value)) result[name] = chosen(property, value);
  }
  const options = optionsOf(schema);
  const fitting = options
    .map((option) => ({ option, constants: constantsOf(option) }))
    .filter(({ option, constants }) => fits(option, { constants, config: result }))
    .map((candidate) => ({ ...candidate, known: knownIn(candidate.option, result) }))
    .toSorted((a, b) => b.known - a.known);
  const [best] = fitting;
  return best ? { ...Object.fromEntries(best.constants), ...chosen(best.option, result) } : result;
}

const constantsOf = (option: JsonSchema): readonly (readonly [string, unknown])[] =>
  Object.entries(option.properties ?? {}).flatMap(([name, property]) =>
    'const' in property ? [[name, property.const] as const] : [],
  );

function fits(
  option: JsonSchema,
  { constants, config }: { constants: readonly (readonly [string, unknown])[]; config: Config },
): boolean {
  const told = constants.every(([name, value]) => config[name] === undefined || config[name] === value);
  const discriminators = new Set(constants.map(([name]) => name));
  return told && (option.required ?? []).every((name) => discriminators.has(name) || name in config);
}

const knownIn = (option: JsonSchema, config: Config): number =>
  Object.keys(option.properties ?? {}).filter((name) => name in config).length;
