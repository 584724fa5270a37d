// What a statement to QuickBooks may look like: the grammar of its query language, its limits, and its quirks by entity.

type Problems = readonly string[];

/** Lists that hide inactive rows unless the statement names `Active`; elsewhere the field is refused. */
const INACTIVE =
  'Account Budget Class Customer Department Employee Item PaymentMethod TaxCode TaxRate Term Vendor'.split(
    ' ',
  );
/** https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries */
const PAGE = 1_000;
/** The longest address that any server is known to take for sure; a GET carries its statement in it. */
const LONGEST = 8_000;

const STATEMENT =
  /^SELECT (\*|COUNT\(\*\)) FROM ([A-Z][A-Za-z]+)(?: WHERE (.+?))?(?: ORDERBY ([\w.]+) (ASC|DESC))?(?: STARTPOSITION (\d+))?(?: MAXRESULTS (\d+))?$/;
const CONDITIONS: readonly RegExp[] = [
  /^Active IN \(true,false\)$/,
  /^MetaData\.LastUpdatedTime >= '\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})'$/,
  /^Id IN \('(?:[^'\\]|\\.)+'(?:,'(?:[^'\\]|\\.)+')*\)$/,
];

/** What is wrong with it; nothing for a statement that every edition and country takes. */
export function judgeStatement(statement: string): Problems {
  const parts = STATEMENT.exec(statement);
  if (!parts) return [`"${statement.slice(0, 120)}" breaks the grammar`];
  const [, what, entity = '', where, order, , start, most] = parts;
  const conditions = where?.split(' AND ') ?? [];
  const unknown = conditions.filter((one) => !CONDITIONS.some((pattern) => pattern.test(one)));
  const asksActive = conditions.some((one) => one.startsWith('Active'));
  return [
    ...unknown.map((one) => `the condition "${one.slice(0, 80)}" is not of the known kinds`),
    ...(asksActive && !INACTIVE.includes(entity) ? [`${entity} has no Active to ask for`] : []),
    ...(!asksActive && INACTIVE.includes(entity) ? [`inactive rows of ${entity} stay hidden`] : []),
    ...(start !== undefined && Number(start) < 1 ? ['STARTPOSITION counts from 1'] : []),
    ...(most !== undefined && (Number(most) < 1 || Number(most) > PAGE) ? [`MAXRESULTS ${most}`] : []),
    ...(what === '*' && most === undefined ? ['without MAXRESULTS a page has 100 rows'] : []),
    ...(what !== '*' && (order ?? start ?? most) !== undefined ? ['a count takes no order and no page'] : []),
    ...(Number(start ?? 1) > 1 && order === undefined && !small(entity) ? ['pages without an order'] : []),
    ...(encodeURIComponent(statement).length > LONGEST ? [`${statement.length} characters`] : []),
  ];
}

/** Read whole in one page as a rule; several pages of them are counted at the end. */
const small = (entity: string): boolean =>
  /^(CompanyInfo|Preferences|CompanyCurrency|ExchangeRate|Tax(Agency|Rate|Code)|CustomerType|RecurringTransaction|JournalCode)$/.test(
    entity,
  );
