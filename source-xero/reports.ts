// Reads reports as rows: one call for each month, the latest months again and again.
import {
  exactNumber,
  isObject,
  isoInstant,
  openMonths,
  type ReportMonth,
  reportMonths,
} from '@airbyte/cdk-typescript-shim';
import { contentHash } from '@airbyte/cdk-typescript-shim/kit';
import { isDue, unchanged } from './census.ts';
import {
  endpointOf,
  type Reading,
  type RecordData,
  type Selected,
  type State,
  type Step,
  tombstone,
} from './reading.ts';
import type { How } from './streams.ts';
import type { Row } from './values.ts';

type Report = Extract<How, { by: 'report' }>;

/**
 * On the schedule of snapshots. Months are read in ascending order, each in one call; the latest `refresh_months` are
 * read again each time, as late entries change them, and rows that a month has lost are deleted. A state means: all
 * months up to `month` were delivered; `rows` are the versions of those that will be read again.
 */
export async function* readReport(reading: Reading): AsyncGenerator<Step> {
  if (!isDue(reading)) {
    yield* unchanged(reading);
    return;
  }
  const now = reading.clock.now();
  for (const selected of reading.selected) {
    const { stream, refresh } = selected;
    const state: State = refresh ? {} : selected.state;
    const versions = new Map(periodVersions(state));
    const { start_date: startDate, reports: settings } = reading.config;
    const rows = () => openMonths(versions, { ...settings, now });
    let month = state.month;
    for (const period of reportMonths({ state, versions, settings, startDate, now })) {
      const records = await readPeriod(period, { selected, reading });
      yield* compareMonth(records, { selected, reading, known: versions.get(period.name) });
      versions.set(period.name, versionsOf(records));
      month = period.name;
      yield { stream, state: { month, rows: rows() } };
    }
    yield { stream, state: { ...(month ? { month } : {}), rows: rows(), read_at: isoInstant(now) } };
  }
}

async function readPeriod(
  period: ReportMonth,
  { selected: { stream }, reading }: { selected: Selected; reading: Reading },
): Promise<readonly RecordData[]> {
  const how = stream.how as Report;
  const { query, ...endpoint } = endpointOf(reading);
  const span = how.span === 'month' ? { fromDate: period.from, toDate: period.to } : { date: period.to };
  const basis =
    reading.config.reports.cash_basis && stream.name !== 'report_bank_summary'
      ? { paymentsOnly: 'true' }
      : {};
  const reply = await reading.api.list({
    ...endpoint,
    tenant: reading.tenant,
    query: { ...query, ...span, ...basis },
  });
  const [report] = reply.rows;
  return report
    ? rowsOf(report, { period, how }).map((data) => ({ TenantID: reading.tenant.id, ...data }))
    : [];
}

const versionsOf = (records: readonly RecordData[]): Readonly<Record<string, string>> =>
  Object.fromEntries(records.map((data) => [String(data.RowID), contentHash(data)]));

function* compareMonth(
  records: readonly RecordData[],
  {
    selected: { stream },
    reading,
    known = {},
  }: { selected: Selected; reading: Reading; known: Readonly<Record<string, string>> | undefined },
): Generator<Step> {
  const found = new Set(records.map(({ RowID }) => String(RowID)));
  for (const data of records) if (known[String(data.RowID)] !== contentHash(data)) yield { stream, data };
  for (const id of Object.keys(known))
    if (!found.has(id))
      yield { stream, data: tombstone(stream, { tenant: reading.tenant, id, at: reading.clock.now() }) };
}

function periodVersions({ rows }: State): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  if (!isObject(rows)) return [];
  return Object.entries(rows).map(([name, versions]) => [
    name,
    isObject(versions) ? (versions as Record<string, string>) : {},
  ]);
}

/** The rows of a report: its sections, opened. Values are always text in Xero's reports; an empty one is no amount. */
export function rowsOf(
  report: Row,
  { period, how }: { period: ReportMonth; how: Report },
): readonly RecordData[] {
  const ids = new Map<string, number>();
  const titles = Array.isArray(report.ReportTitles) ? report.ReportTitles : [report.ReportTitle];
  return linesOf(report.Rows).map(({ section, row }, index) => {
    const cells = Array.isArray(row.Cells) ? row.Cells.filter(isObject) : [];
    const title = textOf(cells[0]?.Value);
    const attributes = attributesOf(cells);
    const account = accountIn(attributes);
    const name = [period.name, section, account ?? title ?? String(row.RowType)].filter(Boolean).join('/');
    const times = (ids.get(name) ?? 0) + 1;
    ids.set(name, times);
    return {
      RowID: times === 1 ? name : `${name}#${times}`,
      FromDate: how.span === 'month' ? period.from : null,
      ToDate: period.to,
      Period: period.name,
      RowNumber: index + 1,
      RowType: String(row.RowType),
      Section: section ?? null,
      Title: title ?? null,
      AccountID: account ?? null,
      ...Object.fromEntries(how.columns.map((column, place) => [column, amountOf(cells[place + 1]?.Value)])),
      Attributes: attributes,
      ReportTitle: titles.filter(Boolean).join(', ') || null,
    };
  });
}

interface Line {
  readonly section: string | undefined;
  readonly row: Row;
}

function linesOf(rows: unknown, section?: string): readonly Line[] {
  if (!Array.isArray(rows)) return [];
  return rows.filter(isObject).flatMap((row) => {
    if (row.RowType === 'Header') return [];
    if (row.RowType === 'Section') return linesOf(row.Rows, textOf(row.Title) ?? section);
    return [{ section, row }];
  });
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** 1234.50, with thousands separators or not; anything else is no amount. */
function amountOf(value: unknown): number | string | null {
  const plain = (textOf(value) ?? '').replaceAll(',', '').trim();
  return /^-?\d+(\.\d+)?$/.test(plain) ? exactNumber(plain) : null;
}

function attributesOf(cells: readonly Record<string, unknown>[]): Readonly<Record<string, string>> {
  const pairs = cells
    .flatMap(({ Attributes }) => (Array.isArray(Attributes) ? Attributes.filter(isObject) : []))
    .map(({ Id, Value }) => [String(Id), String(Value)] as const);
  return Object.fromEntries(pairs);
}

/** The account a row is of: `account` or `accountID`, unless FXGROUPID stands in for one. */
function accountIn(attributes: Readonly<Record<string, string>>): string | undefined {
  const account = attributes.account ?? attributes.accountID;
  return account && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(account) ? account : undefined;
}
