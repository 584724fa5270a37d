// Where the values of a table lie in the lines: the types DuckDB reads them as, and the expression for each.
import type { Reading } from './casts.ts';
import type { RowPlan } from './plan.ts';
import { deletionMarkOf, type Member, type ObjectShape, type RowsShape, recordShape } from './shape.ts';
import { identifier, literal } from './sql.ts';
import type { Column } from './tables.ts';

/** How the columns of one table are read, by name. */
export type Readings = ReadonlyMap<string, Reading>;

export interface Leaf {
  readonly column: Column;
  /** The value as it was read. */
  readonly read: string;
  readonly reading: Reading;
}

export interface RecordSource {
  /** The `columns` argument of read_json. */
  readonly columns: string;
  /** What identifies the record: for a child table the parent's key; for the main table all of its columns. */
  readonly record: readonly Leaf[];
  /** The array of a child table, as a list. */
  readonly array?: string;
  /** The columns of an element, as expressions over a list entry named `i`. */
  readonly element: readonly Leaf[];
  /** True when an entry `i` is an object. */
  readonly entry: string;
  readonly present: string;
  readonly deleted: string;
  readonly emitted: string;
  readonly meta: string;
}

interface Request {
  /** The columns of the record itself, and how to read them. */
  readonly record: ReadonlyMap<string, { readonly column: Column; readonly reading: Reading }>;
  readonly array: readonly string[];
  readonly element: ReadonlyMap<string, { readonly column: Column; readonly reading: Reading }>;
}

interface Visit {
  readonly path: readonly string[];
  readonly expression: string;
  readonly json: boolean;
}

/**
 * Where the rows of `plan` come from. `main` is the plan of the record's own table (`plan` itself, or its parent);
 * only what the table needs is read. `exact`: the envelope's time may be a text too.
 */
export function recordSource(
  plan: RowPlan,
  main: RowPlan,
  { readings, mainReadings, exact }: { readings: Readings; mainReadings: Readings; exact: boolean },
): RecordSource {
  const child = plan.array.length > 0;
  const wanted = child ? main.columns.filter(({ name }) => main.keys.includes(name)) : plan.columns;
  const request: Request = {
    record: requested(wanted, child ? mainReadings : readings),
    array: plan.array,
    element: child
      ? requested(
          plan.columns.filter(({ path }) => path.length > 0),
          readings,
        )
      : new Map(),
  };
  const shape = recordShape(plan.declaration);
  const singer = plan.declaration.envelope === 'singer';
  const data = singer ? 'record' : 'record."data"';
  const mark = deletionMarkOf(plan.declaration);
  const type = objectType(shape, request, [], [`${identifier(mark)} VARCHAR`]);
  const whole = shape.members.length === 0 ? 'JSON' : type;
  const emittedType = exact || singer ? 'VARCHAR' : 'DOUBLE';
  const found: Found = { record: [], element: [], entry: 'i IS NOT NULL' };
  visitObject(shape, { path: [], expression: data, json: whole === 'JSON' }, request, found);
  if (!child && shape.members.length === 0) wholeRecord(request, data, found);
  return {
    columns: singer
      ? `{record: ${literal(whole)}, time_extracted: 'VARCHAR', meta: 'JSON'}`
      : `{record: ${literal(`STRUCT("data" ${whole}, emitted_at ${emittedType}, meta JSON)`)}}`,
    ...found,
    present: whole === 'JSON' ? `json_type(${data}) = 'OBJECT'` : `${data} IS NOT NULL`,
    deleted: whole === 'JSON' ? pointed(data, mark, 'text') : `${data}.${identifier(mark)}`,
    emitted: singer ? 'time_extracted' : 'record.emitted_at',
    meta: singer ? 'meta' : 'record.meta',
  };
}

interface Found {
  record: Leaf[];
  element: Leaf[];
  array?: string;
  entry: string;
}

const keyOf = (path: readonly string[]): string => JSON.stringify(path);

function requested(columns: readonly Column[], readings: Readings): Request['record'] {
  return new Map(
    columns
      .filter((column) => !column.meta)
      .map((column) => [keyOf(column.path), { column, reading: readings.get(column.name) ?? 'text' }]),
  );
}

