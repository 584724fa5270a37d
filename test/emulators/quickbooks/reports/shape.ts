// The JSON of reports: header, columns by ColKey, rows and sections, in the words of either engine.
import type { Company } from '../company.ts';
import { answerTime, day } from '../times.ts';

export interface Column {
  readonly key: string;
  readonly title: string;
  readonly type: string;
  /** Start and end of a summary column. */
  readonly span?: { readonly from: number; readonly to: number };
}

export interface Cell {
  readonly value: string;
  readonly id?: string;
}

export type Row =
  | { readonly cells: readonly Cell[] }
  | {
      readonly title: string;
      readonly id?: string;
      readonly group?: string;
      readonly rows: readonly Row[];
      readonly total?: readonly Cell[];
    };

export interface Report {
  readonly name: string;
  readonly from: number | undefined;
  readonly to: number;
  readonly summarizedBy?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Were rows left out because there are too many cells? */
  readonly cut?: boolean;
}

export interface Look {
  readonly company: Company;
  readonly now: number;
  readonly modern: boolean;
  readonly basis: 'Accrual' | 'Cash';
  /** As asked for; it comes back in the header. */
  readonly macro: string | null;
}

/** What a report says instead of the rows that do not fit. */
export const CUT_TEXT = 'Unable to display more data. Please reduce the date range.';

/** Cents as "123.45". Zero is "0.00", or nothing in the modern engine. */
export function amount(cents: number, { modern }: Pick<Look, 'modern'>): Cell {
  if (cents === 0) return { value: modern ? '' : '0.00' };
  const size = Math.abs(cents);
  const whole = Math.floor(size / 100);
  return { value: `${cents < 0 ? '-' : ''}${whole}.${String(size - whole * 100).padStart(2, '0')}` };
}

export const text = (value: string, id?: string): Cell => (id === undefined ? { value } : { value, id });

// Titles of the classic engine that the modern one writes differently, beside capitals.
const RENAMED: Readonly<Record<string, string>> = {
  Date: 'Transaction date',
  'Transaction Type': 'Transaction type',
  Num: 'Number',
  Split: 'Item split account full name',
  TOTAL: 'Total',
};

function columnJson({ key, title, type, span }: Column, { modern, company }: Look): object {
  const meta = [
    ...(company.switches.reportColKeys ? [{ Name: 'ColKey', Value: key }] : []),
    ...(span
      ? [
          { Name: 'StartDate', Value: day(span.from) },
          { Name: 'EndDate', Value: day(span.to) },
        ]
      : []),
  ];
  return {
    ColTitle: modern ? (RENAMED[title] ?? title) : title,
    ColType: type,
    ...(meta.length > 0 ? { MetaData: meta } : {}),
  };
}

/** The modern engine repeats the columns' metadata on every row. */
function rowJson(row: Row, look: Look, columns: readonly object[]): object {
  const repeated = look.modern ? { metaData: columns } : {};
  if ('cells' in row) return { ColData: row.cells, type: 'Data', ...repeated };
  const { id, group, rows, total } = row;
  const title = look.modern ? titleCase(row.title) : row.title;
  const blank = (cells: readonly Cell[]): Cell[] => cells.slice(1).map(() => ({ value: '' }));
  return {
    Header: { ColData: [text(title, id), ...blank(total ?? [])] },
    ...(rows.length > 0 ? { Rows: { Row: rows.map((one) => rowJson(one, look, columns)) } } : {}),
    ...(total ? { Summary: { ColData: total } } : {}),
    type: 'Section',
    ...(group === undefined ? {} : { group }),
    ...repeated,
  };
}

/** Section headers in capitals are the classic engine's. */
const titleCase = (title: string): string =>
  title === title.toUpperCase()
    ? title.toLowerCase().replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase())
    : title;

/** The whole body. An empty report says NoReportData and has no rows. */
export function bodyOf(report: Report, look: Look): string {
  const { name, from, to, summarizedBy, columns, cut = false } = report;
  const rows = look.modern ? shifted(report.rows) : report.rows;
  const metadata = look.modern ? columns.map(({ key }) => ({ Name: 'ColKey', Value: key })) : [];
  const header = {
    Time: answerTime(look.now).replace(/\.\d{3}/, ''),
    ReportName: name,
    ...(look.macro === null ? {} : { DateMacro: look.macro }),
    ReportBasis: look.basis,
    ...(from === undefined ? {} : { StartPeriod: day(from) }),
    EndPeriod: day(to),
    ...(summarizedBy === undefined ? {} : { SummarizeColumnsBy: summarizedBy }),
    Currency: look.company.books.company.baseCurrency,
    Option: [
      { Name: 'AccountingStandard', Value: 'GAAP' },
      { Name: 'NoReportData', Value: String(rows.length === 0) },
    ],
  };
  const drawn = rows.map((row) => rowJson(row, look, metadata));
  // The notice stands where the next row would, and nothing else tells.
  if (cut) drawn.push({ ColData: [{ value: CUT_TEXT }], type: 'Data' });
  return JSON.stringify({
    Header: header,
    Columns: { Column: columns.map((column) => columnJson(column, look)) },
    Rows: drawn.length === 0 ? {} : { Row: drawn },
  });
}

/** Plain rows of the modern engine come in no order to rely on; sections keep theirs. */
function shifted(rows: readonly Row[]): readonly Row[] {
  return rows.every((row) => 'cells' in row) && rows.length > 2
    ? [...rows.slice(1, -1), ...rows.slice(0, 1), ...rows.slice(-1)]
    : rows;
}
