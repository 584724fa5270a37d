// The SELECT that turns lines of one file into the rows of one table.
import { cast, fastReading, hashText, instantFrom, parse, type Reading, storedType } from './casts.ts';
import type { Lessons } from './lessons.ts';
import type { RowPlan } from './plan.ts';
import { type Leaf, type RecordSource, recordSource } from './source.ts';
import { identifier, literal, literals } from './sql.ts';
import type { Column, ColumnType } from './tables.ts';

export interface LinesFile {
  readonly paths: readonly string[];
  /** Number of its first record within the batch. */
  readonly first: number;
  /** Length of the longest line, in bytes. */
  readonly longest: number;
  /** Put before long numerals on the way in, where this file has any. */
  readonly mark?: string;
  /** Numbers are read as text: some here have more digits than a double tells. */
  readonly exact: boolean;
}

/** What all rows of a batch share. */
export interface BatchFacts {
  readonly batch: string;
  readonly job: string;
  /** Milliseconds since the epoch: the time of extraction for lines that tell none. */
  readonly opened: number;
  /** Whether `_row_hash` is wanted. */
  readonly hashed: boolean;
}

export interface TableRequest {
  readonly plan: RowPlan;
  readonly main: RowPlan;
  readonly lessons: Lessons;
  readonly file: LinesFile;
}

/** What `_airbyte_meta` says of a row that nothing happened to. */
export function plainMeta({ declaration }: RowPlan): string {
  return declaration.job === undefined ? '{"changes":[]}' : `{"changes":[],"sync_id":${declaration.job}}`;
}

/** Raw ids end in twelve digits: this number plus the record's, so that no padding is needed. */
export const firstRawNumber = 100_000_000_000;

/** The start of the raw ids of a batch: the rest is the record's number, so they sort as the records came. */
export function rawIdPrefix(batch: string): string {
  const [a, b, c, d] = [batch.slice(0, 8), batch.slice(8, 12), batch.slice(12, 15), batch.slice(15, 18)];
  // Version 8 is for identifiers of one's own making (RFC 9562, 5.8).
  return `${a}-${b}-8${c}-8${d}-`;
}

/** All rows of a table: columns in the order of the plan. */
export function rowsOf(request: TableRequest, facts: BatchFacts): string {
  const { plan } = request;
  const values = readValues(request);
  const own = values.filter(({ column }) => column.path.length > 0 || plan.array.length === 0);
  const hashed = own
    .filter(({ column }) => !isDeliveryFact(plan, column))
    .map(({ column, value, declared }) => `${hashText(column.type, value, declared)}, chr(31), `);
  const added: Record<string, string> = {
    _row_hash: facts.hashed
      ? `hex(hash(concat(${hashed.join('')}CAST(epoch_us(deleted) AS VARCHAR))))`
      : 'CAST(NULL AS VARCHAR)',
    _airbyte_raw_id: `${literal(rawIdPrefix(facts.batch))} || CAST(${firstRawNumber} + n AS VARCHAR)`,
    _airbyte_extracted_at: 'extracted',
    _airbyte_meta: metaOf(plan, own),
    _airbyte_generation_id: `CAST(${plan.declaration.generation} AS BIGINT)`,
    _job_id: literal(facts.job),
    _batch_id: literal(facts.batch),
    _deleted_at: 'deleted',
    _position: 'position',
  };
  const stored = new Map(values.map(({ column, value }) => [column.name, value]));
  const output = plan.columns.map((column) => {
    const expression = (column.meta ? added[column.name] : stored.get(column.name)) ?? 'NULL';
    return `${expression} AS ${identifier(column.name)}`;
  });
  return `SELECT ${output.join(', ')} FROM (${typed(request, values, facts)})`;
}

/** What a Singer target noted when the record came says nothing of the record: a replay must not look like a change. */
const isDeliveryFact = ({ declaration }: RowPlan, { path }: Column): boolean =>
  declaration.envelope === 'singer' && path.length === 1 && /^_sdc_/.test(path[0] ?? '');

