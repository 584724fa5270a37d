// What a request to the SQL Statement Execution API may say; everything else is refused before anything runs.
import { ApiFailure, badRequest } from './answers.ts';
import type { Grants } from './grants.ts';
import type { Parameter } from './sql/build-world.ts';
import { isSeveral } from './sql/parse.ts';
import type { Submission } from './statements.ts';
import type { Switches } from './switches.ts';

/** Text of one statement, in bytes: 16 MiB (API reference). */
const maxText = 16 * 1024 * 1024;

/** `row_limit` and `byte_limit`. */
export interface Limits {
  readonly rows?: number;
  readonly bytes?: number;
}

export interface Asked {
  readonly submission: Submission;
  readonly limits: Limits;
  readonly waitMilliseconds: number;
  readonly cancels: boolean;
}

/** The request once every rule of databricks.md 2.2 is met. Throws ApiFailure with status 400 or 403. */
export function readRequest(
  body: Buffer,
  {
    grants,
    switches,
    warehouseId,
    catalog,
  }: { grants: Grants; switches: Switches; warehouseId: string; catalog: string },
): Asked {
  const fields = readObject(body);
  const text = fields.statement;
  if (typeof text !== 'string' || text.trim() === '') throw badRequest('statement is required.');
  if (Buffer.byteLength(text) > maxText)
    throw badRequest('The statement text exceeds the limit of 16777216 bytes.');
  if (typeof fields.warehouse_id !== 'string') throw badRequest('warehouse_id is required.');
  if (fields.warehouse_id !== warehouseId)
    throw badRequest(`${fields.warehouse_id} is not a valid endpoint id.`);
  if (!grants.has('CAN USE'))
    throw new ApiFailure(403, 'PERMISSION_DENIED', {
      message: `You do not have permission to use the SQL warehouse ${warehouseId}.`,
    });
  refuseUnsupported(fields);
  if (switches.severalStatements === 'refused' && isSeveral(text, switches))
    throw badRequest('Only one statement is allowed.');
  const waitMilliseconds = waitTimeout(fields.wait_timeout);
  const onTimeout = oneOf(fields, 'on_wait_timeout', ['CONTINUE', 'CANCEL']);
  return {
    submission: {
      text,
      catalog: optionalText(fields, 'catalog') ?? catalog,
      schema: optionalText(fields, 'schema') ?? 'default',
      parameters: parameters(fields.parameters),
    },
    limits: { ...limit(fields, 'row_limit', 'rows'), ...limit(fields, 'byte_limit', 'bytes') },
    waitMilliseconds,
    cancels: onTimeout === 'CANCEL' && waitMilliseconds > 0,
  };
}

function readObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through: not JSON is refused like JSON of another shape.
  }
  throw new ApiFailure(400, 'MALFORMED_REQUEST', {
    message: 'Could not parse request object: expected a JSON object.',
  });
}

/** Results of a destination are counts: only inline JSON is served. */
function refuseUnsupported(fields: Record<string, unknown>): void {
  const disposition = oneOf(fields, 'disposition', ['INLINE', 'EXTERNAL_LINKS', 'INLINE_OR_EXTERNAL_LINKS']);
  const format = oneOf(fields, 'format', ['JSON_ARRAY', 'ARROW_STREAM', 'CSV']);
  if (disposition === 'EXTERNAL_LINKS')
    throw badRequest('The EXTERNAL_LINKS disposition is not available on this workspace.');
  if (format !== undefined && format !== 'JSON_ARRAY')
    throw badRequest(`The format ${format} is not supported with the INLINE disposition.`);
  if (Array.isArray(fields.query_tags) && fields.query_tags.length > 20)
    throw badRequest('At most 20 query_tags are allowed.');
}

function oneOf(fields: Record<string, unknown>, name: string, values: readonly string[]): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !values.includes(value))
    throw badRequest(`${name} must be one of ${values.join(', ')}, found ${JSON.stringify(value)}.`);
  return value;
}

function optionalText(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  if (value !== undefined && typeof value !== 'string') throw badRequest(`${name} must be a string.`);
  return value === '' ? undefined : value;
}

function limit(fields: Record<string, unknown>, name: string, key: 'rows' | 'bytes'): Limits {
  const value = fields[name];
  if (value === undefined) return {};
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw badRequest(`${name} must be a positive integer.`);
  return { [key]: number };
}

/** `0s`, or `5s` to `50s`; ten seconds unless said otherwise. */
function waitTimeout(value: unknown): number {
  if (value === undefined) return 10_000;
  const seconds = typeof value === 'string' ? /^(\d+)s$/.exec(value)?.[1] : undefined;
  const number = Number(seconds);
  if (seconds === undefined || (number !== 0 && (number < 5 || number > 50)))
    throw badRequest(`wait_timeout must be 0s or between 5s and 50s, found ${JSON.stringify(value)}.`);
  return number * 1000;
}

function parameters(value: unknown): Parameter[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badRequest('parameters must be an array.');
  return value.map((item: unknown) => {
    const { name, value: text, type } = (item ?? {}) as Record<string, unknown>;
    const typed = type === undefined || typeof type === 'string';
    const textual = text === undefined || text === null || typeof text === 'string';
    if (typeof name !== 'string' || !typed || !textual)
      throw badRequest('Each parameter takes name, value (a string or null) and type.');
    if (/^\s*(array|map|struct)\b/i.test(String(type ?? '')))
      throw badRequest(`Parameter type ${String(type)} is not supported.`);
    return {
      name,
      ...(typeof text === 'string' ? { value: text } : {}),
      ...(typeof type === 'string' ? { type } : {}),
    };
  });
}
