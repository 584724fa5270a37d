// Reads reports as rows, month by month: the latest months again and again, in as few calls as the limits allow.
import {
  asConnectorError,
  configError,
  instantOf,
  isObject,
  isoDay,
  isoInstant,
  openMonths,
  type ReportMonth,
  reportMonths,
} from '@airbyte/cdk-typescript-shim';
import { contentHash } from '@airbyte/cdk-typescript-shim/kit';
import { isTooMuch } from './api.ts';
import type { Ended } from './batches.ts';
import type { Reading, Selected, State, Step } from './reading.ts';
import { entryRows, isTruncated, statementRows } from './report-rows.ts';
import type { How } from './streams.ts';
import { type Row, tombstone } from './values.ts';

type Report = Extract<How, { by: 'report' }>;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Months of one call, as Intuit advises: longer ranges tend to time out. */
const MONTHS_PER_CALL = 6;

/** The rows of a month as they were delivered: their hashes by id, or for entries their number and one hash. */
type Version = Readonly<Record<string, string>> | string;

interface Work {
  readonly selected: Selected;
  readonly reading: Reading;
  readonly how: Report;
}

/**
 * Months are read in ascending order; the latest `refresh_months` are read again each time, and rows that a month has
 * lost are deleted. A state means: all months up to `month` were delivered; `rows` are the versions of those that will be
 * read again.
 */
export async function* readReport(
  selected: Selected,
  reading: Reading,
): AsyncGenerator<Step | Ended<unknown>> {
  const { stream } = selected;
  try {
    if (isDue(selected, reading)) yield* readMonths({ selected, reading, how: stream.how as Report });
    else yield { stream, state: selected.state };
    yield { stream, result: undefined };
  } catch (thrown) {
    const failure = asConnectorError(thrown);
    // No other report would fare better.
    if (failure.status === 401 || failure.status === 403) throw failure;
    yield { stream, failure };
  }
}

function isDue({ refresh, state }: Selected, { config, clock }: Reading): boolean {
  const last = instantOf(state.read_at);
  return refresh || last === undefined || clock.now() - last >= config.reports.hours * HOUR;
}

async function* readMonths(work: Work): AsyncGenerator<Step> {
  const { selected, reading, how } = work;
  const { stream, refresh } = selected;
  const now = reading.clock.now();
  const state: State = refresh ? {} : selected.state;
  const versions = new Map(versionsIn(state));
  const { start_date: startDate, reports: settings } = reading.config;
  const rows = () => openMonths(versions, { ...settings, now });
  let month = state.month;
  const periods = [...reportMonths({ state, versions, settings, startDate, now })];
  for (let first = 0; first < periods.length; first += widthOf(how)) {
    const together = periods.slice(first, first + widthOf(how));
    const found = await readTogether(together, work);
    for (const period of together) {
      const records = found.filter(({ Period: name }) => name === period.name);
      versions.set(period.name, yield* deliver(records, { work, period, known: versions.get(period.name) }));
      month = period.name;
    }
    yield { stream, state: { month, rows: rows() } };
  }
  yield { stream, state: { ...(month ? { month } : {}), rows: rows(), read_at: isoInstant(now) } };
}

const widthOf = ({ span }: Report): number => (span === 'day' ? 1 : MONTHS_PER_CALL);

/** The rows of some months in one call; in halves where that is more than QuickBooks shows or can compute in time. */
async function readTogether(periods: readonly ReportMonth[], work: Work): Promise<readonly Row[]> {
  const [first] = periods;
  const last = periods.at(-1);
  if (!first || !last) return [];
  const isShortest = first.name === last.name && (work.how.span !== 'entries' || first.from === last.to);
  const report = await ask({ from: first.from, to: last.to, isShortest }, work);
  if (work.how.span === 'entries') {
    if (report) return dated(entryRows(report, work.how.columns), first.name);
    return await inHalves({ first, last, periods }, work);
  }
  const rows = report && statementRows(report, { periods, columns: work.how.columns });
  if (rows) return rows;
  if (periods.length === 1) throw tooLarge(work, first.from);
  const half = Math.ceil(periods.length / 2);
  return [
    ...(await readTogether(periods.slice(0, half), work)),
    ...(await readTogether(periods.slice(half), work)),
  ];
}

