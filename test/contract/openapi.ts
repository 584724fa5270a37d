// An OpenAPI document as a list of operations: which one a request is for, what it may carry, what it is answered.
import { readSpec } from './specs.ts';

export interface ParameterSchema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: ParameterSchema;
}

export interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: ParameterSchema;
}

/** JSON pointer into the document, from its root: #/components/schemas/Invoices */
export type Pointer = `#/${string}`;

interface Referring {
  readonly $ref?: Pointer;
}

interface Answer extends Referring {
  readonly content?: Readonly<Record<string, { readonly schema?: object; readonly example?: unknown }>>;
}

interface Method {
  readonly parameters?: readonly (Parameter & Referring)[];
  readonly responses: Readonly<Record<string, Answer>>;
}

type PathItem = Readonly<Record<string, Method>> & { readonly parameters?: Method['parameters'] };

export interface Document {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

export interface Operation {
  readonly method: string;
  /** The template: /Invoices/{InvoiceID} */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Where the schema of its JSON answer with status 200 is; undefined where it has none. */
  readonly answer: Pointer | undefined;
  /** The official example of that answer; undefined where there is none. */
  readonly example: unknown;
}

const documents = new Map<string, Document>();

/** A document is read once: the largest has 25,000 lines. */
export function readDocument(name: string): Document {
  const document = documents.get(name) ?? (readSpec(name) as Document);
  documents.set(name, document);
  return document;
}

const METHODS = ['get', 'put', 'post', 'delete'];

export function operationsOf(document: Document): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const found = item[method];
      if (!found) return [];
      const parameters = [...(item.parameters ?? []), ...(found.parameters ?? [])].map((one) =>
        one.$ref ? (lookUp(document, one.$ref) as Parameter) : one,
      );
      const at = pointerTo('paths', path, method, 'responses', '200');
      return [{ method: method.toUpperCase(), path, parameters, ...answerOf(document, at) }];
    }),
  );
}

function answerOf(document: Document, at: Pointer): Pick<Operation, 'answer' | 'example'> {
  const found = lookUp(document, at) as Answer | undefined;
  if (found?.$ref) return answerOf(document, found.$ref);
  const media = found?.content?.['application/json'];
  const schema = `${at}/content/application~1json/schema` as const;
  return { answer: media?.schema ? schema : undefined, example: media?.example };
}

const pointerTo = (...parts: readonly string[]): Pointer =>
  `#/${parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

export function lookUp(document: unknown, pointer: Pointer): unknown {
  const parts = pointer.slice(2).split('/');
  return parts.reduce((value: unknown, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  }, document);
}

export interface Match {
  readonly operation: Operation;
  /** Values of the parameters in the path, decoded. */
  readonly values: ReadonlyMap<string, string>;
}

/** The operations whose template fits the path; a literal part is preferred to a parameter. */
export function matching(
  operations: readonly Operation[],
  { method, path }: Pick<Operation, 'method' | 'path'>,
): readonly Match[] {
  const found = operations.flatMap((operation) => {
    const values = operation.method === method ? valuesIn(operation.path, path) : undefined;
    return values ? [{ operation, values }] : [];
  });
  return found.filter(({ values }) => values.size === Math.min(...found.map((one) => one.values.size)));
}

function valuesIn(template: string, path: string): Map<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const values = new Map<string, string>();
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    const value = decodeURIComponent(given[index] ?? '');
    if (name === undefined && part !== value) return undefined;
    if (name !== undefined) values.set(name, value);
  }
  return values;
}
