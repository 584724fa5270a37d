// The tables we bring ourselves: the calendar, the buckets of ageing, and the log of deliveries.
import type { ColumnType } from '@ledgerpipe/staging';
import type { ModelTable } from './layout.ts';
import type { ColumnDefinition, DataType, ModelColumn, StoredColumn } from './types.ts';

const engineTypes: Readonly<Record<DataType, ColumnType>> = {
  Int64: { kind: 'integer' },
  Double: { kind: 'double' },
  Decimal: { kind: 'decimal', precision: 18, scale: 4 },
  Boolean: { kind: 'boolean' },
  Datetime: { kind: 'instant' },
  String: { kind: 'text' },
};

const column = (
  name: string,
  dataType: DataType,
  more: Omit<ColumnDefinition, 'name' | 'dataType'> = {},
): ModelColumn => ({
  name,
  dataType,
  ...(dataType === 'Int64' ? { summarizeBy: 'none' as const } : {}),
  ...more,
  origin: { kind: 'stored', column: `c_${name}` },
});

const batch: ModelColumn = {
  name: '_batch_id',
  dataType: 'String',
  isHidden: true,
  origin: { kind: 'own', what: 'batch' },
};

function table(name: string, columns: readonly ModelColumn[], description: string): ModelTable {
  const stored = columns.map(
    ({ name: of, dataType }): StoredColumn => ({
      name: `c_${of}`,
      type: of === 'Date' ? { kind: 'date' } : engineTypes[dataType],
      staged: of,
      from: 'row',
    }),
  );
  return {
    name,
    kind: 'dimension',
    keyed: false,
    versionable: false,
    stored,
    columns: [batch, ...columns],
    description,
  };
}

export const syncTable = '_sync';

export function calendarTables(): readonly ModelTable[] {
  return [
    table(
      'Calendar',
      [
        column('Date', 'Datetime', { formatString: 'yyyy-mm-dd' }),
        column('Year', 'Int64'),
        column('Quarter', 'String'),
        column('Month', 'Int64'),
        column('MonthName', 'String', { sortByColumn: 'Month' }),
        column('YearMonth', 'String'),
        column('Day', 'Int64'),
        column('WeekdayNumber', 'Int64'),
        column('Weekday', 'String', { sortByColumn: 'WeekdayNumber' }),
      ],
      'Every day; documents fall into it by their own day',
    ),
    table(
      'AgingBucket',
      [
        column('Bucket', 'String', { sortByColumn: 'Sort' }),
        column('FromDays', 'Int64'),
        column('ToDays', 'Int64'),
        column('Sort', 'Int64'),
      ],
      'Days overdue, for the ageing measures; related to nothing',
    ),
    table(
      syncTable,
      [
        column('event', 'String'),
        column('job', 'String'),
        column('table', 'String'),
        column('batch', 'String'),
        column('finished_at', 'Datetime', { formatString: 'yyyy-mm-dd hh:mm:ss' }),
        column('rows', 'Int64', { summarizeBy: 'sum' }),
        column('batches', 'Int64', { summarizeBy: 'sum' }),
        column('detail', 'String'),
      ],
      'Deliveries, and batches that may be there twice',
    ),
  ];
}

/** Rows of our own tables, by the names of their columns; all values are text or numbers. */
export type OwnRow = Readonly<Record<string, string | number | null>>;

export const agingBuckets: readonly OwnRow[] = [
  { Bucket: 'Not due', FromDays: -100_000, ToDays: 0, Sort: 1 },
  { Bucket: '1-30', FromDays: 1, ToDays: 30, Sort: 2 },
  { Bucket: '31-60', FromDays: 31, ToDays: 60, Sort: 3 },
  { Bucket: '61-90', FromDays: 61, ToDays: 90, Sort: 4 },
  { Bucket: '90+', FromDays: 91, ToDays: 100_000, Sort: 5 },
];

const dayMilliseconds = 86_400_000;

/** The days from `from` up to and including `to` (both YYYY-MM-DD). */
export function* calendarDays(from: string, to: string): Generator<OwnRow> {
  // One of each: the tens of kilobytes that every formatter takes are only given back when V8 finds them.
  const months = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' });
  const weekdays = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });
  for (let time = Date.parse(from); time <= Date.parse(to); time += dayMilliseconds) {
    const date = new Date(time);
    const day = date.toISOString().slice(0, 10);
    const month = date.getUTCMonth() + 1;
    yield {
      Date: day,
      Year: date.getUTCFullYear(),
      Quarter: `Q${Math.ceil(month / 3)}`,
      Month: month,
      MonthName: months.format(date),
      YearMonth: day.slice(0, 7),
      Day: date.getUTCDate(),
      // Monday first, as ISO 8601 counts.
      WeekdayNumber: ((date.getUTCDay() + 6) % 7) + 1,
      Weekday: weekdays.format(date),
    };
  }
}
