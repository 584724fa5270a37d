// Reading staged files inside a query: read_files(...), and the short forms parquet.`path` and json.`path`.
import { castSql } from './casts.ts';
import { Cursor } from './cursor.ts';
import { failure } from './errors.ts';
import { dataType, identifier } from './names.ts';
import { tokenize } from './tokens.ts';
import { type DataType, engineType, literal, quoted } from './types.ts';
import type { World } from './world.ts';

export type FileFormat = 'parquet' | 'json' | 'csv';

export interface FileReading {
  /** As written: /Volumes/..., a glob, or a directory. */
  readonly path: string;
  readonly format: FileFormat;
  /** Option names in lower case. */
  readonly options: ReadonlyMap<string, string>;
  /** Whether the statement asks for `_metadata`. */
  readonly metadata: boolean;
  /** Whether columns that do not fit are collected in `_rescued_data`, as read_files does and the short forms do not. */
  readonly rescues: boolean;
}

/** In a scope with this mark a bare path is a source, its format said elsewhere: COPY INTO ... FROM (SELECT .. FROM 'path'). */
export const copySource = 'COPY INTO';

/** A file source if one comes next. */
export function fileReading(cursor: Cursor, scope: ReadonlySet<string>): FileReading | undefined {
  const metadata = cursor.mentions('_metadata');
  if (scope.has(copySource) && cursor.peek().kind === 'string')
    return { path: cursor.string(), format: 'json', options: new Map(), metadata, rescues: false };
  const format = formatOf(cursor.peek().value);
  if (format && cursor.peek().kind === 'word' && cursor.atSymbol('.', 1) && cursor.peek(2).kind === 'name') {
    cursor.next();
    cursor.next();
    return { path: cursor.next().value, format, options: new Map(), metadata, rescues: false };
  }
  if (!cursor.at('READ_FILES') || !cursor.atSymbol('(', 1)) return undefined;
  cursor.next();
  cursor.expectSymbol('(');
  const path = cursor.string();
  const options = new Map<string, string>();
  while (cursor.takeSymbol(',')) {
    const name = identifier(cursor).toLowerCase();
    cursor.expectSymbol('=>');
    options.set(name, optionValue(cursor));
  }
  cursor.expectSymbol(')');
  const named = formatOf((options.get('format') ?? '').toUpperCase());
  if (!named)
    throw failure(
      'INVALID_PARAMETER_VALUE',
      `read_files needs format => 'parquet', 'json' or 'csv', found "${options.get('format') ?? ''}".`,
    );
  return { path, format: named, options, metadata, rescues: true };
}

function formatOf(word: string): FileFormat | undefined {
  return (['parquet', 'json', 'csv'] as const).find((format) => format.toUpperCase() === word);
}

/** Options are constants: text, numbers, true or false. */
export function optionValue(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind === 'string' || token.kind === 'number') return cursor.next().value;
  if (cursor.at('TRUE') || cursor.at('FALSE')) return cursor.next().value.toLowerCase();
  throw cursor.error();
}

/** `name TYPE, ...`, as `schema =>` takes it. */
export function schemaText(text: string): { name: string; type: DataType }[] {
  const cursor = new Cursor(tokenize(text, { doubledQuote: 'quote' }), text);
  const columns = cursor.list(() => {
    const name = identifier(cursor);
    cursor.takeSymbol(':');
    const type = dataType(cursor);
    if (cursor.take('NOT')) cursor.expect('NULL');
    if (cursor.take('COMMENT')) cursor.string();
    return { name, type };
  });
  if (cursor.peek().kind !== 'end') throw cursor.error();
  return columns;
}

