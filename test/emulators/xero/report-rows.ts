// The shape of reports: a header, then sections of rows and summary rows, every value a text.
import type { Account } from '../../books/index.ts';
import { money } from './json.ts';

export interface Cell {
  readonly Value: string;
  readonly Attributes?: readonly { readonly Value: string; readonly Id: string }[];
}

export interface Row {
  readonly RowType: 'Header' | 'Section' | 'Row' | 'SummaryRow';
  readonly Title?: string;
  readonly Cells?: readonly Cell[];
  readonly Rows?: readonly Row[];
}

export const header = (...values: readonly string[]): Row => ({
  RowType: 'Header',
  Cells: values.map((Value) => ({ Value })),
});

export const section = (title: string, rows: readonly Row[]): Row => ({
  RowType: 'Section',
  Title: title,
  Rows: rows,
});

export const summary = (label: string, values: readonly string[]): Row => ({
  RowType: 'SummaryRow',
  Cells: [label, ...values].map((Value) => ({ Value })),
});

export const plainRow = (values: readonly string[]): Row => ({
  RowType: 'Row',
  Cells: values.map((Value) => ({ Value })),
});

/** A row whose every cell points at its account. */
export function accountRow(account: Account, label: string, values: readonly string[]): Row {
  const Attributes = [{ Value: account.id, Id: 'account' }];
  return { RowType: 'Row', Cells: [label, ...values].map((Value) => ({ Value, Attributes })) };
}

/** Column sums over rows of cents. */
export function totalOf(rows: readonly (readonly number[])[], columns: number): number[] {
  return Array.from({ length: columns }, (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0));
}

export const moneys = (cents: readonly number[]): string[] => cents.map(money);

export interface Report {
  readonly name: string;
  readonly type: string;
  readonly titles: readonly string[];
  readonly rows: readonly Row[];
}
