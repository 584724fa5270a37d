// Ageing: how long something is overdue, in the buckets that accountants read.
import type { Dialect } from './dialect.ts';
import { block, code, type Lines, text, word } from './lookml.ts';

/** Upper ends in days; what is due today or later is current. */
const buckets = [
  { label: 'Current', to: 0 },
  { label: '1-30 days', to: 30 },
  { label: '31-60 days', to: 60 },
  { label: '61-90 days', to: 90 },
] as const;

const beyond = '90+ days';

/** The labels in their order. */
export const bucketLabels: readonly string[] = [...buckets.map(({ label }) => label), beyond];

/** Dimensions of a view with a due date; `due` is its SQL. Nothing due counts as current. */
export function ageing(due: string, { dialect, of }: { dialect: Dialect; of: string }): readonly Lines[] {
  const days = `\${days_overdue}`;
  const cases = (value: (label: string, index: number) => string): string =>
    [
      `CASE WHEN ${days} IS NULL OR ${days} <= 0 THEN ${value('Current', 0)}`,
      ...buckets
        .slice(1)
        .map(({ label, to }, index) => `WHEN ${days} <= ${to} THEN ${value(label, index + 1)}`),
      `ELSE ${value(beyond, buckets.length)} END`,
    ].join(' ');
  const group = text('group_label', 'Ageing');
  return [
    block('dimension', 'days_overdue', [
      group,
      text('label', 'Days Overdue'),
      text('description', `Days from ${of} to today; below 0 while it is to come`),
      word('type', 'number'),
      code('sql', dialect.daysSince(due)),
    ]),
    block('dimension', 'ageing_bucket', [
      group,
      text('label', 'Ageing'),
      text('description', `By days from ${of} to today`),
      word('type', 'string'),
      word('order_by_field', 'ageing_order'),
      code(
        'sql',
        cases((label) => dialect.literal(label)),
      ),
    ]),
    block('dimension', 'ageing_order', [
      word('hidden', 'yes'),
      word('type', 'number'),
      code(
        'sql',
        cases((_, index) => String(index)),
      ),
    ]),
  ];
}
