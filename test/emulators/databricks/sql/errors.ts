// SQL failures as Databricks words them: an error class, a sentence, an SQLSTATE, and where in the text.

/** SQLSTATE of every class the emulator raises (databricks.md 4.7; those of Spark's error-conditions.json otherwise). */
const sqlStates = {
  CAST_INVALID_INPUT: '22018',
  CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE: '42000',
  COLUMN_NOT_FOUND: '42703',
  CONSTRAINT_ALREADY_EXISTS: '42710',
  'DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION': '42K09',
  DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED: '0A000',
  DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS: '54000',
  DELTA_COLUMN_NOT_FOUND: '42703',
  DELTA_CONCURRENT_WRITE: '2D521',
  DELTA_DUPLICATE_COLUMNS_FOUND: '42711',
  DELTA_EXCEED_CHAR_VARCHAR_LIMIT: '22001',
  DELTA_FAILED_TO_MERGE_FIELDS: '22005',
  DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES: '42K05',
  DELTA_MISSING_DELTA_TABLE_COPY_INTO: '42P01',
  DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE: '21506',
  DELTA_NOT_NULL_CONSTRAINT_VIOLATED: '23502',
  DELTA_REPLACE_WHERE_MISMATCH: '44000',
  DELTA_UNKNOWN_CONFIGURATION: 'F0000',
  DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP: '0AKDC',
  DELTA_UNSUPPORTED_DROP_COLUMN: '0AKDC',
  DELTA_UNSUPPORTED_RENAME_COLUMN: '0AKDC',
  'DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES': '42K09',
  DELTA_ADD_COLUMN_NOT_NULL: '42000',
  DIVIDE_BY_ZERO: '22012',
  EXPECT_TABLE_NOT_VIEW: '42809',
  FIELD_ALREADY_EXISTS: '42710',
  'INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS': 'KD000',
  'INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS': '21S01',
  'INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS': '21S01',
  INSUFFICIENT_PERMISSIONS: '42501',
  INTERNAL_ERROR: 'XX000',
  INVALID_NAME: '42602',
  INVALID_PARAMETER_VALUE: '22023',
  MALFORMED_RECORD_IN_PARSING: '22023',
  NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION: '42613',
  NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION: '42613',
  NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION: '42613',
  NO_SUCH_CATALOG_EXCEPTION: '42704',
  NUMERIC_VALUE_OUT_OF_RANGE: '22003',
  PARQUET_TYPE_ILLEGAL: '42846',
  PARSE_SYNTAX_ERROR: '42601',
  PATH_NOT_FOUND: '42K03',
  SCHEMA_ALREADY_EXISTS: '42P06',
  SCHEMA_NOT_FOUND: '42704',
  TABLE_OR_VIEW_ALREADY_EXISTS: '42P07',
  TABLE_OR_VIEW_NOT_FOUND: '42P01',
  UNABLE_TO_INFER_SCHEMA: '42KD9',
  UNBOUND_SQL_PARAMETER: '42P02',
  'UNRESOLVED_COLUMN.WITH_SUGGESTION': '42703',
  UNRESOLVED_ROUTINE: '42883',
  UNSUPPORTED_DATATYPE: '0A000',
  VOLUME_ALREADY_EXISTS: '42000',
  'WRONG_NUM_ARGS.WITHOUT_SUGGESTION': '42605',
} as const;

export type ErrorClass = keyof typeof sqlStates;

/** A statement that failed while it ran. `code` is the API's own error code, BAD_REQUEST for everything SQL. */
export class SqlFailure extends Error {
  readonly errorClass: string;
  readonly sqlState: string | undefined;
  readonly code: string;

  constructor(message: string, about: { errorClass: string; sqlState?: string | undefined; code?: string }) {
    super(message);
    this.errorClass = about.errorClass;
    this.sqlState = about.sqlState;
    this.code = about.code ?? 'BAD_REQUEST';
  }
}

/** `[CLASS] text SQLSTATE: xxxxx`. `where` is text after the SQLSTATE, such as a position. */
export function failure(errorClass: ErrorClass, text: string, where = ''): SqlFailure {
  const sqlState = sqlStates[errorClass];
  return new SqlFailure(`[${errorClass}] ${text} SQLSTATE: ${sqlState}${where}`, { errorClass, sqlState });
}

/** The SQL that raises `failure(errorClass, text)` from inside the engine; `text` is an SQL expression of type VARCHAR. */
export function raise(errorClass: ErrorClass, text: string): string {
  return `error('[${errorClass}] ' || ${text} || ' SQLSTATE: ${sqlStates[errorClass]}')`;
}
