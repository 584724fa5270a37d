// Every behaviour of QuickBooks Online that no official page settles, as a named switch; the defaults are the likelier ones.

export interface QuickbooksSwitches {
  /** How long a superseded refresh token still works: Intuit's pages say both. */
  readonly oldRefreshToken: 'dies at once' | 'works for 24 hours';
  /** After how many hours a refresh returns a new refresh token string; 0 rotates every time. */
  readonly rotateAfterHours: number;
  /** Is the use of a superseded refresh token taken for theft, so that the whole consent ends? */
  readonly reuseRevokes: boolean;
  /** `x_refresh_token_expires_in` of an answer: 100 days as documented, 101 as seen. */
  readonly refreshTokenDays: 100 | 101;
  /** Does `invalid_grant` come with an error_description? */
  readonly grantDescriptions: boolean;
  /** What the consent page does: waits for a person, or decides by itself. */
  readonly consent: 'page' | 'allow' | 'deny';
  /** Status of API calls with a token whose company was disconnected. */
  readonly disconnectedStatus: 401 | 403;
  /** Status of API calls for a realm the token does not belong to. */
  readonly wrongRealmStatus: 403 | 404;
  /** What comes without an Accept header. */
  readonly defaultRepresentation: 'xml' | 'json';
  /** Casing of gateway faults (sign-in, throttle). */
  readonly gatewayCasing: 'lower' | 'upper';
  /** Are gateway codes padded with zeros ("003200")? */
  readonly paddedCodes: boolean;
  /** Status of a throttled call: 429 today, 403 with the same code in older answers. */
  readonly throttleStatus: 429 | 403;
  /** Does a batch of n queries count as one metered read or as n? */
  readonly batchCounts: 'one read' | 'one read per item';
  /** MAXRESULTS above 1000. */
  readonly maxResultsAboveCap: 'clamped' | 'rejected';
  /** STARTPOSITION 0: two peers send it and live. */
  readonly startPositionZero: 'tolerated' | 'rejected';
  /** Are Ids in WHERE compared as numbers or as text? */
  readonly idComparison: 'numeric' | 'text';
  /** Are Ids in ORDERBY sorted as numbers or as text? */
  readonly idOrder: 'numeric' | 'text';
  /** Transactions without ORDERBY: newest LastUpdatedTime first, or Id descending. */
  readonly defaultOrder: 'newest first' | 'id descending';
  /** Code of a query for an entity that does not exist. */
  readonly unknownEntityCode: '4000' | '2000';
  /** May a statement name properties instead of `*`? The grammar on record knows `*` and COUNT(*) only. */
  readonly projections: boolean;
  /** What totalCount of a page counts, where it appears. */
  readonly totalCount: 'rows of the page' | 'all matches';
  /** Do batches run CDCQuery and ReportQuery items? The schema has them; REST support is unconfirmed. */
  readonly batchCdcAndReports: boolean;
  /** changedSince more than 30 days ago. */
  readonly cdcTooOld: 'fault' | 'silently cut to 30 days';
  /** Is a record changed at changedSince itself part of the answer? */
  readonly cdcSince: 'inclusive' | 'exclusive';
  /** What the cap of 1000 objects is counted over. */
  readonly cdcCap: 'per call' | 'per entity';
  /** Which changes survive when there are more than the cap. */
  readonly cdcKeeps: 'newest' | 'oldest';
  /** totalCount of an element that was cut. */
  readonly cdcTotalCount: 'shown' | 'all';
  /** Do tombstones carry MetaData.LastUpdatedTime? Docs say yes, a live sample says no. */
  readonly tombstoneMetaData: boolean;
  /** Order of the elements. */
  readonly cdcElements: 'shuffled' | 'as asked';
  /** CDC also repeats some records in an older image, and not in order. */
  readonly cdcDuplicates: boolean;
  /** Are ExchangeRate, RecurringTransaction, CompanyInfo and Preferences served by CDC? */
  readonly cdcRareEntities: 'refused' | 'served';
  /** Do postings move the LastUpdatedTime of customers, vendors, accounts and stocked items? Seen live. */
  readonly propagation: boolean;
  /** Does that also count up their SyncToken? */
  readonly propagationMovesSyncToken: boolean;
  /** References carry the name of today, or the id alone (name is optional). */
  readonly refNames: 'live' | 'none';
  /** Sign of Account.CurrentBalance of liabilities and equity. */
  readonly creditBalances: 'negative' | 'positive';
  /** Are some sales lines wrapped in a bundle (GroupLineDetail)? */
  readonly bundles: boolean;
  /** Report engine; `testing_migration` in the query asks for the modern one. */
  readonly reportEngine: 'classic' | 'modern';
  /** Do columns of reports carry their ColKey? Older summary reports are seen without. */
  readonly reportColKeys: boolean;
  /** Entities the plan (5030) or the user's role (5020) does not open. */
  readonly forbidden: Readonly<Record<string, '5020' | '5030'>>;
  /** What deactivating a list row raises. */
  readonly deactivationEvent: 'Delete' | 'Update';
  /** Are answers compressed for clients that accept gzip? */
  readonly gzip: boolean;
}

export const DEFAULT_SWITCHES: QuickbooksSwitches = {
  oldRefreshToken: 'dies at once',
  rotateAfterHours: 24,
  reuseRevokes: false,
  refreshTokenDays: 101,
  grantDescriptions: false,
  consent: 'page',
  disconnectedStatus: 401,
  wrongRealmStatus: 403,
  defaultRepresentation: 'xml',
  gatewayCasing: 'lower',
  paddedCodes: false,
  throttleStatus: 429,
  batchCounts: 'one read',
  maxResultsAboveCap: 'clamped',
  startPositionZero: 'tolerated',
  idComparison: 'numeric',
  idOrder: 'numeric',
  defaultOrder: 'newest first',
  unknownEntityCode: '4000',
  projections: false,
  totalCount: 'rows of the page',
  batchCdcAndReports: false,
  cdcTooOld: 'fault',
  cdcSince: 'inclusive',
  cdcCap: 'per call',
  cdcKeeps: 'newest',
  cdcTotalCount: 'shown',
  tombstoneMetaData: false,
  cdcElements: 'shuffled',
  cdcDuplicates: false,
  cdcRareEntities: 'refused',
  propagation: true,
  propagationMovesSyncToken: false,
  refNames: 'live',
  creditBalances: 'negative',
  bundles: true,
  reportEngine: 'classic',
  reportColKeys: true,
  forbidden: {},
  deactivationEvent: 'Update',
  gzip: true,
};
