// Judges JSON bodies by the schemas of an OpenAPI document, read strictly: a field that it does not declare is a finding.
import { isObject } from '@airbyte/cdk-typescript-shim';
import ajvModule, { type ErrorObject, type ValidateFunction } from 'ajv';
import ajv2020Module from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import type { Finding } from './findings.ts';
import type { Document, Pointer } from './openapi.ts';

/** Judges the body of an operation by the schema at a place of the document. */
export type Judge = (on: string, schema: Pointer, body: unknown) => readonly Finding[];

/** Milliseconds since the epoch as .NET writes them; where an offset follows, it is that of UTC. */
const NET_DATE = '^/Date\\(-?\\d+(\\+0000)?\\)/$';

/** `version` is that of OpenAPI: 3.0 has a dialect of its own, 3.1 is JSON Schema of 2020. */
export function judgeOf(document: Document, version: '3.0' | '3.1' = '3.0'): Judge {
  const Ajv = version === '3.0' ? ajvModule.default : ajv2020Module.default;
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
  formatsModule.default(ajv);
  const strict = (version === '3.0' ? strictly(document) : document) as Document;
  ajv.addSchema(strict, 'document');
  const places = placesIn(strict);
  return (on, schema, body) => {
    const pointer = schema.split('/').map(encodeURIComponent).join('/').replace('%23', '#');
    const validate: ValidateFunction | undefined = ajv.getSchema(`document${pointer}`);
    if (!validate) throw new Error(`The document has no schema at "${schema}"`);
    validate(body);
    return (validate.errors ?? []).map((error) => findingOf(error, { on, places }));
  };
}

/** JSON Schema of OpenAPI 3.0's dialect: no field but the declared ones, `nullable`, and Xero's marks of .NET dates. */
function strictly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictly);
  if (!isObject(value)) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, strictly(one)]));
  if (isObject(schema.properties)) schema.additionalProperties ??= false;
  if (schema.nullable === true) schema.type = [schema.type, 'null'];
  if (schema['x-is-msdate'] === true || schema['x-is-msdate-time'] === true) schema.pattern = NET_DATE;
  return schema;
}

type Places = ReadonlyMap<unknown, string>;

/** What each schema of the components is called: Invoice, Invoice.Payments, Invoice.Payments[]. */
function placesIn({ components }: Document): Places {
  const places = new Map<unknown, string>();
  const visit = (schema: unknown, place: string): void => {
    if (!isObject(schema)) return;
    places.set(schema, place);
    visit(schema.items, `${place}[]`);
    for (const part of [schema.allOf, schema.oneOf].flat()) visit(part, place);
    for (const [name, one] of Object.entries(isObject(schema.properties) ? schema.properties : {}))
      visit(one, `${place}.${name}`);
  };
  for (const [name, schema] of Object.entries(components.schemas ?? {})) visit(schema, name);
  return places;
}

function findingOf(error: ErrorObject, { on, places }: { on: string; places: Places }): Finding {
  const { params, instancePath, data, parentSchema } = error;
  const field: unknown = params.additionalProperty ?? params.missingProperty;
  const place = places.get(parentSchema) ?? 'answer';
  const value = typeof field === 'string' && isObject(data) ? data[field] : data;
  return {
    on,
    place: typeof field === 'string' ? `${place}.${field}` : place,
    problem: problemOf(error),
    detail: `${instancePath || '/'}: ${JSON.stringify(value)?.slice(0, 120)}`,
  };
}

function problemOf({ keyword, params, data, schema }: ErrorObject): string {
  const given = Array.isArray(data) ? 'array' : data === null ? 'null' : typeof data;
  switch (keyword) {
    case 'additionalProperties':
      return 'undeclared';
    case 'required':
      return 'missing';
    case 'type':
      return `${given} instead of ${String(params.type)}`;
    case 'pattern':
      return 'no .NET date';
    case 'enum':
    case 'const':
    case 'oneOf':
      return `${JSON.stringify(data)} is not among its values`;
    case 'format':
      return `no ${String(params.format)}`;
    default:
      return `${keyword} ${JSON.stringify(schema)}`;
  }
}
