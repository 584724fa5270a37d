// Every behaviour of Tableau that no primary source confirms, as a named choice; the defaults are the likeliest ones.

export interface Switches {
  /** A session ends so long after sign-in, or so long after its last call (`wgserver.session.idle_limit`). */
  readonly sessionLife: 'absolute' | 'idle';
  /** What a call with an expired or revoked token gets. */
  readonly expiredTokenCode: 401002 | 401000;
  /** A token of one site used on a path of another one. */
  readonly otherSiteStatus: 403 | 401;
  /** A method outside the scopes of a Connected App token. */
  readonly missingScopeStatus: 401 | 403;
  /** `tableau:content:*` and its like cover every scope they match. */
  readonly scopeWildcards: boolean;
  /** `tableau:hyper_data:update` is known to every server, or from 3.27 on as one third-party loader says. */
  readonly hyperDataScopeSince: 'always' | '3.27';
  /** A PAT session may switch to another site. */
  readonly patSwitchesSite: boolean;
  /** Where the reason of a refused Connected App token shows: in the detail of 401001, or nowhere. */
  readonly jwtErrorPlace: 'detail' | 'nowhere';
  /** Which scalars of JSON bodies are strings. */
  readonly jsonStrings: 'numbers' | 'numbers and booleans' | 'none';
  /** Status of a stored chunk: 200 in Tableau's samples, 201 in its simulator. */
  readonly chunkStatus: 200 | 201;
  /** The first `sequenceID`. */
  readonly firstSequence: 1 | 0;
  /** An upload session can be committed once only. */
  readonly uploadConsumed: boolean;
  /** Status of a publish with `asJob=true`. */
  readonly publishJobStatus: 202 | 201;
  /** The answer to such a publish already carries `finishCode="1"` (seen) although nothing has run. */
  readonly freshPublishFinishCode: boolean;
  /** `append=true` without such a source. */
  readonly appendToMissingStatus: 400 | 404;
  /** `replace=true`: new rows under the same metadata, or a parameter that does not exist. */
  readonly replaceParameter: 'rows' | 'unknown';
  /** Code of a file whose tables are no star of exactly one fact. */
  readonly factTableCode: 400000 | 400011;
  /** Name of the table inside a published Parquet file: "Extract"."Extract", or after the file in "public". */
  readonly parquetTable: 'Extract' | 'file name';
  /** Parquet is taken with `append=true`. */
  readonly parquetAppend: boolean;
  /** The answer to a RequestID that was used before: the first one's job, or a conflict. */
  readonly duplicateRequest: 'job' | 'conflict';
  readonly updateJobType: 'UpdateUploadedFile' | 'updateUploadedFile';
  /** Largest payload of a Hyper update: 100 MB since 2024, 10 MB before. */
  readonly payloadCapMegabytes: number;
  /** A Hyper update takes a Parquet payload. */
  readonly parquetPayload: boolean;
  /** Actions on a file with a single schema may leave the schema out. */
  readonly schemaMayBeOmitted: boolean;
  /** Source columns that the target does not have. */
  readonly unknownColumns: 'fail' | 'ignore';
  /** Several source rows for one target row: the engine takes any of them, or the job fails. */
  readonly repeatedMatches: 'any' | 'fail';
  /** Conditions of upsert and delete with a source take operators besides `eq`. */
  readonly otherOperators: boolean;
  /** A Hyper update counts towards the 600 publishes per hour of a Cloud site. */
  readonly updatesCountAsPublishes: boolean;
  /** Somebody who is no administrator may read a job he started. */
  readonly ownJobsReadable: boolean;
  /** The answer for a completed job that was purged. */
  readonly purgedJobCode: 404008 | 400031;
  /** 429 carries Retry-After. */
  readonly retryAfterHeader: boolean;
  /** Refreshing what has no refreshable extract. */
  readonly notRefreshableCode: 409090 | 400000;
  /** `writeable` of projects under `fields=_all_`: from this version on, or never. */
  readonly writeableSince: '3.25' | 'never';
  /** Cloud's endpoints on Server and the other way round. */
  readonly wrongKindStatus: 404 | 405;
  readonly tooLargeCode: 413000 | 413001;
  /** Folder of the .hyper file below `Data/` in a downloaded .tdsx. */
  readonly contentFolder: 'Extracts' | 'Datasources';
}

export const likeliest: Switches = {
  sessionLife: 'absolute',
  expiredTokenCode: 401002,
  otherSiteStatus: 403,
  missingScopeStatus: 401,
  scopeWildcards: true,
  hyperDataScopeSince: 'always',
  patSwitchesSite: true,
  jwtErrorPlace: 'detail',
  jsonStrings: 'numbers',
  chunkStatus: 200,
  firstSequence: 1,
  uploadConsumed: true,
  publishJobStatus: 202,
  freshPublishFinishCode: true,
  appendToMissingStatus: 404,
  replaceParameter: 'rows',
  factTableCode: 400011,
  parquetTable: 'Extract',
  parquetAppend: false,
  duplicateRequest: 'job',
  updateJobType: 'UpdateUploadedFile',
  payloadCapMegabytes: 100,
  parquetPayload: false,
  schemaMayBeOmitted: true,
  unknownColumns: 'fail',
  repeatedMatches: 'any',
  otherOperators: true,
  updatesCountAsPublishes: true,
  ownJobsReadable: true,
  purgedJobCode: 404008,
  retryAfterHeader: false,
  notRefreshableCode: 409090,
  writeableSince: '3.25',
  wrongKindStatus: 404,
  tooLargeCode: 413000,
  contentFolder: 'Extracts',
};
