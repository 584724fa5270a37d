// Values against a JSON Schema, with every breach in plain words; of alternatives, the one that was meant.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import type { Ajv, ErrorObject } from 'ajv';
import type { Path } from './document.ts';
import { suggestion } from './nearest.ts';

export interface Violation {
  /** From the root of the value that was checked. */
  readonly path: Path;
  readonly kind: 'missing' | 'unknown' | 'wrong';
  /** Without the name of the place: `must be a whole number`. */
  readonly message: string;
  /** What was found, where it may be shown. */
  readonly found?: string;
  /** The wanted type of a value of another type. */
  readonly wanted?: string;
}

export type Validate = (value: unknown) => readonly Violation[];

/** Compiles once; each call fills defaults into the value and gives what is wrong with it. */
export async function validatorOf(
  schema: JsonSchema,
  options: { readonly defaults: boolean },
): Promise<Validate> {
  const ajv = await openAjv(options.defaults);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : meant(validate.errors ?? []).map(violation));
}

async function openAjv(useDefaults: boolean): Promise<Ajv> {
  const { default: ajvModule } = await import('ajv');
  const { default: formatsModule } = await import('ajv-formats');
  const ajv = new ajvModule.default({ strict: false, useDefaults, verbose: true, allErrors: true });
  formatsModule.default(ajv);
  return ajv;
}

/** Without what failed alternatives say: an alternative whose type or discriminator differs was not meant. */
function meant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .sort((one, other) => one.schemaPath.length - other.schemaPath.length);
  let kept = errors.filter(({ propertyName }) => propertyName === undefined);
  for (const choice of choices) {
    if (!kept.includes(choice)) continue;
    const inside = kept.filter((error) => isInside(error, choice));
    const branches = new Map<string, ErrorObject[]>();
    for (const error of inside) {
      const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    const possible = [...branches.values()].filter(
      (branch) => !branch.some((error) => differs(error, choice)),
    );
    const dropped =
      possible.length === 1
        ? new Set([choice, ...inside].filter((error) => !possible[0]?.includes(error)))
        : new Set(inside);
    kept = kept.filter((error) => !dropped.has(error));
  }
  return kept;
}

const isInside = (error: ErrorObject, choice: ErrorObject): boolean =>
  error !== choice &&
  error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
  (error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`));

/** True when the error says that the value is not of this alternative's kind at all. */
function differs(error: ErrorObject, choice: ErrorObject): boolean {
  const below = error.instancePath.slice(choice.instancePath.length).split('/').length - 1;
  if (error.keyword === 'const') return below <= 1;
  if (error.keyword === 'required' && below === 0) {
    const missing = String(error.params.missingProperty);
    return (error.parentSchema as JsonSchema | undefined)?.properties?.[missing]?.const !== undefined;
  }
  return below === 0 && (error.keyword === 'type' || error.keyword === 'enum');
}

const typeWords: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  null: 'empty',
};

const typeWord = (type: unknown): string =>
  (Array.isArray(type) ? type : [type]).map((name) => typeWords[String(name)] ?? String(name)).join(' or ');

function violation(error: ErrorObject): Violation {
  const path = pathOf(error.instancePath);
  const parent = (error.parentSchema ?? {}) as JsonSchema & { pattern_descriptor?: string };
  const { keyword, params, data } = error;
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    const { title, description } = parent.properties?.[missing] ?? {};
    const hint = description ?? title;
    const message = `is missing: add it${hint ? ` (${firstSentence(hint)})` : ''}`;
    return { path: [...path, missing], kind: 'missing', message };
  }
  if (keyword === 'additionalProperties') {
    const unknown = String(params.additionalProperty);
    const message = `is unknown: ${suggestion(unknown, Object.keys(parent.properties ?? {}))}`;
    return { path: [...path, unknown], kind: 'unknown', message };
  }
  if (keyword === 'propertyNames')
    return {
      path: [...path, String(params.propertyName)],
      kind: 'wrong',
      message: 'cannot be a name: use letters, digits, "_" and "-"',
    };
  if (keyword === 'anyOf' || keyword === 'oneOf') return choiceViolation(error, path);
  return {
    path,
    kind: 'wrong',
    message: wordsOf(error, parent),
    ...(parent.airbyte_secret === true || !isShown(data) ? {} : { found: JSON.stringify(data).slice(0, 80) }),
    ...(keyword === 'type' ? { wanted: String(params.type) } : {}),
  };
}

function wordsOf(
  { keyword, params, schema, data, message }: ErrorObject,
  parent: { pattern_descriptor?: string },
): string {
  if (keyword === 'type') return `must be ${typeWord(params.type)}`;
  if (keyword === 'enum') {
    const values = (schema as readonly unknown[]).map(String);
    return `must be one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  if (keyword === 'const') return `must be ${JSON.stringify(schema)}`;
  if (keyword === 'pattern' && parent.pattern_descriptor)
    return `must look like ${parent.pattern_descriptor}`;
  if (keyword === 'minLength' && data === '') return 'is empty: give it a value';
  if (keyword === 'minItems' || keyword === 'minProperties')
    return `must have ${String(params.limit)} or more entries`;
  if (keyword === 'uniqueItems') return 'names something twice';
  return message ?? 'cannot be used';
}

/** None of the alternatives was meant, or more than one may have been: says what there is to choose from. */
function choiceViolation(error: ErrorObject, path: Path): Violation {
  const branches = (Array.isArray(error.schema) ? error.schema : []) as readonly JsonSchema[];
  const discriminator = Object.entries(branches[0]?.properties ?? {}).find(
    ([, { const: fixed }]) => fixed !== undefined,
  )?.[0];
  if (discriminator !== undefined && typeof error.data === 'object') {
    const values = branches.map(({ properties }) => JSON.stringify(properties?.[discriminator]?.const));
    return { path: [...path, discriminator], kind: 'wrong', message: `must be ${values.join(' or ')}` };
  }
  const words = branches.map(
    (branch) => branch.enum?.map((value) => JSON.stringify(value)).join(' or ') ?? typeWord(branch.type),
  );
  return {
    path,
    kind: 'wrong',
    message: `must be ${words.join(' or ')}`,
    ...(isShown(error.data) ? { found: JSON.stringify(error.data).slice(0, 80) } : {}),
  };
}

const isShown = (data: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof data);

const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const firstSentence = (text: string): string => text.split(/\.(\s|$)/)[0] ?? text;
