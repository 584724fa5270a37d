// Every behaviour of Databricks that no primary source confirms, as a named choice; the defaults are the likeliest ones.

export interface Switches {
  /** Status of a successful file PUT: 204 in the SDK's fakes, never documented. */
  readonly filePutStatus: 200 | 201 | 204;
  /** PUT without `overwrite`: the SDK documentation says it overwrites, older pages that it refuses. */
  readonly putOverwritesByDefault: boolean;
  /** HEAD on the root of a volume that holds nothing answers 404 although the volume exists (seen, not documented). */
  readonly emptyVolumeHead404: boolean;
  /** Uploads are counted and dropped instead of written to disk; only sensible with `execute: false`. */
  readonly discardUploads: boolean;
  /** `status.sql_state` is filled on FAILED (2025 and later) or only present inside the message (2024 recordings). */
  readonly sqlStateField: boolean;
  /** Columns of a MERGE result: four counts, the total alone, or none. */
  readonly mergeResult: 'counts' | 'total' | 'none';
  /** Columns of a COPY INTO result: with or without the count of skipped corrupt files. */
  readonly copyResult: 'counts' | 'rows';
  /** `data_array` of a result without rows: left out, as protobuf's JSON does, or empty. */
  readonly emptyDataArray: 'absent' | 'present';
  /** BINARY values in results: hexadecimal (Python driver) or base64. */
  readonly binaryText: 'hex' | 'base64';
  /** `expires_in` of a token as a JSON number, or as numeric text (some gateways). */
  readonly expiresIn: 'number' | 'text';
  /** Status of a refused client: 401, or 400 as also seen. */
  readonly invalidClientStatus: 400 | 401;
  /** A trailing `;` after the one statement: accepted over Thrift, never confirmed over this API. */
  readonly trailingSemicolon: boolean;
  /** Several statements in one text: executed to a parse failure, or refused with HTTP 400. */
  readonly severalStatements: 'failed' | 'refused';
  /** `BEGIN stmt; stmt; END` is taken as one statement. */
  readonly sqlScripts: boolean;
  /** `'a''b'` is a quote inside one literal (newer engines), or two literals that concatenate to `ab`. */
  readonly doubledQuote: 'quote' | 'concatenate';
  /** `INSERT ... BY NAME REPLACE WHERE` is known on warehouses (documented for clusters from 18.0 on). */
  readonly byNameReplaceWhere: boolean;
  /** The duplicate check of MERGE looks at the conditions of WHEN MATCHED as well as at ON (16.0 on), or at ON alone. */
  readonly mergeDuplicates: 'on and conditions' | 'on alone';
  /** read_files with `schema` still adds `_rescued_data`. */
  readonly rescuedDataWithSchema: boolean;
  /** read_files turns `name=value` directories into columns. */
  readonly partitionColumns: boolean;
  /** A primary key over a nullable column makes it NOT NULL, instead of failing. */
  readonly primaryKeyMakesNotNull: boolean;
  /** Status of creating a schema or volume that is there already. */
  readonly alreadyExistsStatus: 400 | 409;
  /** `type_text` of Unity Catalog columns: `decimal(38,10)`, or upper case as in result manifests. */
  readonly catalogTypeCase: 'lower' | 'upper';
  /** `delta.autoOptimize.*` is refused (serverless), or accepted (classic). */
  readonly refusesAutoOptimize: boolean;
  /** Casting zoned text to TIMESTAMP_NTZ drops the zone, or fails. */
  readonly zonedTextAsNtz: 'drop' | 'fail';
}

export const likeliest: Switches = {
  filePutStatus: 204,
  putOverwritesByDefault: true,
  emptyVolumeHead404: true,
  discardUploads: false,
  sqlStateField: true,
  mergeResult: 'counts',
  copyResult: 'counts',
  emptyDataArray: 'absent',
  binaryText: 'hex',
  expiresIn: 'number',
  invalidClientStatus: 401,
  trailingSemicolon: true,
  severalStatements: 'failed',
  sqlScripts: true,
  doubledQuote: 'quote',
  byNameReplaceWhere: true,
  mergeDuplicates: 'on and conditions',
  rescuedDataWithSchema: false,
  partitionColumns: true,
  primaryKeyMakesNotNull: false,
  alreadyExistsStatus: 409,
  catalogTypeCase: 'lower',
  refusesAutoOptimize: true,
  zonedTextAsNtz: 'drop',
};