/** The texts of some number columns, to see how many digits they need: columns `x0`, `x1`, ... in the given order. */
export function textsOf(request: TableRequest, names: readonly string[]): string {
  const exact = { ...request, file: { ...request.file, exact: true } };
  const values = readValues(exact);
  const found = names.map((name) => values.find(({ column }) => column.name === name)?.read ?? 'NULL');
  return `SELECT ${found.map((read, index) => `${read} AS x${index}`).join(', ')} FROM (${raw(exact, values)})`;
}

interface Value {
  readonly column: Column;
  readonly declared: ColumnType;
  readonly leaf: Leaf;
  readonly reading: Reading;
  /** Names of the value as read, as parsed, and as it is stored. */
  readonly read: string;
  readonly parsed: string;
  readonly value: string;
  readonly inElement: boolean;
}

function readValues(request: TableRequest): readonly Value[] {
  const { plan, main, lessons } = request;
  const source = sourceOf(request);
  const columns = new Map(lessons.columns(plan, main).map((column) => [column.name, column]));
  const leaves = [
    ...source.record.map((leaf) => ({ leaf, inElement: false })),
    ...source.element.map((leaf) => ({ leaf, inElement: true })),
  ];
  return leaves.map(({ leaf, inElement }, index) => {
    const column = columns.get(leaf.column.name) ?? leaf.column;
    const read = `t${index}`;
    const value = column.type.kind === 'text' ? read : `v${index}`;
    const parsed = `p${index}`;
    return {
      column,
      declared: leaf.column.type,
      leaf,
      reading: leaf.reading,
      read,
      parsed,
      value,
      inElement,
    };
  });
}

function sourceOf({ plan, main, lessons, file }: TableRequest): RecordSource {
  const readings = (of: RowPlan): ReadonlyMap<string, Reading> =>
    new Map(
      lessons.columns(of, main).map(({ name, type }) => {
        const fast = fastReading(type);
        const text = fast === 'double' && (file.exact || lessons.isText(of, name));
        return [name, text ? 'text' : fast];
      }),
    );
  return recordSource(plan, main, {
    readings: readings(plan),
    mainReadings: readings(main),
    exact: file.exact,
  });
}

/** The values of each row cast to their types, and what the envelope says. */
function typed(request: TableRequest, values: readonly Value[], { opened }: BatchFacts): string {
  const stored = values.filter(({ value, read }) => value !== read);
  const parses = stored.flatMap(({ column, read, reading, parsed }) => {
    const expression = parse(column.type, read, reading);
    return expression === undefined ? [] : [`, ${expression} AS ${parsed}`];
  });
  const casts = stored.map((value) => `${cast(value.column.type, value, value.reading)} AS ${value.value}`);
  const singer = request.plan.declaration.envelope === 'singer';
  const emitted = singer
    ? instantFrom('emitted')
    : request.file.exact
      ? `coalesce(${instantFromEpoch('TRY_CAST(emitted AS DOUBLE)')}, ${instantFrom('emitted')})`
      : instantFromEpoch('emitted');
  const extracted = `coalesce(${emitted}, make_timestamptz(${Math.round(opened * 1000)}))`;
  const deletion = `CASE WHEN mark IS NOT NULL THEN coalesce(${instantFrom('mark')}, ${extracted}) END`;
  return `SELECT *, ${[...casts, `${extracted} AS extracted`, `${deletion} AS deleted`].join(', ')} FROM (SELECT *${parses.join('')} FROM (${raw(request, values)}))`;
}

/** Seconds, milliseconds or microseconds since the epoch, told apart by their magnitude (years 1973 to 5138). */
function instantFromEpoch(read: string): string {
  const unit = `CASE WHEN abs(${read}) < 1e11 THEN 1e6 WHEN abs(${read}) < 1e14 THEN 1e3 WHEN abs(${read}) < 1e17 THEN 1e0 END`;
  return `make_timestamptz(TRY_CAST(${read} * ${unit} AS BIGINT))`;
}

