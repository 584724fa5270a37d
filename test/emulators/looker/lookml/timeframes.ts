// The timeframes of dimension groups: the SQL of each on PostgreSQL, and how its values are filtered.

interface Timeframe {
  /** SQL over an expression that holds a date or a timestamp in the query's time zone. */
  readonly sql: (expression: string) => string;
  readonly kind: 'time' | 'number' | 'string';
  readonly label?: string;
}

const truncated =
  (unit: string, format: string) =>
  (expression: string): string =>
    `(TO_CHAR(DATE_TRUNC('${unit}', ${expression}), '${format}'))`;

const part =
  (unit: string) =>
  (expression: string): string =>
    `(EXTRACT(${unit} FROM ${expression})::integer)`;

/** Time values are text as Looker answers them, without zone; "raw" is the column as it is. */
export const timeframes: Readonly<Record<string, Timeframe>> = {
  raw: { kind: 'time', sql: (expression) => expression },
  time: { kind: 'time', sql: truncated('second', 'YYYY-MM-DD HH24:MI:SS') },
  second: { kind: 'time', sql: truncated('second', 'YYYY-MM-DD HH24:MI:SS') },
  minute: { kind: 'time', sql: truncated('minute', 'YYYY-MM-DD HH24:MI') },
  hour: { kind: 'time', sql: truncated('hour', 'YYYY-MM-DD HH24') },
  date: { kind: 'time', sql: (expression) => `(DATE(${expression}))` },
  week: { kind: 'time', sql: truncated('week', 'YYYY-MM-DD') },
  month: { kind: 'time', sql: truncated('month', 'YYYY-MM') },
  quarter: { kind: 'time', sql: truncated('quarter', 'YYYY-MM') },
  year: { kind: 'time', sql: part('YEAR') },
  time_of_day: { kind: 'string', sql: (expression) => `(TO_CHAR(${expression}, 'HH24:MI'))` },
  hour_of_day: { kind: 'number', sql: part('HOUR') },
  day_of_week: { kind: 'string', sql: (expression) => `(TO_CHAR(${expression}, 'FMDay'))` },
  /** Monday is 0 unless the model says otherwise. */
  day_of_week_index: {
    kind: 'number',
    sql: (expression) => `(EXTRACT(ISODOW FROM ${expression})::integer - 1)`,
  },
  day_of_month: { kind: 'number', sql: part('DAY') },
  day_of_year: { kind: 'number', sql: part('DOY') },
  week_of_year: { kind: 'number', sql: part('WEEK') },
  month_num: { kind: 'number', sql: part('MONTH') },
  month_name: { kind: 'string', sql: (expression) => `(TO_CHAR(${expression}, 'FMMonth'))` },
  quarter_of_year: {
    kind: 'string',
    sql: (expression) => `('Q' || EXTRACT(QUARTER FROM ${expression})::integer)`,
  },
};

/** Timeframes of the fiscal year, over an expression moved back by the model's `fiscal_month_offset`. */
export const fiscalTimeframes: Readonly<Record<string, Timeframe>> = {
  fiscal_year: { kind: 'number', sql: part('YEAR') },
  fiscal_month_num: { kind: 'number', sql: part('MONTH') },
  fiscal_quarter: { kind: 'string', sql: truncated('quarter', 'YYYY-MM') },
  fiscal_quarter_of_year: {
    kind: 'string',
    sql: (expression) => `('Q' || EXTRACT(QUARTER FROM ${expression})::integer)`,
  },
};

export const allTimeframes: readonly string[] = [
  ...['raw', 'time', 'date', 'week', 'month', 'quarter', 'year'],
];

export const timeframeLabels: Readonly<Record<string, string>> = {
  month_num: 'Month Num',
  quarter_of_year: 'Quarter of Year',
  day_of_week: 'Day of Week',
  day_of_week_index: 'Day of Week Index',
  hour_of_day: 'Hour of Day',
  time_of_day: 'Time of Day',
};
