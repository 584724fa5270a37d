// Judges requests by the operations of an OpenAPI document: path, method, parameters and their types.
import ajvModule from 'ajv';
import formatsModule from 'ajv-formats';
import type { Finding } from './findings.ts';
import { type Match, matching, type Operation, type Parameter, type ParameterSchema } from './openapi.ts';

export interface Asked {
  readonly method: string;
  /** Below the server of the document, with a slash in front. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Headers of HTTP itself, which no document of operations declares. */
const TRANSPORT = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'user-agent',
]);

export interface Judged {
  /** The operation the request is for; undefined when the document has none. */
  readonly operation: Operation | undefined;
  readonly findings: readonly Finding[];
}

/** Where several templates fit ({JournalID}, {JournalNumber}), the one whose types the path has. */
export function judgeRequest(operations: readonly Operation[], asked: Asked): Judged {
  const candidates = matching(operations, asked).map((match) => ({
    operation: match.operation,
    findings: findingsOf(match, asked),
  }));
  const [best] = candidates.sort((one, other) => one.findings.length - other.findings.length);
  const { method, path } = asked;
  const unknown = { on: path, place: 'request', problem: 'unknown operation', detail: `${method} ${path}` };
  return best ?? { operation: undefined, findings: [unknown] };
}

function findingsOf({ operation, values }: Match, { query, headers }: Asked): readonly Finding[] {
  const given: readonly Given[] = [
    ...[...values].map(([name, text]) => ({ in: 'path', name, text })),
    ...[...query].map(([name, text]) => ({ in: 'query', name, text })),
    ...Object.entries(headers)
      .filter(([name]) => !TRANSPORT.has(name))
      .map(([name, text]) => ({ in: 'header', name, text: String(text) })),
  ];
  const on = operation.path;
  const tell = (one: Pick<Given, 'in' | 'name'>, problem: string, detail: string): Finding => ({
    ...{ on, problem, detail },
    place: `${one.in} ${one.name}`,
  });
  const missing = operation.parameters
    .filter((one) => one.required && !given.some((other) => isFor(other, one)))
    .map((one) => tell(one, 'missing', 'required'));
  const twice = given
    .filter((one, index) => given.findIndex((other) => isFor(other, one)) < index)
    .map((one) => tell(one, 'given twice', one.text));
  const faulty = given.flatMap((one) => {
    const parameter = operation.parameters.find((declared) => isFor(one, declared));
    if (!parameter) return [tell(one, 'undeclared', one.text)];
    const problem = problemIn(one.text, parameter.schema);
    return problem === undefined ? [] : [tell(parameter, problem, one.text)];
  });
  return [...missing, ...twice, ...faulty];
}

interface Given {
  readonly in: string;
  readonly name: string;
  readonly text: string;
}

/** Names of headers know no case; all others do. */
const isFor = (one: Pick<Given, 'in' | 'name'>, other: Pick<Parameter, 'in' | 'name'>): boolean =>
  one.in === other.in &&
  (one.in === 'header' ? one.name.toLowerCase() === other.name.toLowerCase() : one.name === other.name);

const ajv = new ajvModule.default({ strict: false });
formatsModule.default(ajv);

/** Why a text is no value of the schema; undefined when it is one. */
function problemIn(text: string, schema: ParameterSchema): string | undefined {
  const { type, items, format } = schema;
  // No array here is exploded: its values are one text with commas.
  if (items) return text.split(',').flatMap((one) => problemIn(one, items) ?? [])[0];
  if (type === 'integer') return /^-?\d+$/.test(text) ? undefined : 'no integer';
  if (type === 'boolean') return /^(true|false)$/.test(text) ? undefined : 'no boolean';
  if (ajv.validate(schema, text)) return undefined;
  return format ? `no ${format}` : `not among its values: ${text}`;
}
