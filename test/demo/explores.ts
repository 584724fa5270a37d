// What people see in Looker: figures asked through the explores of the generated model, and the same from the books.
import { type Books, bookTotals, type Document } from '../books/index.ts';
import { netOf } from '../books/money.ts';
import type { LookerEmulator } from '../emulators/looker/index.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import { type Figures, money } from './figures.ts';

/** Names of the fields that the model gives to what both sources have. */
const fields = {
  xero: {
    tenant: 'tenant_id',
    currency: 'currency_code',
    customer: 'contacts.name',
    revenue: 'invoices_line_items.revenue',
    account: 'accounts.code',
    spend: 'bills_line_items.spend',
  },
  quickbooks: {
    tenant: 'realm_id',
    currency: 'currency_ref_value',
    customer: 'customers.display_name',
    revenue: 'invoices_line.revenue',
    account: 'accounts.acct_num',
    spend: 'bills_line.spend',
  },
} as const;

/** Balances due by currency, and revenue by customer, through `sales_invoices` and `purchase_bills`. */
export async function exploreFigures(looker: LookerEmulator, from: SourceName): Promise<Figures> {
  const { tenant, currency, customer, revenue } = fields[from];
  const figures = new Map<string, string>();
  const ask = async (
    { view, explore, by, measure }: { view: string; explore: string; by?: string; measure: string },
    name: (by: string) => string,
  ): Promise<void> => {
    const dimensions = [`${view}.${tenant}`, `${view}.${currency}`, ...(by ? [by] : [])];
    const rows = await looker.query({
      model: 'ledgerpipe',
      view: explore,
      fields: [...dimensions, measure],
      limit: '-1',
    });
    for (const row of rows) {
      const [organisation, unit, party = ''] = dimensions.map((dimension) => String(row[dimension] ?? ''));
      const key = `${organisation} ${name(party.replace(/ \(deleted\)$/, ''))} ${unit}`;
      const cents = Math.round(Number(row[measure] ?? 0) * 100);
      if (cents !== 0) figures.set(key, money(cents));
    }
  };
  const sales = { view: 'invoices', explore: 'sales_invoices' };
  await ask({ ...sales, measure: 'invoices.outstanding' }, () => 'receivable');
  await ask({ view: 'bills', explore: 'purchase_bills', measure: 'bills.outstanding' }, () => 'payable');
  await ask({ ...sales, by: customer, measure: revenue }, (party) => `revenue from ${party}`);
  return figures;
}

/** The books' own figures under the names that `exploreFigures` gives them; `organisation`: as records carry it. */
export function exploreBooks(books: Books, organisation: string): Figures {
  const figures = new Map<string, string>();
  const add = (figure: string, cents: number) => {
    if (Math.round(cents) !== 0) figures.set(`${organisation} ${figure}`, money(Math.round(cents)));
  };
  const totals = bookTotals(books);
  for (const [currency, value] of Object.entries(totals.accountsReceivable.byCurrency))
    add(`receivable ${currency}`, value);
  for (const [currency, value] of Object.entries(totals.accountsPayable.byCurrency))
    add(`payable ${currency}`, value);
  for (const [name, cents] of revenueByCustomer(books.invoices)) add(`revenue from ${name}`, cents);
  return figures;
}

function revenueByCustomer(invoices: readonly Document[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { status, contact, currency, lines, amounts } of invoices) {
    if (status !== 'authorised' && status !== 'paid') continue;
    const key = `${contact.name} ${currency}`;
    for (const line of lines) sums.set(key, (sums.get(key) ?? 0) + netOf(line, amounts));
  }
  return sums;
}
