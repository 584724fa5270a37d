// ANSI casts on an engine whose own casts are laxer: '12.7' is no BIGINT, 12.7 truncates, overflow is an error of its own.
import type { Switches } from '../switches.ts';
import { raise } from './errors.ts';
import { type DataType, engineType, sameType, typeText } from './types.ts';

type Mode = 'cast' | 'try';

const integers: Readonly<Record<string, string>> = {
  BYTE: 'TINYINT',
  SHORT: 'SMALLINT',
  INT: 'INTEGER',
  LONG: 'BIGINT',
};
const fractions = ['FLOAT', 'DOUBLE', 'DECIMAL'] as const;

const integerText = "'\\s*[+-]?[0-9]+\\s*'";
const doubleText = "'(?i)\\s*[+-]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[df]?|nan|inf(inity)?)\\s*'";
const dateText = "'\\s*[+-]?[0-9]{4,7}(-[0-9]{1,2}(-[0-9]{1,2}([ T].*)?)?)?\\s*'";

/** Engine SQL of `expression` cast to `type`. Failures the engine words itself are reworded by `engine-errors.ts`. */
export function castSql(expression: string, type: DataType, mode: Mode = 'cast'): string {
  switch (type.name) {
    case 'BYTE':
    case 'SHORT':
    case 'INT':
    case 'LONG':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP_NTZ':
    case 'BOOLEAN':
    case 'STRING':
      return `memory.main.${macroName(type.name, mode)}(${expression})`;
    case 'VARCHAR':
    case 'CHAR':
      return castSql(expression, { name: 'STRING' }, mode);
    default:
      return `${mode === 'try' ? 'TRY_CAST' : 'CAST'}(${expression} AS ${engineType(type)})`;
  }
}

/** As a value is stored into a column: the cast of ANSI store assignment, plus the length of VARCHAR(n). */
export function assignSql(expression: string, to: DataType, from?: DataType): string {
  if (from && sameType(from, to)) return expression;
  const value = castSql(expression, to);
  if (to.name !== 'VARCHAR' && to.name !== 'CHAR') return value;
  const failed = raise(
    'DELTA_EXCEED_CHAR_VARCHAR_LIMIT',
    `'Exceeds char/varchar type length limitation: ${to.length}.'`,
  );
  return `CASE WHEN length(${value}) > ${to.length} THEN ${failed} ELSE ${value} END`;
}

/** CREATE MACRO statements for every scalar target type, in both modes. */
export function castMacros({ zonedTextAsNtz }: Pick<Switches, 'zonedTextAsNtz'>): string[] {
  const macros: string[] = [];
  for (const mode of ['cast', 'try'] as const) {
    const add = (type: string, body: string): void => {
      macros.push(`CREATE MACRO ${macroName(type, mode)}(x) AS ${body}`);
    };
    for (const [type, target] of Object.entries(integers)) add(type, integerCast(type, target, mode));
    for (const type of ['FLOAT', 'DOUBLE'])
      add(
        type,
        fromText(
          type,
          doubleText,
          `CAST(rtrim(trim(CAST(x AS VARCHAR)), 'dDfF') AS ${type})`,
          `CAST(x AS ${type})`,
          mode,
        ),
      );
    add(
      'BOOLEAN',
      fromText(
        'BOOLEAN',
        "'(?i)\\s*(t|true|y|yes|1|f|false|n|no|0)\\s*'",
        booleanText,
        'CAST(x AS BOOLEAN)',
        mode,
      ),
    );
    add('DATE', fromText('DATE', dateText, datePart(mode), 'CAST(x AS DATE)', mode));
    add('TIMESTAMP', instantCast('TIMESTAMP', { mode, zone: true }));
    add('TIMESTAMP_NTZ', instantCast('TIMESTAMP_NTZ', { mode, zone: zonedTextAsNtz === 'drop' }));
    add('STRING', stringCast);
  }
  return macros;
}

function macroName(type: string, mode: Mode): string {
  return `dbx_${mode}_${type.toLowerCase()}`;
}

const isText = "typeof(x) = 'VARCHAR'";
const isFraction = `(${fractions.map((name) => `starts_with(typeof(x), '${name}')`).join(' OR ')})`;
const isZoned = "typeof(x) = 'TIMESTAMP WITH TIME ZONE'";
const text = 'CAST(x AS VARCHAR)';
const booleanText = `(lower(trim(${text})) IN ('t', 'true', 'y', 'yes', '1'))`;

function invalid(type: string, mode: Mode): string {
  if (mode === 'try') return 'NULL';
  const about = `' of the type "STRING" cannot be cast to "${sqlName(type)}" because it is malformed. Correct the value as per the syntax, or change its target type. Use \`try_cast\` to tolerate malformed input and return NULL instead.'`;
  return raise('CAST_INVALID_INPUT', `'The value ''' || ${text} || '''' || ${about}`);
}

