// Every behaviour of Looker that no primary source confirms, as a named choice; the defaults are the likeliest ones.

export interface Switches {
  /** The word before the token is taken in any case. */
  readonly authorizationAnyCase: boolean;
  /** Credentials in the query of POST /login still work (deprecated "before the end of 2026"). */
  readonly loginInQuery: boolean;
  /** `GET /users/{id}/roles` shows a user without rights over users its own roles. */
  readonly ownRolesVisible: boolean;
  /** Calls beyond the monthly quota are refused with 429, or only counted. */
  readonly quotaEnforced: boolean;
  /** 429 carries Retry-After. */
  readonly retryAfter: boolean;
  /** A statement that fails in `json` formats: 200 with a row `looker_error`, or 400. */
  readonly sqlErrorInJson: 'row' | '400';
  /** Result of a statement without a result set: no rows, a row that confirms it, or the error of drivers that insist on rows. */
  readonly withoutResultSet: 'empty' | 'message' | 'error';
  /** Rows that SQL Runner answers over the API: the 5,000 of its page, or all. */
  readonly sqlRunnerRowLimit: number | undefined;
  /** The documented 65,535 characters of SQL Runner hold for the API as well. */
  readonly statementLimit: number | undefined;
  /** `{{ }}` and `{% %}` in raw SQL are taken as Liquid (and refused here), or passed on. */
  readonly liquidInSql: 'refused' | 'passed';
  /** Running the same text again answers what it answered before, for as long as the cache lives. */
  readonly sqlRunnerCache: boolean;
  /** Creating the same SQL query again gives its slug back. */
  readonly sqlSlugReuse: boolean;
  /** Looker puts a comment with its context before each statement. */
  readonly contextComment: boolean;
  /** Rows of a query that names no limit. */
  readonly defaultRowLimit: number;
  /** The key of a pivot value that is NULL. */
  readonly nullPivotKey: string;
  /** The value of `apply_formatting` where the call names none. */
  readonly applyFormatting: boolean;
  /** Answer to a query on a model that is not configured: 404, or 200 with a row `looker_error`. */
  readonly unconfiguredModel: '404' | 'row';
  /** `always_filter` and `conditionally_filter` apply to queries of the API that name no filter on the field. */
  readonly alwaysFilterByApi: boolean;
  /** The undocumented endpoints that create, change and delete project files are there. */
  readonly fileEndpoints: boolean;
  /** The undocumented endpoints for directories (26.2 and later) are there. */
  readonly directoryEndpoints: boolean;
  /** `deploy_ref_to_production` works only with advanced deploy mode (`git_release_mgmt_enabled`). */
  readonly deployRefNeedsAdvancedMode: boolean;
  /** Answer to a webhook without the right secret. */
  readonly webhookRefusal: 'not found' | 'error object';
  /** Status of a datagroup time in the future. */
  readonly futureTimeStatus: 422 | 400;
  /** How a plan names its datagroup. */
  readonly planDatagroup: 'model::name' | 'either';
  /** Connection tests can end in "warning". */
  readonly testWarnings: boolean;
  /** `dialect_name` of PostgreSQL. */
  readonly postgresDialect: string;
}

export const likeliest: Switches = {
  authorizationAnyCase: true,
  loginInQuery: true,
  ownRolesVisible: false,
  quotaEnforced: true,
  retryAfter: false,
  sqlErrorInJson: 'row',
  withoutResultSet: 'empty',
  sqlRunnerRowLimit: 5000,
  statementLimit: 65_535,
  liquidInSql: 'refused',
  sqlRunnerCache: true,
  sqlSlugReuse: true,
  contextComment: true,
  defaultRowLimit: 5000,
  nullPivotKey: 'null',
  applyFormatting: false,
  unconfiguredModel: '404',
  alwaysFilterByApi: true,
  fileEndpoints: false,
  directoryEndpoints: false,
  deployRefNeedsAdvancedMode: false,
  webhookRefusal: 'not found',
  futureTimeStatus: 422,
  planDatagroup: 'either',
  testWarnings: false,
  postgresDialect: 'postgres',
};
