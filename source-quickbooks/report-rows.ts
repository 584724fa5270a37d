// The rows of a report: its sections opened, its columns found by key or title, its texts as values.
import {
  exactNumber,
  instantOf,
  isObject,
  isoDay,
  isoInstant,
  type ReportMonth,
} from '@airbyte/cdk-typescript-shim';
import type { ReportColumn } from './schemas/reports.ts';
import type { Row } from './values.ts';

/** What stands in a row where the report has no room for more: 400,000 cells. */
const TRUNCATED = /unable to display more data/i;

/** A row with the headings above it. */
interface Line {
  readonly cells: readonly Row[];
  readonly type: 'Data' | 'Summary';
  readonly path: readonly string[];
  readonly group: string | undefined;
  /** Id of what the nearest heading names, and its text. */
  readonly section: { readonly id: string | undefined; readonly title: string | undefined };
}

/** A column of this very report. */
interface Place {
  readonly key: string;
  readonly title: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

const listOf = (value: unknown): readonly Row[] => (Array.isArray(value) ? value.filter(isObject) : []);

const cellsOf = (part: unknown): readonly Row[] => (isObject(part) ? listOf(part.ColData) : []);

/** Whether QuickBooks left rows out, which it says in a row of a successful answer. */
export const isTruncated = (report: Row): boolean =>
  linesOf(report).some(({ cells }) => cells.some(({ value }) => TRUNCATED.test(String(value ?? ''))));

type Above = Pick<Line, 'path' | 'group' | 'section'>;

const linesOf = (report: Row): readonly Line[] => [
  ...linesIn(report.Rows, { path: [], group: undefined, section: { id: undefined, title: undefined } }),
];

function* linesIn(rows: unknown, above: Above): Generator<Line> {
  for (const row of listOf(isObject(rows) ? rows.Row : undefined)) {
    const group = textOf(row.group) ?? above.group;
    const isSection = row.type === 'Section' || row.Rows !== undefined || row.Summary !== undefined;
    if (isSection) yield* sectionLines(row, { ...above, group });
    else yield { ...above, group, cells: cellsOf(row), type: 'Data' };
  }
}

function* sectionLines(row: Row, above: Above): Generator<Line> {
  const head = cellsOf(row.Header);
  const title = textOf(head[0]?.value);
  const path = title === undefined ? above.path : [...above.path, title];
  const section = title === undefined ? above.section : { id: textOf(head[0]?.id), title };
  // An account with accounts below it has its own amounts in the heading.
  if (section.id !== undefined && head.slice(1).some(({ value }) => textOf(value)))
    yield { ...above, cells: head, type: 'Data' };
  yield* linesIn(row.Rows, { ...above, path, section });
  const sum = cellsOf(row.Summary);
  if (sum.length > 0) yield { ...above, path, section, cells: sum, type: 'Summary' };
}

function placesOf(report: Row): readonly Place[] {
  const columns = isObject(report.Columns) ? listOf(report.Columns.Column) : [];
  return columns.map((column) => {
    const facts = new Map(listOf(column.MetaData).map(({ Name, Value }) => [String(Name), String(Value)]));
    return {
      key: (facts.get('ColKey') ?? '').toLowerCase(),
      title: String(column.ColTitle ?? '').trim(),
      from: facts.get('StartDate'),
      to: facts.get('EndDate'),
    };
  });
}

/** Where a typed column stands: by its key, else by one of its titles. Never by its number: engines differ in that. */
function placeOf({ keys, titles }: ReportColumn, places: readonly Place[]): number {
  const byKey = places.findIndex(({ key }) => keys.includes(key));
  if (byKey >= 0) return byKey;
  return places.findIndex(({ title }) => titles.includes(title.toLowerCase()));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The month of a column: by its dates, else by its title ("Jan 2026", "Jan 1 - 15, 2026"). */
function monthOf({ key, title, from }: Place): string | undefined {
  if (key === 'total' || /^total/i.test(title)) return undefined;
  if (from) return from.slice(0, 7);
  const [, name = '', year = ''] = /^([A-Za-z]{3})[a-z]*\.?\s.*?(\d{4})$/.exec(title) ?? [];
  const month = MONTHS.indexOf(name.toLowerCase());
  return month < 0 ? undefined : `${year}-${String(month + 1).padStart(2, '0')}`;
}

/**
 * The amounts of a statement for each of the months; undefined when months were asked for side by side and the answer
 * does not tell them apart.
 */
export function statementRows(
  report: Row,
  { periods, columns }: { periods: readonly ReportMonth[]; columns: readonly ReportColumn[] },
): readonly Row[] | undefined {
  const places = placesOf(report);
  const months = places.map(monthOf);
  const [column] = columns;
  const lines = linesOf(report);
  if (lines.length === 0) return [];
  const isSplit = months.some((month) => month !== undefined);
  if (!isSplit && periods.length > 1) return undefined;
  return periods.flatMap((period) => {
    const at = (typed: ReportColumn): number => {
      if (!isSplit || columns.length > 1) return placeOf(typed, places);
      return months.indexOf(period.name);
    };
    if (isSplit && columns.length === 1 && column && at(column) < 0) return [];
    return summaryRows(lines, { report, period, values: columns.map((typed) => ({ typed, at: at(typed) })) });
  });
}

interface Summary {
  readonly report: Row;
  readonly period: ReportMonth;
  readonly values: readonly { readonly typed: ReportColumn; readonly at: number }[];
}

/** Rows without any amount are left out: which of them a report shows depends on the other months of the same call. */
function summaryRows(lines: readonly Line[], { report, period, values }: Summary): readonly Row[] {
  const ids = new Map<string, number>();
  const amountsOf = ({ cells }: Line): Row =>
    Object.fromEntries(values.map(({ typed, at }) => [typed.name, cellValue(cells[at]?.value, typed)]));
  const filled = lines
    .map((line) => ({ line, amounts: amountsOf(line) }))
    .filter(({ amounts }) => Object.values(amounts).some((amount) => amount !== null && amount !== 0));
  return filled.map(({ line: { cells, type, path, group }, amounts }, index) => {
    const title = textOf(cells[0]?.value);
    const id = textOf(cells[0]?.id);
    const name = [period.name, ...path, type === 'Summary' ? 'total' : (id ?? title ?? group ?? '')].join(
      '/',
    );
    const times = (ids.get(name) ?? 0) + 1;
    ids.set(name, times);
    return {
      Id: times === 1 ? name : `${name}#${times}`,
      ...headerOf(report),
      Period: period.name,
      FromDate: period.from,
      ToDate: period.to,
      RowNumber: index + 1,
      RowType: type,
      Section: path.join(' / ') || null,
      Group: group ?? null,
      Title: title ?? null,
      TitleID: id ?? null,
      ...amounts,
    };
  });
}

function headerOf({ Header }: Row): Row {
  const header = isObject(Header) ? Header : {};
  return { ReportBasis: textOf(header.ReportBasis) ?? null, Currency: textOf(header.Currency) ?? null };
}

/** The entries of a ledger or a list of transactions; sums and opening balances are left out, as ranges change them. */
export function entryRows(report: Row, columns: readonly ReportColumn[]): readonly Row[] {
  const places = placesOf(report);
  const typed = columns.map((column) => ({ column, at: placeOf(column, places) }));
  const taken = new Set(typed.map(({ at }) => at));
  const header = headerOf(report);
  return linesOf(report).flatMap(({ cells, type, path, section }) => {
    const values: Row = Object.fromEntries(
      typed.flatMap(({ column, at }) => [
        [column.name, cellValue(cells[at]?.value, column)] as const,
        ...(column.id ? [[column.id, textOf(cells[at]?.id) ?? null] as const] : []),
      ]),
    );
    if (type === 'Summary' || values.Date === null) return [];
    const other = places.flatMap(({ key, title }, at) => {
      const value = taken.has(at) ? undefined : textOf(cells[at]?.value);
      return value === undefined ? [] : [[key || title, value] as const];
    });
    // A ledger is grouped by account: where no column says which it is, the heading does.
    const account = 'Account' in values && values.Account === null && section.id !== undefined;
    return [
      {
        ...header,
        Section: path.join(' / ') || null,
        SectionID: section.id ?? null,
        ...values,
        Currency: values.Currency ?? header.Currency,
        ...(account ? { Account: section.title ?? null, AccountID: section.id } : {}),
        Other: Object.fromEntries(other),
      },
    ];
  });
}

/** All values are texts; empty ones are nothing, and the modern engine leaves zeros out. */
function cellValue(value: unknown, { type }: ReportColumn): unknown {
  const text = textOf(value);
  if (text === undefined || text === '-Split-') return null;
  switch (type) {
    case 'text':
    case 'flag':
      return text;
    case 'amount':
    case 'number': {
      const plain = text.replaceAll(',', '').replaceAll('$', '').trim();
      const signed = /^\(.*\)$/.test(plain) ? `-${plain.slice(1, -1)}` : plain;
      return signed === '' || Number.isNaN(Number(signed)) ? null : exactNumber(signed);
    }
    default: {
      const at = instantOf(text);
      if (at === undefined) return null;
      return type === 'date' ? isoDay(at) : isoInstant(at);
    }
  }
}
