// Every behaviour of Power BI and OneLake that no primary source confirms, as a named choice; the defaults are the likeliest ones.

export interface Switches {
  /** Status of AADSTS7000222, an expired secret. */
  readonly expiredSecretStatus: 400 | 401;
  /** Status of AADSTS7000216 and 7000218, a secret missing from the request. */
  readonly missingSecretStatus: 400 | 401;
  /** Status of AADSTS700016, an application the tenant does not know. */
  readonly unknownApplicationStatus: 400 | 401;
  /** Status of AADSTS90002, a tenant nobody knows. */
  readonly unknownTenantStatus: 400 | 404;
  /** The Fabric API takes tokens for Power BI too, or only its own. */
  readonly fabricTakesPowerBiTokens: boolean;
  /** Status of a create: 201, or 202 as also documented. */
  readonly createStatus: 201 | 202;
  /** The answer to a create carries `addRowsAPIEnabled` and its like, or three fields only. */
  readonly createAnswer: 'short' | 'full';
  /** Milliseconds until a new dataset shows up in the list of datasets. It answers to its id at once. */
  readonly listedAfter: number;
  /** Creation of push datasets: until 31 October 2027, for ever, or not at all. */
  readonly creation: 'until 31 October 2027' | 'open' | 'closed';
  /** Status of FeatureDeprecatedError. */
  readonly featureDeprecatedStatus: 400 | 403;
  /** A table called exactly `Date` is refused, or taken. */
  readonly tableCalledDate: 'refused' | 'accepted';
  /** GET tables answers names alone, or the definitions. */
  readonly tablesAnswer: 'names' | 'definitions';
  /** The table in a URL is told apart by case. */
  readonly caseSensitiveTables: boolean;
  /** Status of ItemNotFound. */
  readonly itemNotFoundStatus: 400 | 404;
  /** Envelope of an unknown dataset, workspace or report. */
  readonly notFoundEnvelope: 'A' | 'B';
  /** A populated column that a new schema leaves out: dropped with its values, kept all the same, or refused. */
  readonly droppedColumn: 'dropped' | 'kept' | 'refused';
  /** A populated column under a new type: values converted where they can be, all blank, or refused. */
  readonly retypedColumn: 'converted' | 'blank' | 'refused';
  /** Measures that a new schema leaves out. */
  readonly omittedMeasures: 'removed' | 'kept';
  /** Status of more than 10,000 rows in one request. */
  readonly tooManyRowsStatus: 400 | 413;
  /** Code of a row that does not fit its table. */
  readonly rowErrorCode: 'BadRequest' | 'InvalidRequest';
  /** A string of more than 4,000 characters: refused, or cut. */
  readonly longString: 'refused' | 'cut';
  /** Column types that take no null. */
  readonly typesWithoutNull: readonly ('Int64' | 'Double' | 'Decimal' | 'Boolean' | 'Datetime' | 'String')[];
  /** Numbers and booleans sent as text: refused, or read. */
  readonly numbersAsText: 'refused' | 'accepted';
  /** Decimal columns keep the digits of the JSON number, or the 15 that survive a double. */
  readonly decimalDigits: 'all' | '15';
  /** A second row with a key that relationships point at: refused when it is posted, or by every query. */
  readonly duplicateKeys: 'refused' | 'query fails';
  /** Status of rows beyond the five million a table may hold. */
  readonly fullTableStatus: 400 | 403 | 429;
  /** Sequence numbers: stored and readable, stored without an endpoint to read them (404), or the header is not looked at. */
  readonly sequenceNumbers: 'readable' | 'no endpoint' | 'ignored';
  /** Rows under a number that was accepted before: refused, taken for done without storing them, or stored again. */
  readonly repeatedSequence: 'refused' | 'ignored' | 'appended';
  readonly repeatedSequenceStatus: 400 | 409;
  /** Numbers may jump. */
  readonly sequenceGaps: boolean;
  /** DELETE rows forgets the numbers of the table. */
  readonly deleteResetsSequence: boolean;
  /** Licence of the dataset's owner: a free one has 10,000 rows per hour. */
  readonly ownerLicence: 'pro' | 'free';
  /** Quotas count the last hour and minute, or windows that begin with the first request in them. */
  readonly quotaWindow: 'sliding' | 'fixed';
  /** The 120 requests per hour to a large table: those to large tables count, or all of the dataset. */
  readonly largeTableQuota: 'large tables' | 'whole dataset';
  /** Five POSTs in flight are a limit. */
  readonly pendingLimit: boolean;
  /** Milliseconds of emulator time that a POST of rows takes. */
  readonly postTakes: number;
  /** 429 names the wait in Retry-After; without it only in the text. */
  readonly retryAfter: boolean;
  /** Body of a 429 for too many requests: a bare message, or the OData error. */
  readonly throttleEnvelope: 'A' | 'C';
  /** Milliseconds until rows show in queries. */
  readonly visibleAfter: number;
  /** A Contributor may create datasets and push rows. */
  readonly contributorWrites: boolean;
  /** Envelope of a refusal by the tenant's settings. */
  readonly tenantRefusal: 'B' | 'C';
  /** Envelope of a refusal for want of a role. */
  readonly roleRefusal: 'empty' | 'B';
  /** The service principal in the users of its workspace: listed, not listed (it came by a group), or the call is refused. */
  readonly usersCall: 'listed' | 'not listed' | 'refused';
  /** `$filter=id eq '...'` works on workspaces. */
  readonly filterById: boolean;
  /** executeQueries works on push datasets. */
  readonly queriesOnPush: boolean;
  /** COLUMNSTATISTICS() works. */
  readonly columnStatistics: boolean;
  /** Requests with preferClientRouting=true are sent to the home cluster by a 307. */
  readonly homeCluster: 'here' | 'redirect';
  /** A mirrored database is created at once (201), or as a long-running operation (202). */
  readonly itemCreation: 'at once' | 'operation';
  /** Milliseconds that a new mirrored database says Initializing. */
  readonly initialisingTakes: number;
  /** Milliseconds between a file's landing and its rows in the mirror (about 45 s were measured). */
  readonly replicationTakes: number;
  /** An update (`__rowMarker__` 1) of a key that is not there. */
  readonly updateOfMissing: 'ignored' | 'inserted';
  /** A change of keyColumns after the first file: the table fails, or the change is not looked at. */
  readonly changedMetadata: 'fails' | 'ignored';
}