/** Engine SQL of a reading, over these files on disk. `original` gives the volume path of one of them. */
export function readingSql(
  reading: FileReading,
  files: readonly string[],
  world: World,
  volumes: string,
): string {
  const declared = reading.options.get('schema');
  const schema = declared === undefined ? undefined : schemaText(declared);
  if (files.length === 0) return noFiles(reading, schema);
  const rescued = reading.rescues && (schema === undefined || world.switches.rescuedDataWithSchema);
  const extra = [
    ...(rescued ? [`CAST(NULL AS VARCHAR) AS "_rescued_data"`] : []),
    ...(reading.metadata ? [`${metadataSql(volumes)} AS "_metadata"`] : []),
  ];
  const source = scanSql(reading, files, world, schema);
  const columns = schema ? schema.map((column) => columnSql(column, reading)) : ['* EXCLUDE (__file)'];
  return `(SELECT ${[...columns, ...extra].join(', ')} FROM ${source})`;
}

function noFiles(reading: FileReading, schema: { name: string; type: DataType }[] | undefined): string {
  if (!schema)
    throw failure(
      'UNABLE_TO_INFER_SCHEMA',
      `Unable to infer schema for ${reading.format.toUpperCase()}. It must be specified manually.`,
    );
  return `(SELECT ${schema.map(({ name, type }) => `CAST(NULL AS ${engineType(type)}) AS ${quoted(name)}`).join(', ')} WHERE false)`;
}

function columnSql({ name, type }: { name: string; type: DataType }, reading: FileReading): string {
  const strict = reading.format === 'parquet' || reading.options.get('mode')?.toUpperCase() === 'FAILFAST';
  return `${castSql(quoted(name), type, strict ? 'cast' : 'try')} AS ${quoted(name)}`;
}

/** The engine's own reader; text formats give text, cast afterwards, so that money never passes through a double. */
function scanSql(
  reading: FileReading,
  files: readonly string[],
  world: World,
  schema: { name: string; type: DataType }[] | undefined,
): string {
  const list = `[${files.map(literal).join(', ')}]`;
  const partitions = `hive_partitioning = ${reading.rescues && world.switches.partitionColumns}`;
  const tolerant = reading.options.get('mode')?.toUpperCase() === 'FAILFAST' ? 'false' : 'true';
  const texts = schema
    ? `{${schema.map(({ name, type }) => `${literal(name)}: '${isNested(type) ? engineType(type) : 'VARCHAR'}'`).join(', ')}}`
    : undefined;
  switch (reading.format) {
    case 'parquet': {
      const scan = `read_parquet(${list}, union_by_name = true, filename = '__file', ${partitions})`;
      // A column of the schema that no file has reads as NULL.
      const empty = schema?.map(({ name, type }) => `CAST(NULL AS ${engineType(type)}) AS ${quoted(name)}`);
      return empty
        ? `(SELECT ${empty.join(', ')} WHERE false UNION ALL BY NAME SELECT * FROM ${scan})`
        : scan;
    }
    case 'json': {
      const lines = reading.options.get('multiline') === 'true' ? 'auto' : 'newline_delimited';
      const columns = texts ? `, columns = ${texts}` : ', union_by_name = true';
      return `read_json(${list}, format = '${lines}', ignore_errors = ${lines === 'auto' ? 'false' : tolerant}, filename = '__file', maximum_object_size = 134217728, ${partitions}${columns})`;
    }
    case 'csv': {
      const header = reading.options.get('header') === 'true';
      const separator = reading.options.get('sep') ?? reading.options.get('delimiter') ?? ',';
      const columns = texts && !header ? `, columns = ${texts}` : ', all_varchar = true';
      return `read_csv(${list}, header = ${header}, delim = ${literal(separator)}, ignore_errors = ${tolerant}, filename = '__file', union_by_name = true, ${partitions}${columns})`;
    }
  }
}

function isNested(type: DataType): boolean {
  return type.name === 'ARRAY' || type.name === 'STRUCT' || type.name === 'MAP';
}

function metadataSql(volumes: string): string {
  const path = `'dbfs:/Volumes' || substring(__file, ${volumes.length + 1})`;
  return `{'file_path': ${path}, 'file_name': parse_filename(__file)}`;
}
