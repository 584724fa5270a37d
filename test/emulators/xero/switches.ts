// Every behaviour of Xero that no official page settles, as a named switch; the defaults are the likelier ones.

export interface XeroSwitches {
  /** Does If-Modified-Since return a record changed at that very second? */
  readonly modifiedSince: 'inclusive' | 'exclusive';
  /** Do unfiltered lists show rows whose Status is DELETED? By-id reads always do. */
  readonly deletedInLists: boolean;
  /** Status of `invalid_client` at the token endpoint; identity servers commonly use either. */
  readonly invalidClientStatus: 400 | 401;
  /** May the app use the deprecated broad scopes? Apps made after March 2026 may not. */
  readonly broadScopes: boolean;
  /** What asking for a scope the app may not have is called. */
  readonly refusedScope: 'invalid_scope' | 'unauthorized_client';
  /** How a refused or faulty authorize request ends: back at the redirect URI with ?error=, or on an error page. */
  readonly authorizeErrors: 'redirect' | 'page';
  /** What the consent page does: waits for a person, or decides by itself. */
  readonly consent: 'page' | 'allow' | 'deny';
  /** Scopes of a client_credentials token asked for without `scope`: every scope of the app, or none. */
  readonly customConnectionScopes: 'all' | 'none';
  /** Are ExpenseClaims and Receipts covered by granular scopes, or by the broad ones only? */
  readonly classicExpensesScopes: 'granular' | 'broad';
  /** May the app read Journals? Only Advanced tier apps with an approved use case may. */
  readonly journals: boolean;
  /** Are cash-basis journals (paymentsOnly) numbered like the accrual ones, or 1, 2, 3 by themselves? */
  readonly paymentsOnlyNumbering: 'shared' | 'own';
  /** /Employees left the specification: what the endpoint answers. */
  readonly employees: 404 | 410 | 'served';
  /** X-Rate-Limit-Problem of the app-wide limit. */
  readonly appLimitProblem: 'appminute' | 'app';
  /** Spelling of the other problems: today's, or the old capitalised one. */
  readonly rateLimitProblems: 'lowercase' | 'capitalised';
  /** Body of a 404. */
  readonly notFound: 'text' | 'problem';
  /** The error code in WWW-Authenticate when a scope is missing: as in RFC 6750, or as Xero's page prints it. */
  readonly insufficientScope: 'insufficient_scope' | 'insufficent_scope';
  /** Is the 100,000 document guard on, and does If-Modified-Since narrow what it counts? */
  readonly highVolumeGuard: 'narrowed by If-Modified-Since' | 'counts everything' | 'off';
  /** Do lists beyond half of the guard carry a Warnings array? */
  readonly highVolumeWarnings: boolean;
  /** Quotes: is pageSize honoured, or always 100? The specification does not list it. */
  readonly quotesPageSize: 'honoured' | 'ignored';
  /** Does pageSize without page switch paging on? */
  readonly pageSizeAlonePages: boolean;
  /** ManualJournals with `order` returns every record instead of a page. */
  readonly manualJournalsOrderBug: boolean;
  /** Largest `periods` of ProfitAndLoss: the page says 11, the specification 12. */
  readonly profitAndLossPeriods: 11 | 12;
  /** New connections may read without minute and day limits for 30 minutes (Plus tier and up). */
  readonly rapidSync: boolean;
  /** Endpoints the connecting user's role may not read, answered with 403: e.g. ["ManualJournals", "Journals"]. */
  readonly forbidden: readonly string[];
  /** Are answers compressed when the client accepts gzip? */
  readonly gzip: boolean;
  /** Is JSON indented with CRLF, as seen on the wire? Off, because laying out large pages is slow. */
  readonly pretty: boolean;
  /** Are the slashes of dates escaped (\/Date(...)\/), as seen on the wire? */
  readonly escapedSlashes: boolean;
  /** Webhooks: eventType as UPDATE, or as Update. */
  readonly webhookCase: 'upper' | 'title';
  /** Webhooks: does resourceUrl end with the id? */
  readonly webhookUrlWithId: boolean;
  /** Webhooks: does paying an invoice fire an INVOICE UPDATE? */
  readonly paymentFiresInvoice: boolean;
}

export const DEFAULT_SWITCHES: XeroSwitches = {
  modifiedSince: 'inclusive',
  deletedInLists: true,
  invalidClientStatus: 400,
  broadScopes: false,
  refusedScope: 'invalid_scope',
  authorizeErrors: 'redirect',
  consent: 'page',
  customConnectionScopes: 'all',
  classicExpensesScopes: 'granular',
  journals: false,
  paymentsOnlyNumbering: 'shared',
  employees: 404,
  appLimitProblem: 'appminute',
  rateLimitProblems: 'lowercase',
  notFound: 'text',
  insufficientScope: 'insufficient_scope',
  highVolumeGuard: 'narrowed by If-Modified-Since',
  highVolumeWarnings: false,
  quotesPageSize: 'honoured',
  pageSizeAlonePages: false,
  manualJournalsOrderBug: true,
  profitAndLossPeriods: 11,
  rapidSync: false,
  forbidden: [],
  gzip: true,
  pretty: false,
  escapedSlashes: true,
  webhookCase: 'upper',
  webhookUrlWithId: true,
  paymentFiresInvoice: true,
};
