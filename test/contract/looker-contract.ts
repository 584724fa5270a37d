// Judges what the Looker emulator answers by the official document of API 4.0.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { LoggedRequest } from '../emulators/emulator.ts';
import type { Finding } from './findings.ts';
import {
  type Document,
  lookUp,
  matching,
  type Operation,
  operationsOf,
  type Pointer,
  readDocument,
} from './openapi.ts';
import { type Judge, judgeOf } from './openapi-answers.ts';

export const ROOT = '/api/4.0';

interface Contract {
  readonly document: Document;
  readonly operations: readonly Operation[];
  readonly judge: Judge;
}

let compiled: Contract | undefined;

/** The document is compiled once for a file of tests. */
export function contract(): Contract {
  if (compiled) return compiled;
  const document = withoutAny(readDocument('looker-4.0.oas.json')) as Document;
  const operations = [...operationsOf(document), ...patchesOf(document)];
  compiled = { document, operations, judge: judgeOf(document) };
  return compiled;
}

/** "any" is the vendor's own type: no JSON Schema knows it, and it allows everything. */
function withoutAny(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAny);
  if (!isObject(value)) return value;
  const { type, format, nullable, ...rest } = value;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, withoutAny(one)]));
  if (type === 'any') return schema;
  const kept = Object.entries({ type, format: format === 'any' ? undefined : format, nullable });
  const given = kept.filter(([, one]) => one !== undefined).map(([key, one]) => [key, withoutAny(one)]);
  return { ...schema, ...Object.fromEntries(given) };
}

/** Operations of PATCH, which the other documents do not have. */
function patchesOf(document: Document): Operation[] {
  return Object.keys(document.paths).flatMap((path) => {
    const at = `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/patch` as const;
    if (!isObject(lookUp(document, at))) return [];
    const answer = `${at}/responses/200/content/application~1json/schema` as const;
    return [
      {
        method: 'PATCH',
        path,
        parameters: [],
        example: undefined,
        answer: isObject(lookUp(document, answer)) ? answer : undefined,
      },
    ];
  });
}

const found = (on: string, place: string, [problem, detail]: [string, string]): Finding[] => [
  { on, place, problem, detail },
];

/** The operation of a request, the status of its answer, and the answer's body. */
export function judgeAnswer({ method, url, status, answer }: LoggedRequest): readonly Finding[] {
  const { operations, judge, document } = contract();
  const path = url.pathname.slice(ROOT.length);
  const [match] = matching(operations, { method, path });
  if (!match) return found(path, 'path', ['unknown', method]);
  const { operation } = match;
  const on = `${method} ${operation.path}`;
  // The document lists 401 nowhere, although every operation answers it (docs/api-troubleshooting).
  if (status === 401) return errorFindings(on, '#/components/schemas/Error', answer?.body);
  const declared = lookUp(document, `${placeOf(operation)}/responses/${status}`);
  if (!isObject(declared)) return found(on, 'status', ['undeclared', String(status)]);
  if (status === 422) return errorFindings(on, '#/components/schemas/ValidationError', answer?.body);
  if (status >= 400) return errorFindings(on, '#/components/schemas/Error', answer?.body);
  if (status !== 200 || !operation.answer) return [];
  // Results are declared as text, whatever they hold.
  if ((lookUp(document, operation.answer) as { type?: string }).type === 'string') return [];
  return judge(on, operation.answer, JSON.parse(String(answer?.body)));
}

function errorFindings(on: string, schema: Pointer, body: unknown): readonly Finding[] {
  return contract().judge(on, schema, JSON.parse(String(body)));
}

export const placeOf = ({ method, path }: Operation): Pointer =>
  `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}`;
