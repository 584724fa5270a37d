// What the engine complains about, in Databricks' words.
import { failure, SqlFailure } from './errors.ts';

interface Translation {
  readonly pattern: RegExp;
  readonly to: (found: RegExpExecArray, message: string) => SqlFailure;
}

const numeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

const unresolved = (name: string | undefined, message: string): SqlFailure => {
  const near = /Candidate bindings: :?\s*(.*)/.exec(message)?.[1] ?? '';
  const suggestion = near ? ` Did you mean one of the following? [${near.replaceAll('"', '`')}].` : '';
  return failure(
    'UNRESOLVED_COLUMN.WITH_SUGGESTION',
    `A column, variable, or function parameter with name \`${name}\` cannot be resolved.${suggestion}`,
  );
};

const malformed = (value: string | undefined, type: string | undefined): SqlFailure =>
  failure(
    'CAST_INVALID_INPUT',
    `The value '${value}' of the type "STRING" cannot be cast to "${type}" because it is malformed.`,
  );

const outOfRange = (value: string | undefined, type: string | undefined): SqlFailure =>
  failure('NUMERIC_VALUE_OUT_OF_RANGE', `The value ${value} cannot be represented as ${type}.`);

const translations: readonly Translation[] = [
  {
    pattern: /\[([A-Z_.]+)\] (.*?) SQLSTATE: (\w{5})/s,
    to: ([text = '', errorClass = '', , sqlState]) => new SqlFailure(text, { errorClass, sqlState }),
  },
  {
    pattern: /[Ww]rite-write conflict|Transaction conflict|Conflict on/,
    to: () =>
      failure(
        'DELTA_CONCURRENT_WRITE',
        'A concurrent transaction has written new data since the current transaction read the table. Please try the operation again.',
      ),
  },
  {
    pattern: /NOT NULL constraint failed: \S+?\.(\S+)/,
    to: ([, column]) =>
      failure('DELTA_NOT_NULL_CONSTRAINT_VIOLATED', `NOT NULL constraint violated for column: ${column}.`),
  },
  {
    pattern: /Referenced column "([^"]+)" (?:was )?not found/,
    to: ([, name], message) => unresolved(name, message),
  },
  {
    pattern: /"([^"]+)" does not have a column named "([^"]+)"/,
    to: ([, table, name], message) => unresolved(`${table}\`.\`${name}`, message),
  },
  { pattern: /Referenced table "([^"]+)" not found/, to: ([, name], message) => unresolved(name, message) },
  {
    pattern: /Could not convert string ["'](.*?)["'] to (\S+)/s,
    to: ([, value, type]) => (numeric.test(value ?? '') ? outOfRange(value, type) : malformed(value, type)),
  },
  { pattern: /Casting value "(.*?)" to type (\S+) failed/, to: ([, value, type]) => outOfRange(value, type) },
  {
    pattern: /with value (\S+) can't be cast .* destination type (\S+)/,
    to: ([, value, type]) => outOfRange(value, type),
  },
  {
    pattern: /(date|timestamp) field (?:value out of range|format)[^"]*"([^"]*)"/i,
    to: ([, type, value]) => malformed(value, type?.toUpperCase()),
  },
  {
    pattern: /Overflow in .*|Out of Range Error: (.*)/,
    to: ([text]) => failure('NUMERIC_VALUE_OUT_OF_RANGE', `${text}.`),
  },
  {
    pattern: /Malformed JSON in file "([^"]+)"|CSV Error on Line/,
    to: ([text]) =>
      failure('MALFORMED_RECORD_IN_PARSING', `Malformed records are detected in record parsing: ${text}`),
  },
  {
    pattern: /Cannot (?:compare|mix) values of type (.+?) (?:and|in)/,
    to: ([text]) =>
      failure(
        'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES',
        `The left and right operands of the binary operator have incompatible types: ${text}.`,
      ),
  },
  {
    pattern: /Unimplemented type for cast \((\S+) -> (\S+)\)/,
    to: ([, from, type]) =>
      failure('DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION', `Cannot cast "${from}" to "${type}".`),
  },
];

/** Any failure of the engine as a Databricks failure; what has no counterpart becomes INTERNAL_ERROR with the engine's text. */
export function fromEngineError(error: unknown): SqlFailure {
  if (error instanceof SqlFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const { pattern, to } of translations) {
    const found = pattern.exec(message);
    if (found) return to(found, message);
  }
  return failure('INTERNAL_ERROR', message.slice(0, 2000));
}
