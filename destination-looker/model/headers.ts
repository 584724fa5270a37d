// The figures of a document as a whole: what is open on it, how long it is overdue.
import { ageing } from './ageing.ts';
import { isOneOf, present } from './conditions.ts';
import { block, code, type Lines, labelOf, text, word } from './lookml.ts';
import { guardedSum, type MoneyOptions, type Scopes } from './money.ts';
import type { DocumentRecipe } from './recipe.ts';
import { type Field, fieldAt, type View } from './shapes.ts';

/** Fields of a document's own view, beside its columns. */
export function headerFigures(
  view: View,
  recipe: DocumentRecipe,
  { scopes, ...options }: MoneyOptions & { scopes: Scopes },
): readonly Lines[] {
  const { dialect } = options;
  const due = recipe.due ? fieldAt(view, recipe.due) : undefined;
  return [
    yesno('is_recognised', 'Is Recognised', {
      description: 'Counts in the figures: not deleted, voided or a draft',
      sql: present(view, [isOneOf(view, recipe.counts, dialect)]),
    }),
    ...(due ? ageing(due.sql, { dialect, of: `the ${labelOf(due.name).toLowerCase()} date` }) : []),
    ...openFigures(view, recipe, { scopes, ...options }),
  ];
}

function openFigures(
  view: View,
  { open, rate }: DocumentRecipe,
  { scopes, dialect }: MoneyOptions & { scopes: Scopes },
): readonly Lines[] {
  const amount = open && fieldAt(view, open.amount);
  if (!open || !amount) return [];
  const isOpen = present(view, [isOneOf(view, open.when, dialect), `${amount.sql} <> 0`]);
  const given = open.home === undefined ? undefined : fieldAt(view, open.home);
  const home = given?.sql ?? inHome(amount.sql, fieldAt(view, rate.path), rate.to);
  const when = (sql: string): string => `CASE WHEN ${isOpen} THEN ${sql} END`;
  return [
    yesno('is_open', 'Is Open', { description: `Has ${open.label.toLowerCase()}`, sql: isOpen }),
    hiddenNumber('open_amount', when(amount.sql)),
    hiddenNumber('open_amount_home', when(home)),
    ...guardedSum('outstanding', {
      label: open.label,
      description: 'In the currency of the documents; empty for documents in several',
      guard: scopes.own,
      sql: `\${open_amount}`,
    }),
    ...guardedSum('outstanding_home', {
      label: `${open.label} (Home Currency)`,
      description: 'At the rate of the document; empty for organisations with several home currencies',
      guard: scopes.home,
      sql: `\${open_amount_home}`,
    }),
  ];
}

/** An amount in home currency, to the cent. A document without a rate is in home currency. */
export function inHome(amount: string, rate: Field | string | undefined, to: 'divide' | 'multiply'): string {
  if (rate === undefined) return amount;
  const sql = `COALESCE(NULLIF(${typeof rate === 'string' ? rate : rate.sql}, 0), 1)`;
  return `ROUND(${amount} ${to === 'divide' ? '/' : '*'} ${sql}, 2)`;
}

export const hiddenNumber = (name: string, sql: string): Lines =>
  block('dimension', name, [word('hidden', 'yes'), word('type', 'number'), code('sql', sql)]);

const yesno = (
  name: string,
  label: string,
  { description, sql }: { description: string; sql: string },
): Lines =>
  block('dimension', name, [
    word('type', 'yesno'),
    text('label', label),
    text('description', description),
    code('sql', sql),
  ]);
