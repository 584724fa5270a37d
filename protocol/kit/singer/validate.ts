// Checks a tap's schemas, and its records where that is asked for.
import { isObject, type JsonSchema, type RecordCheck } from '../../index.ts';

/**
 * A compiler of schemas by draft 7, and by draft 4 as far as taps use it. It throws an Error naming what is wrong
 * with a schema; the validator of its records is made when the first one comes.
 */
export async function schemaCompiler(): Promise<(schema: JsonSchema) => RecordCheck> {
  const { default: ajvModule } = await import('ajv');
  const { default: formatsModule } = await import('ajv-formats');
  // Amounts such as 0.3 are multiples of 0.1 to whoever wrote the schema.
  const ajv = new ajvModule.default({ strict: false, logger: false, multipleOfPrecision: 9 });
  formatsModule.default(ajv);
  return (declared) => {
    const { $schema: _schema, $id: _id, id: _old, ...schema } = declared;
    const modern = draft7(schema) as JsonSchema;
    if (!ajv.validateSchema(modern)) throw new Error(ajv.errorsText(ajv.errors, { dataVar: 'schema' }));
    let validate: ReturnType<typeof ajv.compile> | undefined;
    return (record) => {
      validate ??= ajv.compile(modern);
      if (validate(record)) return undefined;
      const [first] = validate.errors ?? [];
      return `${first?.instancePath ? `"${first.instancePath.slice(1).replaceAll('/', '.')}"` : 'it'} ${first?.message}`;
    };
  };
}

/** Taps of databases still say draft 4's `"exclusiveMaximum": true`, which means nothing later. */
function draft7(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(draft7);
  if (!isObject(part)) return part;
  return Object.fromEntries(
    Object.entries(part).flatMap(([keyword, value]) =>
      /^exclusiveM(in|ax)imum$/.test(keyword) && typeof value === 'boolean' ? [] : [[keyword, draft7(value)]],
    ),
  );
}
