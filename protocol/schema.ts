// The JSON Schema of a stream: the parts that connectors write and destinations read, with our two keywords.

/** What a value means to an accountant; decides column types, formats and measures in the destinations. */
export type Role =
  | 'amount'
  | 'unit_price'
  | 'quantity'
  | 'rate'
  | 'percent'
  | 'currency'
  | 'label'
  | 'code'
  | 'status'
  | 'date'
  | 'due'
  | 'updated'
  | 'url'
  | 'note';

export type JsonTypeName = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'object' | 'array';

/** A JSON Schema as far as this project reads it. Unknown keywords pass through untouched. */
export interface JsonSchema {
  readonly type?: JsonTypeName | readonly JsonTypeName[];
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly airbyte_type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: boolean | JsonSchema;
  /** This value is a key of that stream: the last key part, next to the tenant's id. */
  readonly 'x-references'?: string;
  readonly 'x-role'?: Role;
  readonly [keyword: string]: unknown;
}

/** The types a value may have besides null; an absent `type` is every type. */
export function valueTypes(schema: JsonSchema): readonly JsonTypeName[] {
  if (schema.type === undefined) return [];
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return types.filter((type) => type !== 'null');
}

/** Every stream that a value of this schema refers to, however deep, in the order of the properties. */
export function referencedStreams(schema: JsonSchema): readonly string[] {
  const found = new Set<string>();
  const visit = (part: JsonSchema): void => {
    const target = part['x-references'];
    if (target !== undefined) found.add(target);
    for (const property of Object.values(part.properties ?? {})) visit(property);
    if (part.items) for (const item of Array.isArray(part.items) ? part.items : [part.items]) visit(item);
  };
  visit(schema);
  return [...found];
}

/** A JSON object, as opposed to null, an array or a scalar. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
