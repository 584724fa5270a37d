// Records QuickBooks has and the books do not: terms, payment methods, customer types, currencies, tax agencies, hours worked.
import { PER_NZD } from '../../books/chart.ts';
import type { Books } from '../../books/index.ts';
import { day } from './times.ts';

/** A record that is held as QuickBooks would show it, but for ids and stamps. */
export class Extra {
  fields: Readonly<Record<string, unknown>>;
  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }
}

export interface ExtraRow {
  readonly entity: string;
  readonly extra: Extra;
}

const DAY = 86_400_000;

/** Days of credit that contacts of the books have. */
export const TERM_DAYS: readonly number[] = [7, 14, 20, 30];

/** Payment methods by the order of their ids. */
export const METHODS = ['Cash', 'Check', 'Direct Debit', 'Visa'] as const;

/** Home units per unit of `currency`, as a decimal. */
function todaysRate(books: Books, currency: string): number {
  const cross = (PER_NZD[books.company.baseCurrency] ?? 1) / (PER_NZD[currency] ?? 1);
  return Number(cross.toFixed(6));
}

/** What a company starts with. */
export function extrasOf(books: Books): ExtraRow[] {
  const { baseCurrency } = books.company;
  const row = (entity: string, fields: Record<string, unknown>): ExtraRow => ({
    entity,
    extra: new Extra(fields),
  });
  const foreign = books.currencies.filter(({ code }) => code !== baseCurrency);
  return [
    ...TERM_DAYS.map((days) =>
      row('Term', {
        Name: `Net ${days}`,
        Active: true,
        Type: 'STANDARD',
        DiscountPercent: 0,
        DueDays: days,
        DiscountDays: 0,
      }),
    ),
    row('Term', {
      Name: '20th of next month',
      Active: true,
      Type: 'DATE_DRIVEN',
      DayOfMonthDue: 20,
      DueNextMonthDays: 10,
      DiscountPercent: 0,
    }),
    ...METHODS.map((Name) =>
      row('PaymentMethod', { Name, Active: true, Type: Name === 'Visa' ? 'CREDIT_CARD' : 'NON_CREDIT_CARD' }),
    ),
    ...['Trade', 'Retail "walk-in"'].map((Name) => row('CustomerType', { Name, Active: true })),
    ...foreign.map(({ code, name }) => row('CompanyCurrency', { Code: code, Name: name, Active: true })),
    ...foreign.map(({ code }) =>
      row('ExchangeRate', {
        SourceCurrencyCode: code,
        TargetCurrencyCode: baseCurrency,
        Rate: todaysRate(books, code),
        AsOfDate: day(books.lastTouched),
      }),
    ),
    ...['Inland Revenue', 'City & State'].map((DisplayName) =>
      row('TaxAgency', {
        DisplayName,
        TaxTrackedOnPurchases: true,
        TaxTrackedOnSales: true,
        TaxAgencyConfig: 'USER_DEFINED',
      }),
    ),
    row('Item', {
      Name: 'Starter bundle',
      FullyQualifiedName: 'Starter bundle',
      Sku: 'BUNDLE',
      Active: true,
      Type: 'Group',
      Taxable: false,
      PrintGroupedItems: true,
      ItemGroupDetail: { ItemGroupLine: [] },
    }),
  ];
}

/** Hours that users worked, spread over the last quarter of the books. References are filled in by the company. */
export function hoursOf(
  books: Books,
): readonly { user: number; at: number; hours: number; minutes: number }[] {
  const count = Math.min(400, Math.max(12, Math.floor(books.invoices.length / 20)));
  const working = books.users.filter(({ role }) => role !== 'removed').length;
  return Array.from({ length: working === 0 ? 0 : count }, (_, at) => ({
    user: at % working,
    at: Math.floor(books.lastTouched / DAY) * DAY - ((at * 7) % 90) * DAY,
    hours: 1 + (at % 8),
    minutes: (at % 4) * 15,
  }));
}