function wholeRecord({ record }: Request, data: string, found: Found): void {
  const column = record.get(keyOf([]))?.column;
  if (column) found.record.push({ column, read: data, reading: 'json' });
}

/** The DuckDB type of an object with only the members that the request needs, and those `added`. */
function objectType(
  shape: ObjectShape,
  request: Request,
  path: readonly string[],
  added: readonly string[] = [],
): string {
  if (!shape.structured) return 'JSON';
  const members = shape.members.flatMap((member) => {
    const type = memberType(member, request, [...path, member.name]);
    return type === undefined ? [] : [`${identifier(member.name)} ${type}`];
  });
  return members.length + added.length === 0 ? 'JSON' : `STRUCT(${[...members, ...added].join(', ')})`;
}

function memberType({ shape }: Member, request: Request, path: readonly string[]): string | undefined {
  switch (shape.kind) {
    case 'scalar': {
      const wanted = request.record.get(keyOf(path));
      return wanted && readType(wanted.reading);
    }
    case 'object':
      return touches(request, path) ? objectType(shape, request, path) : undefined;
    case 'rows':
      return keyOf(path) === keyOf(request.array) ? `${elementType(shape.element, request)}[]` : undefined;
  }
}

/** Whether anything below `path` is asked for. */
function touches({ record, array }: Request, path: readonly string[]): boolean {
  const below = (other: readonly string[]): boolean =>
    other.length > path.length && path.every((name, index) => other[index] === name);
  return below(array) || [...record.values()].some(({ column }) => below(column.path));
}

function elementType(shape: ObjectShape, { element }: Request): string {
  const inElement: Request = { record: element, array: [], element: new Map() };
  const members = shape.members.flatMap((member) => {
    const type = memberType(member, inElement, [member.name]);
    return type === undefined ? [] : [`${identifier(member.name)} ${type}`];
  });
  return shape.structured && members.length > 0 ? `STRUCT(${members.join(', ')})` : 'JSON';
}

const readType = (reading: Reading): string =>
  reading === 'double' ? 'DOUBLE' : reading === 'json' ? 'JSON' : 'VARCHAR';

function visitObject(shape: ObjectShape, at: Visit, request: Request, found: Found): void {
  for (const { name, shape: member } of shape.members) {
    const path = [...at.path, name];
    if (member.kind === 'scalar') {
      const wanted = request.record.get(keyOf(path));
      if (wanted) found.record.push(leaf(wanted, at, name));
    } else if (member.kind === 'object') {
      if (!touches(request, path)) continue;
      const json = at.json || objectType(member, request, path) === 'JSON';
      visitObject(member, { path, expression: step(at, name), json }, request, found);
    } else if (keyOf(path) === keyOf(request.array)) {
      visitRows(member, { at, list: step(at, name) }, request, found);
    }
  }
}

function visitRows(
  { element }: RowsShape,
  { at, list }: { at: Visit; list: string },
  request: Request,
  found: Found,
): void {
  const json = at.json || elementType(element, request) === 'JSON';
  found.array = at.json ? `CAST(${list} AS JSON[])` : list;
  found.entry = json ? `json_type(i) = 'OBJECT'` : 'i IS NOT NULL';
  const inElement: Request = { record: request.element, array: [], element: new Map() };
  const elements: Found = { record: [], element: [], entry: '' };
  visitObject(element, { path: [], expression: 'i', json }, inElement, elements);
  found.element = elements.record;
}

function step({ expression, json }: Visit, name: string): string {
  return json ? pointed(expression, name, 'json') : `${expression}.${identifier(name)}`;
}

function leaf({ column, reading }: { column: Column; reading: Reading }, at: Visit, name: string): Leaf {
  if (!at.json) return { column, read: step(at, name), reading };
  const form = reading === 'json' ? 'json' : 'text';
  return { column, read: pointed(at.expression, name, form), reading: form };
}

/** A member by JSON pointer, which reaches every name, whatever it is made of. */
function pointed(expression: string, name: string, form: 'json' | 'text'): string {
  const pointer = literal(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `json_extract${form === 'text' ? '_string' : ''}(${expression}, ${pointer})`;
}
