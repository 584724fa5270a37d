// Secrets never leave in a log, trace or error: their values are known from the spec and blotted out of every text.
import { isObject, type JsonSchema } from '../index.ts';

export interface Redactor {
  /** Adds the values that `schema` marks as `airbyte_secret` in `config`, however deep. */
  learn(schema: JsonSchema, config: unknown): void;
  /** The text with every known secret, bearer token and JSON web token replaced. */
  redact(text: string): string;
}

const mask = '****';
/** Shorter values would blot out ordinary words. */
const shortestSecret = 4;
const tokenShapes = /\b(Bearer|Basic)\s+[\w~+/.=-]{8,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*|\bdapi[0-9a-f]{16,}/g;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  const add = (value: string): void => {
    if (value.length < shortestSecret) return;
    secrets.add(value);
    secrets.add(JSON.stringify(value).slice(1, -1));
    secrets.add(encodeURIComponent(value));
  };
  return {
    learn(schema, config) {
      for (const value of secretValues(schema, config)) add(value);
    },
    redact(text) {
      let clean = text;
      for (const secret of secrets) clean = clean.replaceAll(secret, mask);
      return clean.replace(tokenShapes, (_, scheme?: string) => (scheme ? `${scheme} ${mask}` : mask));
    },
  };
}

/** The texts found at secret places: every option of a oneOf counts, whichever was chosen. */
export function* secretValues(schema: JsonSchema, value: unknown): Generator<string> {
  if (schema.airbyte_secret === true) {
    yield* texts(value);
    return;
  }
  const options = Array.isArray(schema.oneOf) ? (schema.oneOf as readonly JsonSchema[]) : [];
  for (const option of options) yield* secretValues(option, value);
  if (Array.isArray(value) && isObject(schema.items))
    for (const element of value) yield* secretValues(schema.items, element);
  if (!isObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    if (name in value) yield* secretValues(property, value[name]);
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (Array.isArray(value)) for (const element of value) yield* texts(element);
  else if (isObject(value)) for (const member of Object.values(value)) yield* texts(member);
}
