// The official Swagger 2.0 document of Power BI in the form of OpenAPI 3 that the judges of requests and answers read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Document, Pointer } from './openapi.ts';
import { lookUp } from './openapi.ts';
import { specsAreThere } from './specs.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Operations keep their paths below the root; a body is found by `bodyOf`. */
export interface Converted {
  readonly document: Document;
  /** Schema of the JSON an operation takes; undefined where it takes none. */
  bodyOf(method: string, path: string): Pointer | undefined;
}

let converted: Converted | undefined;

export const ROOT = '/v1.0/myorg';

export function powerBiDocument(): Converted {
  converted ??= convert(swagger());
  return converted;
}

/** By JSON.parse: as YAML, 1.5 MB of JSON take seconds. */
function swagger(): Fields {
  const folder = process.env.SPECS_DIR;
  if (!specsAreThere || folder === undefined) throw new Error('SPECS_DIR is not set');
  return JSON.parse(readFileSync(join(folder, 'powerbi-swagger.json'), 'utf8')) as Fields;
}

function convert(source: Fields): Converted {
  const definitions = source.definitions as Readonly<Record<string, Fields>>;
  const schemas = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, pointed(flat(schema, source)) as object]),
  );
  const bodies = new Map<string, Pointer>();
  const paths = Object.entries(source.paths as Readonly<Record<string, Fields>>).map(([full, item]) => {
    const path = full.slice(ROOT.length);
    const methods = Object.entries(item).map(([method, operation]) => {
      const { parameters, body, responses } = operationOf(operation as Fields);
      if (body) bodies.set(`${method.toUpperCase()} ${path}`, body);
      return [method, { parameters, responses }];
    });
    return [path, Object.fromEntries(methods)];
  });
  const document = { paths: Object.fromEntries(paths), components: { schemas } } as Document;
  return { document, bodyOf: (method, path) => bodies.get(`${method} ${path}`) };
}

/** Strictness about undeclared fields needs all fields of a schema in one place, not in `allOf`. */
function flat(schema: Fields, swagger: Fields): Fields {
  const { $ref, allOf, ...own } = schema;
  if (typeof $ref === 'string') return flat(lookUp(swagger, $ref as Pointer) as Fields, swagger);
  const parts = Array.isArray(allOf) ? allOf.map((part) => flat(part as Fields, swagger)) : [];
  const properties = Object.assign({}, ...[...parts, own].map((part) => part.properties)) as Fields;
  const required = [...parts, own].flatMap((part) => (Array.isArray(part.required) ? part.required : []));
  return {
    ...own,
    ...(Object.keys(properties).length > 0 ? { type: 'object', properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** References lead to components, and one beside other words stands alone. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (!isObject(value)) return value;
  const { $ref } = value;
  if (typeof $ref === 'string') return { $ref: $ref.replace('#/definitions/', '#/components/schemas/') };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pointed(one)]));
}

function operationOf(operation: Fields): {
  parameters: object[];
  body: Pointer | undefined;
  responses: object;
} {
  const all = (operation.parameters ?? []) as readonly Fields[];
  const parameters = all
    .filter((one) => one.in !== 'body')
    .map(({ in: place, name, required = false, ...schema }) => ({ in: place, name, required, schema }));
  const body = all.find((one) => one.in === 'body')?.schema;
  const responses = operation.responses as Readonly<Record<string, Fields>>;
  // The judges look for the one successful answer under 200.
  const [success] = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, one]) => one.schema);
  const content = isObject(success) ? { content: { 'application/json': { schema: pointed(success) } } } : {};
  const pointer = isObject(body) ? (pointed(body) as { $ref?: Pointer }).$ref : undefined;
  return { parameters, body: pointer, responses: { 200: content } };
}