async function inHalves(
  { first, last, periods }: { first: ReportMonth; last: ReportMonth; periods: readonly ReportMonth[] },
  work: Work,
): Promise<readonly Row[]> {
  if (periods.length > 1) {
    const half = Math.ceil(periods.length / 2);
    return [
      ...(await readTogether(periods.slice(0, half), work)),
      ...(await readTogether(periods.slice(half), work)),
    ];
  }
  const from = instantOf(first.from) ?? 0;
  const days = Math.round(((instantOf(last.to) ?? 0) - from) / DAY) + 1;
  if (days <= 1) throw tooLarge(work, first.from);
  const middle = from + Math.ceil(days / 2) * DAY;
  const parts = [
    { ...first, to: isoDay(middle - DAY) },
    { ...first, from: isoDay(middle) },
  ];
  const rows: Row[] = [];
  for (const part of parts) rows.push(...(await readTogether([part], work)));
  return rows;
}

const tooLarge = ({ selected: { stream } }: Work, day: string): Error =>
  configError(
    `Cannot read the report ${stream.entity} from ${day} on: QuickBooks cuts or refuses it even for the shortest range, leave the stream "${stream.name}" out`,
  );

/** Entries belong to the month of their date. */
const dated = (rows: readonly Row[], otherwise: string): readonly Row[] =>
  rows.map((row) => ({ ...row, Period: textMonth(row.Date) ?? otherwise }));

const textMonth = (date: unknown): string | undefined =>
  typeof date === 'string' ? date.slice(0, 7) : undefined;

/** The report; undefined where it was cut, or too much to compute. */
async function ask(
  { from, to, isShortest }: { from: string; to: string; isShortest: boolean },
  { selected: { stream }, reading, how }: Work,
): Promise<Row | undefined> {
  const { accounting_method } = reading.config.reports;
  const query = {
    ...rangeOf(stream.entity, { from, to }),
    ...(how.span === 'months' ? { summarize_column_by: 'Month' } : {}),
    ...(how.span === 'entries' ? { columns: how.columns.map(({ keys }) => keys[0] ?? '').join(',') } : {}),
    ...(accounting_method ? { accounting_method } : {}),
  };
  try {
    const report = await reading.api.report(stream.entity, query);
    return isTruncated(report) ? undefined : report;
  } catch (thrown) {
    if (isTooMuch(asConnectorError(thrown)) && !isShortest) return undefined;
    throw thrown;
  }
}

/** Ageing is told for a day, everything else for a range. */
function rangeOf(
  report: string,
  { from, to }: { from: string; to: string },
): Readonly<Record<string, string>> {
  if (!report.startsWith('Aged')) return { start_date: from, end_date: to };
  return { report_date: to, aging_method: 'Report_Date', aging_period: '30', num_periods: '4' };
}

interface Month {
  readonly work: Work;
  readonly period: ReportMonth;
  readonly known: Version | undefined;
}

function deliver(records: readonly Row[], month: Month): Generator<Step, Version> {
  return month.work.how.span === 'entries' ? deliverEntries(records, month) : deliverRows(records, month);
}

/** Rows of statements are known by what they are about. */
function* deliverRows(records: readonly Row[], { work, known }: Month): Generator<Step, Version> {
  const { stream } = work.selected;
  const { realm, clock } = work.reading;
  const before = isObject(known) ? known : {};
  const found: Record<string, string> = {};
  for (const row of records) {
    const id = String(row.Id);
    found[id] = contentHash(row);
    if (before[id] !== found[id]) yield { stream, data: { RealmID: realm, ...row } };
  }
  for (const id of Object.keys(before))
    if (!(id in found)) yield { stream, data: tombstone(id, { realm, at: clock.now() }) };
  return found;
}

/** Entries have no key of their own (a transaction has many), so they are numbered, in an order of their content. */
function* deliverEntries(records: readonly Row[], { work, period, known }: Month): Generator<Step, Version> {
  const { stream } = work.selected;
  const { realm, clock } = work.reading;
  const idAt = (index: number): string => `${period.name}/${String(index + 1).padStart(6, '0')}`;
  const sorted = records
    .map((row) => ({ row, text: JSON.stringify([row.Date, row.SectionID, row.TransactionID, row]) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  const version = `${sorted.length} ${contentHash(sorted.map(({ text }) => text))}`;
  if (version === known) return version;
  for (const [index, { row }] of sorted.entries()) {
    const place = { Id: idAt(index), Period: period.name, FromDate: row.Date, ToDate: row.Date };
    yield { stream, data: { RealmID: realm, ...row, ...place, RowNumber: index + 1 } };
  }
  const before = typeof known === 'string' ? Number(known.split(' ')[0]) : 0;
  for (let index = sorted.length; index < before; index += 1)
    yield { stream, data: tombstone(idAt(index), { realm, at: clock.now() }) };
  return version;
}

function versionsIn({ rows }: State): readonly (readonly [string, Version])[] {
  if (!isObject(rows)) return [];
  return Object.entries(rows).map(([name, version]) => [
    name,
    typeof version === 'string' ? version : isObject(version) ? (version as Record<string, string>) : {},
  ]);
}