export const likeliest: Switches = {
  expiredSecretStatus: 401,
  missingSecretStatus: 401,
  unknownApplicationStatus: 400,
  unknownTenantStatus: 400,
  fabricTakesPowerBiTokens: false,
  createStatus: 201,
  createAnswer: 'short',
  listedAfter: 0,
  creation: 'until 31 October 2027',
  featureDeprecatedStatus: 400,
  tableCalledDate: 'refused',
  tablesAnswer: 'names',
  caseSensitiveTables: true,
  itemNotFoundStatus: 404,
  notFoundEnvelope: 'B',
  droppedColumn: 'dropped',
  retypedColumn: 'converted',
  omittedMeasures: 'removed',
  tooManyRowsStatus: 400,
  rowErrorCode: 'BadRequest',
  longString: 'refused',
  typesWithoutNull: [],
  numbersAsText: 'refused',
  decimalDigits: 'all',
  duplicateKeys: 'refused',
  fullTableStatus: 400,
  sequenceNumbers: 'readable',
  repeatedSequence: 'refused',
  repeatedSequenceStatus: 400,
  sequenceGaps: true,
  deleteResetsSequence: false,
  ownerLicence: 'pro',
  quotaWindow: 'sliding',
  largeTableQuota: 'large tables',
  pendingLimit: true,
  postTakes: 0,
  retryAfter: true,
  throttleEnvelope: 'C',
  visibleAfter: 0,
  contributorWrites: true,
  tenantRefusal: 'B',
  roleRefusal: 'empty',
  usersCall: 'listed',
  filterById: true,
  queriesOnPush: true,
  columnStatistics: true,
  homeCluster: 'here',
  itemCreation: 'at once',
  initialisingTakes: 5_000,
  replicationTakes: 45_000,
  updateOfMissing: 'ignored',
  changedMetadata: 'fails',
};
