// Values of an answer: plain as the database has them, or formatted by `value_format_name` where that is asked for.
import { beyond } from '../answers.ts';
import type { Result } from '../engine.ts';
import type { Table } from '../formats.ts';
import { textOf } from '../lookml/parse.ts';
import type { Built } from './build.ts';
import type { Found } from './scope.ts';

export function formattedTable({ columns, sql }: Built, result: Result, formatting: boolean): Table {
  const kinds = result.columns.map(({ kind, oid }) => ({ kind: formatting ? ('text' as const) : kind, oid }));
  return {
    columns: columns.map(({ name, label }, index) => ({
      name,
      label,
      ...(kinds[index] ?? { kind: 'text', oid: 25 }),
    })),
    rows: result.rows.map((row) =>
      row.map((value, index) =>
        value === null || !formatting ? value : formatted(value, columns[index]?.found),
      ),
    ),
    sql,
  };
}

const SYMBOLS: Readonly<Record<string, string>> = { usd: '$', gbp: '£', eur: '€' };

/** One value as Looker shows it; a format the emulator does not know is refused, not guessed. */
function formatted(value: string, found: Found | undefined): string {
  if (!found) return value;
  if (textOf(found.field.node, 'value_format') !== undefined) throw beyond('value_format');
  const name = textOf(found.field.node, 'value_format_name');
  if (found.field.group?.frame === 'quarter')
    return value.replace(/-(\d\d)$/, (_, month: string) => `-Q${(Number(month) + 2) / 3}`);
  if (name === undefined || name === 'id') return value;
  const money = /^(usd|gbp|eur)(_0)?$/.exec(name);
  if (money) return `${SYMBOLS[money[1] ?? ''] ?? ''}${grouped(value, money[2] ? 0 : 2)}`;
  const [, kind = '', digits = ''] = /^(decimal|percent)_([0-4])$/.exec(name) ?? [];
  if (kind === 'decimal') return grouped(value, Number(digits));
  if (kind === 'percent') return `${grouped(String(Number(value) * 100), Number(digits))}%`;
  throw beyond(`value_format_name "${name}"`);
}

const grouped = (value: string, digits: number): string =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    value as `${number}`,
  );
