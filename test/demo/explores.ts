// What people see in Looker: figures asked through the explores of the generated model, and the same from the books.
import { trackingDimensions } from '../../destination-looker/model/tracking.ts';
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
    spend: 'bills_line_items.spend',
  },
  quickbooks: {
    tenant: 'realm_id',
    currency: 'currency_ref_value',
    customer: 'customers.display_name',
    revenue: 'invoices_line.revenue',
    spend: 'bills_line.spend',
  },
} as const;

/** The books of each organisation, by the id that records carry. */
type Organisations = ReadonlyMap<string, Books>;

/** QuickBooks marks names that a vendor has too, and those of customers and classes that were made inactive. */
const marks = /( \((C|deleted)\))+$/;

interface Question {
  readonly view: 'invoices' | 'bills';
  readonly measure: string;
  readonly by?: string;
  readonly name: (by: string) => string;
}

/** Balances due by currency and by age, revenue by customer, spend by tracking option (QuickBooks: class). */
export async function exploreFigures(
  looker: LookerEmulator,
  from: SourceName,
  organisations: Organisations,
): Promise<Figures> {
  const { tenant, currency } = fields[from];
  const figures = new Map<string, string>();
  for (const { view, measure, by, name } of questions(from, organisations)) {
    const dimensions = [`${view}.${tenant}`, `${view}.${currency}`, ...(by ? [by] : [])];
    const rows = await looker.query({
      model: 'ledgerpipe',
      view: view === 'invoices' ? 'sales_invoices' : 'purchase_bills',
      fields: [...dimensions, measure],
      limit: '-1',
    });
    for (const row of rows) {
      const [organisation, unit, part = ''] = dimensions.map((dimension) => String(row[dimension] ?? ''));
      const cents = Math.round(Number(row[measure] ?? 0) * 100);
      const figure = name(part.replace(marks, ''));
      if (cents !== 0) figures.set(`${organisation} ${figure} ${unit}`, money(cents));
    }
  }
  return figures;
}

function questions(from: SourceName, organisations: Organisations): readonly Question[] {
  const { customer, revenue, spend } = fields[from];
  const tracked = from === 'xero' ? trackingOf(organisations) : [{ by: 'classes.name', label: 'class' }];
  return [
    { view: 'invoices', measure: 'invoices.outstanding', name: () => 'receivable' },
    { view: 'bills', measure: 'bills.outstanding', name: () => 'payable' },
    {
      view: 'invoices',
      measure: 'invoices.outstanding',
      by: 'invoices.ageing_bucket',
      name: (bucket) => `overdue receivable ${bucket}`,
    },
    { view: 'invoices', measure: revenue, by: customer, name: (party) => `revenue from ${party}` },
    ...tracked.map(({ by, label }) => ({
      view: 'bills' as const,
      measure: spend,
      by,
      name: (option: string) => `spend on ${label} ${option || '(none)'}`,
    })),
  ];
}

const trackingOf = (organisations: Organisations) =>
  trackingDimensions([...organisations.values()].flatMap(({ trackingCategories }) => trackingCategories)).map(
    ({ name, label, ids }) => ({ by: `bills_line_items.${name}`, label, ids }),
  );

/** The books' own figures under the names that `exploreFigures` gives them. */
export function exploreBooks(from: SourceName, organisations: Organisations): Figures {
  const figures = new Map<string, string>();
  for (const [organisation, books] of organisations) {
    const tracked = trackedBy(from, organisations, books);
    for (const [figure, cents] of sumsOf([...balances(books), ...sales(books), ...spending(books, tracked)]))
      if (Math.round(cents) !== 0) figures.set(`${organisation} ${figure}`, money(Math.round(cents)));
  }
  return figures;
}

type Entry = readonly [figure: string, cents: number];

function sumsOf(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [figure, cents] of entries) sums.set(figure, (sums.get(figure) ?? 0) + cents);
  return sums;
}

function balances(books: Books): readonly Entry[] {
  const { accountsReceivable, accountsPayable } = bookTotals(books);
  return [
    ...Object.entries(accountsReceivable.byCurrency).map(([unit, due]): Entry => [`receivable ${unit}`, due]),
    ...Object.entries(accountsPayable.byCurrency).map(([unit, due]): Entry => [`payable ${unit}`, due]),
    ...books.invoices
      .filter(({ status }) => status === 'authorised')
      .map(
        ({ dueDate, open, currency }): Entry => [`overdue receivable ${bucketOf(dueDate)} ${currency}`, open],
      ),
  ];
}

const sales = ({ invoices }: Books): readonly Entry[] =>
  invoices
    .filter(recognised)
    .flatMap(({ contact, currency, lines, amounts }) =>
      lines.map((line): Entry => [`revenue from ${contact.name} ${currency}`, netOf(line, amounts)]),
    );

const spending = ({ bills }: Books, tracked: readonly Tracked[]): readonly Entry[] =>
  tracked.flatMap(({ label, optionOf }) =>
    bills
      .filter(recognised)
      .flatMap(({ currency, lines, amounts }) =>
        lines.map(
          (line): Entry => [
            `spend on ${label} ${optionOf(line) || '(none)'} ${currency}`,
            netOf(line, amounts),
          ],
        ),
      ),
  );

type Line = Document['lines'][number];

interface Tracked {
  readonly label: string;
  readonly optionOf: (line: Line) => string | undefined;
}

/** How lines are tracked: Xero by any category; QuickBooks has the second one on the document, as its location. */
function trackedBy(
  from: SourceName,
  organisations: Organisations,
  { trackingCategories }: Books,
): readonly Tracked[] {
  if (from === 'xero')
    return trackingOf(organisations).map(({ label, ids }) => ({
      label,
      optionOf: ({ tracking }) => tracking.find(({ category }) => ids.includes(category.id))?.name,
    }));
  const [, location] = trackingCategories;
  return [
    {
      label: 'class',
      optionOf: ({ tracking }) => tracking.find(({ category }) => category !== location)?.name,
    },
  ];
}

const recognised = ({ status }: Document): boolean => status === 'authorised' || status === 'paid';

/** Whole days between the due date and today, in the buckets of the model. */
function bucketOf(due: number): string {
  const days = Math.round((Date.parse(new Date().toISOString().slice(0, 10)) - due) / 86_400_000);
  if (days <= 0) return 'Current';
  const bounds = [30, 60, 90];
  const bound = bounds.find((most) => days <= most);
  return bound === undefined ? '90+ days' : `${bound - 29}-${bound} days`;
}
