// Money that is never summed across currencies: a sum is empty unless all its rows are in one.
import type { Dialect } from './dialect.ts';
import { block, code, type Lines, text, word } from './lookml.ts';
import type { Ledger } from './recipe.ts';
import { type Field, fieldAt, refer, type View, viewNamed } from './shapes.ts';

export interface MoneyOptions {
  readonly dialect: Dialect;
  readonly views: ReadonlyMap<string, View>;
  readonly ledger?: Ledger;
}

/** What decides whether amounts of a view may be added up. */
export interface Scopes {
  /** Hidden fields and measures for the two guards. */
  readonly fields: readonly Lines[];
  /** Measure that counts the currencies of amounts in document currency, and of those in home currency. */
  readonly own: string | undefined;
  readonly home: string | undefined;
}

/** The column of the tenant (organisation, company), where the table has one. */
export const tenantOf = (view: View, { ledger }: Pick<MoneyOptions, 'ledger'>): Field | undefined =>
  ledger && view.fields.find(({ column }) => column.name !== '' && isTenant(column.name, ledger));

const isTenant = (column: string, { tenant }: Ledger): boolean =>
  column.toLowerCase().replaceAll('_', '') === tenant.toLowerCase();

/** The column that says in which currency the other columns of the row are. */
export function currencyOf(view: View): Field | undefined {
  const candidates = view.fields.filter(
    ({ column }) =>
      (column.role === 'currency' && /^currency/i.test(column.path.at(-1) ?? '')) ||
      (column.role === 'currency' && /^currency/i.test(column.path[0] ?? '')),
  );
  return [...candidates].sort((one, other) => depth(one) - depth(other))[0];
}

/** `CurrencyRef.value` is the record's own as `CurrencyCode` is; `Invoice.CurrencyCode` belongs to something in it. */
const depth = ({ column }: Field): number =>
  /^currency/i.test(column.path[0] ?? '') ? 0 : column.path.length;

export const parentOf = ({ plan }: View, { views }: Pick<MoneyOptions, 'views'>): View | undefined =>
  plan.parent && viewNamed(views, plan.parent.table, plan);

/** The guards of a view's amounts. */
export function scopesOf(view: View, options: MoneyOptions): Scopes {
  const parent = parentOf(view, options);
  const own = currencyOf(view);
  const inherited = parent && !own ? currencyOf(parent) : undefined;
  const currency = own ? own.sql : parent && inherited ? refer(parent, inherited) : undefined;
  const tenant = tenantOf(view, options);
  const home = tenant && homeOf(tenant, { ...options, view });
  const fallback = home ? `\${home_scope}` : undefined;
  const ofRow = currency && fallback ? `COALESCE(${currency}, ${fallback})` : (currency ?? undefined);
  return {
    fields: [
      ...(home ? [scope('home_scope', home), guard('home_currencies', 'home_scope')] : []),
      ...(ofRow ? [scope('currency_scope', ofRow), guard('currencies', 'currency_scope')] : []),
    ],
    own: ofRow ? 'currencies' : home ? 'home_currencies' : undefined,
    home: home ? 'home_currencies' : undefined,
  };
}

/** The tenant's home currency; the tenant itself while that is not known, so that nothing unknown is added up. */
function homeOf(tenant: Field, { view, views, ledger, dialect }: MoneyOptions & { view: View }): string {
  const company = ledger && companyOf(view, { views, ledger });
  if (!company || !ledger || company.view === view) return tenant.sql;
  const currency = homeCurrency(company, { dialect, ledger });
  return `COALESCE(${currency}, ${tenant.sql})`;
}

export interface Company {
  readonly view: View;
  readonly currency: Field;
  readonly tenant: Field;
}

/** Where the home currency of a tenant stands, if that stream is loaded. */
export function companyOf(view: View, { views, ledger }: Omit<MoneyOptions, 'dialect'>): Company | undefined {
  if (!ledger) return undefined;
  const found = [...views.values()].find(
    ({ plan }) =>
      plan.declaration.name === ledger.company.stream &&
      plan.declaration.namespace === view.plan.declaration.namespace &&
      plan.parent === undefined,
  );
  const currency = found && fieldAt(found, ledger.company.currency);
  const tenant = found && tenantOf(found, { ledger });
  return found && currency && tenant ? { view: found, currency, tenant } : undefined;
}

function homeCurrency(
  { view, currency }: Company,
  { dialect, ledger }: { dialect: Dialect; ledger: Ledger },
) {
  const json = ledger.company.json;
  return json ? dialect.jsonText(refer(view, currency), json) : refer(view, currency);
}

const scope = (name: string, sql: string): Lines =>
  block('dimension', name, [word('hidden', 'yes'), word('type', 'string'), code('sql', sql)]);

const guard = (name: string, of: string): Lines =>
  block('measure', name, [word('hidden', 'yes'), word('type', 'count_distinct'), code('sql', `\${${of}}`)]);

export interface SumOptions {
  readonly label: string;
  readonly description?: string;
  /** Name of the guard measure; none: always summed. */
  readonly guard: string | undefined;
  /** A hidden sum of this SQL is made; the visible measure shows it where the guard allows. */
  readonly sql: string;
  readonly hidden?: boolean;
  readonly drill?: readonly string[];
}

/** A sum of money in one currency: empty for a group of rows in several. */
export function guardedSum(
  name: string,
  { label, description, guard, sql, hidden }: SumOptions,
): readonly Lines[] {
  const said = [
    ...(hidden ? [word('hidden', 'yes')] : []),
    text('label', label),
    ...(description ? [text('description', description)] : []),
  ];
  const format = word('value_format_name', 'decimal_2');
  if (guard === undefined)
    return [block('measure', name, [...said, word('type', 'sum'), format, code('sql', sql)])];
  const plain = `${name}_in_all`;
  return [
    block('measure', plain, [word('hidden', 'yes'), word('type', 'sum'), code('sql', sql)]),
    block('measure', name, [
      ...said,
      word('type', 'number'),
      format,
      code('sql', `CASE WHEN \${${guard}} <= 1 THEN \${${plain}} END`),
    ]),
  ];
}
