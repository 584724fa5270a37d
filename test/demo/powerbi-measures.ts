// The measures that come with a push model, beside the books: what is open, and what was earned, in the base currency.
import type { Books, Document } from '../books/index.ts';
import { exchangeRate } from '../emulators/quickbooks/references.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import type { Figures } from './figures.ts';
import { type DaxModel, decimalOf } from './powerbi-dax.ts';

/** The table each measure is told apart by organisation on. */
const measures = {
  'AR outstanding': 'invoices',
  'AP outstanding': 'bills',
  Revenue: 'invoices',
  Expenses: 'bills',
} as const;

/** Every measure for each organisation; four places, as the model converts each document. */
export async function measureFigures(model: DaxModel, from: SourceName): Promise<Figures> {
  const tenant = from === 'xero' ? 'TenantID' : 'RealmID';
  const figures = new Map<string, string>();
  for (const [measure, table] of Object.entries(measures)) {
    const rows = await model.ask(
      `EVALUATE SUMMARIZECOLUMNS('${table}'[${tenant}], "value", [${measure}], "rows", COUNTROWS('${table}'))`,
    );
    for (const row of rows)
      figures.set(`${row[`${table}[${tenant}]`]} ${measure}`, twoPlaces(row['[value]'] ?? 0));
  }
  return figures;
}

/** The books' own figures under the names that `measureFigures` gives them; `organisation`: as records carry it. */
export function measureBooks(books: Books, organisation: string, from: SourceName): Figures {
  const base = (cents: number, { rate }: Document): bigint => converted(cents, rate, from);
  // QuickBooks tells the total and the tax in it, and the model converts what it is told.
  const net = (one: Document): bigint =>
    from === 'xero' ? base(one.net, one) : base(one.total, one) - base(one.tax, one);
  const sum = (documents: readonly Document[], value: (document: Document) => bigint): string =>
    decimalOf(documents.reduce((total, one) => total + value(one), 0n));
  const open = (documents: readonly Document[]) => documents.filter(({ status }) => status === 'authorised');
  const earned = (documents: readonly Document[]) =>
    documents.filter(({ status }) => status === 'authorised' || status === 'paid');
  return new Map([
    [`${organisation} AR outstanding`, sum(open(books.invoices), (one) => base(one.open, one))],
    [`${organisation} AP outstanding`, sum(open(books.bills), (one) => base(one.open, one))],
    [`${organisation} Revenue`, sum(earned(books.invoices), net)],
    [`${organisation} Expenses`, sum(earned(books.bills), net)],
  ]);
}

/** Units of 1/10000 of the base currency, at the rate that the source tells. */
function converted(cents: number, rate: number, from: SourceName): bigint {
  const exact = cents * 100;
  const exchanged = from === 'xero' ? exact / (rate / 1_000_000) : exact * exchangeRate(rate);
  return BigInt(rate === 1_000_000 ? exact : Math.sign(exchanged) * Math.round(Math.abs(exchanged)));
}

const twoPlaces = (value: string | number | boolean): string => {
  const [whole = '0', places = ''] = String(value).split('.');
  return `${whole}.${places.replace(/0+$/, '').padEnd(2, '0')}`;
};
