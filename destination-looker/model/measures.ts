// Measures from roles: amounts and quantities are summed, prices and rates averaged, rows counted.

import { formatOf } from './dimensions.ts';
import { identifier } from './identifiers.ts';
import { block, code, type Lines, labelOf, list, text, word } from './lookml.ts';
import { guardedSum, type Scopes } from './money.ts';
import { type Field, fieldAt, named, type View } from './shapes.ts';

export interface MeasureOptions {
  readonly scopes: Scopes;
  /** Columns that add up only within each value of another one: path of the amount, path of the other. */
  readonly perValue?: Readonly<Record<string, string>>;
}

/** The number of rows, opening what they are. */
export const count = (view: View): Lines =>
  block('measure', 'count', [
    text('label', `Number of ${labelOf(view.name)}`),
    word('type', 'count'),
    ...(drillFields(view).length > 0 ? [list('drill_fields', drillFields(view))] : []),
  ]);

/** What people recognise a row by: labels and codes, dates, states, amounts; ten at the most. */
export function drillFields(view: View): readonly string[] {
  const of = (roles: readonly string[]) => (field: Field) => roles.includes(field.column.role ?? '');
  const first = [['label', 'code'], ['date', 'due'], ['status'], ['amount'], ['currency']].flatMap((roles) =>
    view.fields.filter(of(roles)).slice(0, 3),
  );
  return [...new Set(first.map((field) => named(view, field)))].slice(0, 10);
}

/** Measures of every column whose role says how it adds up. */
export function columnMeasures(view: View, options: MeasureOptions): readonly Lines[] {
  return view.fields.flatMap((field) => {
    switch (field.column.role) {
      case 'amount':
        return amount(view, field, options);
      case 'quantity':
        return [plain(view, field, { type: 'sum', of: 'Sum of' })];
      case 'unit_price':
      case 'rate':
      case 'percent':
        return [plain(view, field, { type: 'average', of: 'Average' })];
      default:
        return [];
    }
  });
}

const isNumber = ({ column }: Field): boolean =>
  column.type.kind === 'decimal' || column.type.kind === 'double' || column.type.kind === 'integer';

function amount(view: View, field: Field, { scopes, perValue = {} }: MeasureOptions): readonly Lines[] {
  if (!isNumber(field)) return [];
  const name = view.allocate(`sum_${field.name}`, { of: field.column.name, also: ['in_all'] });
  const within = fieldAt(view, perValue[field.column.path.join('.')] ?? '');
  const values = within && view.allocate(`values_${within.name}`);
  const sums = guardedSum(name, {
    label: `Sum of ${labelOf(identifier(field.column.name))}`,
    description: within
      ? `Shown for one ${labelOf(within.name)} at a time`
      : 'Shown for one currency at a time',
    guard: values ?? (isHome(field) ? scopes.home : scopes.own),
    sql: `\${${field.name}}`,
  });
  const counted =
    within && values
      ? [
          block('measure', values, [
            word('hidden', 'yes'),
            word('type', 'count_distinct'),
            code('sql', within.sql),
          ]),
        ]
      : [];
  return [...counted, ...sums];
}

/** QuickBooks' amounts in home currency say so in their name. */
const isHome = ({ column }: Field): boolean => /^home/i.test(column.path.at(-1) ?? '');

function plain(view: View, field: Field, { type, of }: { type: 'sum' | 'average'; of: string }): Lines {
  if (!isNumber(field)) return [];
  const name = view.allocate(`${type}_${field.name}`, { of: field.column.name });
  return block('measure', name, [
    text('label', `${of} ${labelOf(identifier(field.column.name))}`),
    word('type', type),
    ...(type === 'sum' ? [word('value_format_name', 'decimal_2')] : formatOf(field.column.role)),
    code('sql', `\${${field.name}}`),
  ]);
}