function raw(request: TableRequest, values: readonly Value[]): string {
  const source = sourceOf(request);
  const { file, plan } = request;
  const envelope = `${source.emitted} AS emitted, ${source.deleted} AS mark`;
  const number = `row_number() OVER () + ${file.first - 1} AS n`;
  const reads = (inElement: boolean): string =>
    values
      .filter((value) => value.inElement === inElement)
      .map(({ leaf, read, reading }) => `, ${unmarked(leaf.read, { reading, file })} AS ${read}`)
      .join('');
  const lines = `read_json(${literals(file.paths)}, format = 'newline_delimited', auto_detect = false, records = true, compression = 'uncompressed', maximum_object_size = ${roomFor(file)}, columns = ${source.columns})`;
  if (plan.array.length === 0)
    return `SELECT ${number}, ${envelope}, ${source.present} AS present, ${source.meta} AS meta${reads(false)} FROM ${lines}`;
  const records = `SELECT ${number}, ${envelope}, ${source.array} AS list${reads(false)} FROM ${lines}`;
  const entries = `SELECT * EXCLUDE (list), unnest(list) AS i, generate_subscripts(list, 1) - 1 AS position FROM (${records}) WHERE mark IS NULL`;
  return `SELECT * EXCLUDE (i)${reads(true)} FROM (${entries}) WHERE ${source.entry}`;
}

/** DuckDB's own limit for a line, raised where a line needs it: its buffers have twice this size. */
const roomFor = ({ longest }: LinesFile): number => Math.max(16 * 1024 * 1024, longest + 1024);

function unmarked(read: string, { reading, file }: { reading: Reading; file: LinesFile }): string {
  if (file.mark === undefined || reading === 'double') return read;
  if (reading === 'text') return `replace(CAST(${read} AS VARCHAR), ${literal(file.mark)}, '')`;
  return `regexp_replace(CAST(${read} AS VARCHAR), ${literal(`"${file.mark}([^"]*)"`)}, '\\1', 'g')`;
}

/** Lists the values that became NULL, after the changes that the source told of. NULL: there is no record at all. */
function metaOf(plan: RowPlan, values: readonly Value[]): string {
  const plain = plainMeta(plan);
  const child = plan.array.length > 0;
  const fallible = values.filter(({ value, read, reading }) => value !== read && reading !== 'json');
  const failed = ({ read, value }: Value): string => `(${read} IS NOT NULL AND ${value} IS NULL)`;
  const listed = fallible.map((value) => {
    const change = {
      field: value.column.name,
      change: 'NULLED',
      reason: 'DESTINATION_TYPECAST_ERROR',
    };
    return `CASE WHEN ${failed(value)} THEN ${literal(JSON.stringify(change))} END`;
  });
  const told = `CASE WHEN json_type(meta, '$.changes') = 'ARRAY' THEN nullif(substr(CAST(json_extract(meta, '$.changes') AS VARCHAR), 2, strlen(CAST(json_extract(meta, '$.changes') AS VARCHAR)) - 2), '') END`;
  const changes = [...(child ? [] : [told]), ...listed];
  const [before, after] = plain.split('[]');
  const anything = [...(child ? [] : ['meta IS NOT NULL']), ...fallible.map(failed)];
  const listing =
    changes.length === 0
      ? literal(plain)
      : `CASE WHEN ${anything.join(' OR ')} THEN ${literal(`${before}[`)} || concat_ws(',', ${changes.join(', ')}) || ${literal(`]${after}`)} ELSE ${literal(plain)} END`;
  return child ? listing : `CASE WHEN present THEN ${listing} END`;
}

/** The types of a table's file, to compare. */
export const typeSignature = (columns: readonly Column[]): string =>
  columns.map(({ type }) => storedType(type)).join(' ');