function overflow(type: string, mode: Mode): string {
  if (mode === 'try') return 'NULL';
  return raise(
    'NUMERIC_VALUE_OUT_OF_RANGE',
    `'The value ' || ${text} || ' cannot be represented as ${sqlName(type)}. Use \`try_cast\` to tolerate overflow and return NULL instead.'`,
  );
}

function sqlName(type: string): string {
  return type in integers ? typeText({ name: type as 'LONG' }) : type;
}

/** Text passes only if it matches; every other type takes the engine's own cast. */
function fromText(type: string, pattern: string, parsed: string, other: string, mode: Mode): string {
  const bad = invalid(type, mode);
  const tolerant = mode === 'try' ? other.replace('CAST(', 'TRY_CAST(') : other;
  const value = mode === 'try' ? parsed.replace(/^CAST\(/, 'TRY_CAST(') : parsed;
  return `CASE WHEN ${isText} THEN CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(${text}, ${pattern}) THEN ${value} ELSE ${bad} END ELSE ${tolerant} END`;
}

function integerCast(type: string, target: string, mode: Mode): string {
  // A number too long for the type is malformed too when it comes as text, as in Spark.
  const whole = `TRY_CAST(trim(${text}) AS ${target})`;
  const checked = (value: string): string =>
    `CASE WHEN x IS NULL THEN NULL ELSE coalesce(${value}, ${overflow(type, mode)}) END`;
  const fromString = `CASE WHEN x IS NULL THEN NULL WHEN NOT regexp_full_match(${text}, ${integerText}) THEN ${invalid(type, mode)} ELSE coalesce(${whole}, ${invalid(type, mode)}) END`;
  // Databricks truncates toward zero where the engine rounds; the text of a DECIMAL keeps all its digits.
  const decimalPart = `TRY_CAST(regexp_replace(${text}, '\\..*$', '') AS ${target})`;
  const doublePart = `TRY_CAST(trunc(TRY_CAST(x AS DOUBLE)) AS ${target})`;
  return `CASE WHEN ${isText} THEN ${fromString} WHEN starts_with(typeof(x), 'DECIMAL') THEN ${checked(`coalesce(${decimalPart}, CASE WHEN abs(TRY_CAST(x AS DOUBLE)) < 1 THEN 0 END)`)} WHEN ${isFraction} THEN ${checked(doublePart)} WHEN typeof(x) IN ('DATE', 'TIMESTAMP', 'BLOB') THEN ${mismatch(type)} WHEN ${isZoned} THEN CAST(floor(epoch(TRY_CAST(x AS TIMESTAMP WITH TIME ZONE))) AS ${target}) ELSE ${checked(`TRY_CAST(x AS ${target})`)} END`;
}

function mismatch(type: string): string {
  const about = `'Cannot cast "' || typeof(x) || '" to "${sqlName(type)}".'`;
  return raise('DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION', about);
}

function datePart(mode: Mode): string {
  const cast = mode === 'try' ? 'TRY_CAST' : 'CAST';
  const day = `regexp_extract(trim(${text}), '^[+-]?[0-9]+(-[0-9]+)?(-[0-9]+)?')`;
  const padded = `CASE WHEN regexp_full_match(${day}, '[0-9]+') THEN ${day} || '-01-01' WHEN regexp_full_match(${day}, '[0-9]+-[0-9]+') THEN ${day} || '-01' ELSE ${day} END`;
  return `${cast}(${padded} AS DATE)`;
}

function instantCast(
  type: 'TIMESTAMP' | 'TIMESTAMP_NTZ',
  { mode, zone }: { mode: Mode; zone: boolean },
): string {
  const target = engineType({ name: type });
  const cast = mode === 'try' ? 'TRY_CAST' : 'CAST';
  const time = zone ? '.*' : '[0-9:.]*';
  const pattern = `'\\s*[+-]?[0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}([ T]${time})?\\s*'`;
  const parsed = `${cast}(trim(${text}) AS ${target})`;
  const seconds =
    type === 'TIMESTAMP'
      ? `WHEN typeof(x) IN ('BIGINT', 'INTEGER') THEN to_timestamp(TRY_CAST(x AS BIGINT)) `
      : '';
  const bad = invalid(type, mode);
  return `CASE WHEN ${isText} THEN CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(${text}, ${pattern}) THEN ${parsed} ELSE ${bad} END ${seconds}ELSE ${cast}(x AS ${target}) END`;
}

const stringCast = `CASE WHEN ${isZoned} THEN regexp_replace(${text}, '\\+00$', '') ELSE ${text} END`;
