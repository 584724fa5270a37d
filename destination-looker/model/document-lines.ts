// The figures of a document's lines: revenue or spend without tax, and their share of what is still open.
import { inList, present } from './conditions.ts';
import { inHome } from './headers.ts';
import { block, code, type Lines, text, word } from './lookml.ts';
import { guardedSum, type MoneyOptions, type Scopes } from './money.ts';
import type { DocumentRecipe } from './recipe.ts';
import { type Field, fieldAt, refer, type View } from './shapes.ts';

export interface LineOptions extends MoneyOptions {
  readonly scopes: Scopes;
  /** The documents' view. */
  readonly header: View;
}

/** Fields of the lines' view, beside its columns. Every explore with this view joins the header. */
export function lineFigures(view: View, recipe: DocumentRecipe, options: LineOptions): readonly Lines[] {
  const { header, scopes } = options;
  const amount = fieldAt(view, recipe.line.amount);
  if (!amount) return [];
  const rate = fieldAt(header, recipe.rate.path);
  const counts = recognised(header);
  // A line that an edit took out stays in the table, deleted: it has no part in any figure.
  const net = `CASE WHEN ${present(view, [])} THEN ${signed(view, netOf(view, amount, recipe, options), recipe, options)} END`;
  const home = inHome(`\${net_amount}`, rate && refer(header, rate), recipe.rate.to);
  const { name, label } = recipe.figure;
  const when = (sql: string): string => `CASE WHEN ${counts} THEN ${sql} END`;
  return [
    numbered('net_amount', 'Net Amount', net),
    numbered('net_amount_home', 'Net Amount (Home Currency)', home),
    ...guardedSum(name, {
      label,
      description: 'Without tax, in the currency of the documents; empty for documents in several',
      guard: scopes.own,
      sql: when(`\${net_amount}`),
    }),
    ...guardedSum(`${name}_home`, {
      label: `${label} (Home Currency)`,
      description:
        'Without tax, at the rate of the document; empty for organisations with several home currencies',
      guard: scopes.home,
      sql: when(`\${net_amount_home}`),
    }),
    ...openShare(recipe, options),
    ...keys(view, recipe),
  ];
}

const recognised = (header: View): string => `\${${header.name}.is_recognised}`;

/** The amount of a line without tax. */
function netOf(
  view: View,
  amount: Field,
  { line }: DocumentRecipe,
  { header, dialect }: LineOptions,
): string {
  const tax = line.tax && fieldAt(view, line.tax.path);
  const how = line.tax && fieldAt(header, line.tax.contained.path);
  if (!line.tax || !tax || !how) return amount.sql;
  const contained = inList(refer(header, how), line.tax.contained.values, dialect);
  return `CASE WHEN ${contained} THEN ${amount.sql} - COALESCE(${tax.sql}, 0) ELSE ${amount.sql} END`;
}

function signed(view: View, net: string, { line }: DocumentRecipe, { dialect }: LineOptions): string {
  const kind = line.kind && fieldAt(view, line.kind.path);
  if (!line.kind || !kind) return net;
  const skipped = `WHEN ${inList(kind.sql, line.kind.skip, dialect)} THEN NULL`;
  return `CASE ${skipped} WHEN ${inList(kind.sql, line.kind.negative, dialect)} THEN -(${net}) ELSE ${net} END`;
}

/** What is open on a document belongs to its lines by their share: so ageing can be told by account. */
function openShare({ open, net }: DocumentRecipe, { header, scopes }: LineOptions): readonly Lines[] {
  const total = fieldAt(header, net[0]);
  const tax = net[1] === undefined ? undefined : fieldAt(header, net[1]);
  if (!open || !fieldAt(header, open.amount) || !total) return [];
  const whole = tax ? `(${refer(header, total)} - COALESCE(${refer(header, tax)}, 0))` : refer(header, total);
  const share = (amount: string): string =>
    `\${${header.name}.${amount}} * (\${net_amount} / NULLIF(${whole}, 0))`;
  const label = `${open.label} by Line`;
  return [
    ...guardedSum('outstanding_share', {
      label,
      description: `The line's share, by its net amount, of what is open on the document`,
      guard: scopes.own,
      sql: share('open_amount'),
    }),
    ...guardedSum('outstanding_share_home', {
      label: `${label} (Home Currency)`,
      guard: scopes.home,
      sql: share('open_amount_home'),
    }),
  ];
}

/** Keys that stand in one of several columns. */
const keys = (view: View, { line }: DocumentRecipe): readonly Lines[] => [
  ...key('item_key', sqlsAt(view, line.items)),
  ...key('account_key', sqlsAt(view, line.accounts)),
  ...key('class_key', sqlsAt(view, line.classes ?? [])),
];

const sqlsAt = (view: View, paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => fieldAt(view, path)?.sql ?? []);

function key(name: string, sqls: readonly string[]): readonly Lines[] {
  if (sqls.length === 0) return [];
  const sql = sqls.length === 1 ? sqls.join('') : `COALESCE(${sqls.join(', ')})`;
  return [block('dimension', name, [word('hidden', 'yes'), word('type', 'string'), code('sql', sql)])];
}

const numbered = (name: string, label: string, sql: string): Lines =>
  block('dimension', name, [
    text('label', label),
    word('type', 'number'),
    word('value_format_name', 'decimal_2'),
    code('sql', sql),
  ]);
