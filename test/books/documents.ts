// Making invoices, bills and credit notes: lines, amounts, and the first posting.
import { type Books, file, newId, nextNumber } from './books.ts';
import { PER_NZD } from './chart.ts';
import { postDocument, sideOf } from './ledger.ts';
import type {
  Account,
  AmountsAre,
  Contact,
  Document,
  DocumentKind,
  DocumentStatus,
  Item,
  Line,
  RepeatingInvoice,
  Side,
  TaxRate,
  TrackingOption,
} from './model.ts';
import { lineAmount, scale, sumLines, taxOn } from './money.ts';
import type { Random } from './random.ts';
import { HOSTILE_TEXTS, PURCHASE_TEXTS, SALES_TEXTS } from './texts.ts';

export const DAY = 86_400_000;
const NONE: readonly never[] = [];

/** What lines are drawn from; made once per run of generation or edits. */
export interface Pools {
  readonly accounts: Record<Side, readonly Account[]>;
  readonly items: Record<Side, readonly Item[]>;
  readonly options: readonly (readonly TrackingOption[])[];
  readonly banks: readonly Account[];
  readonly foreignBank: Account;
  readonly untaxed: TaxRate;
}

export function poolsOf(books: Books): Pools {
  const active = books.accounts.filter((one) => one.status === 'active' && !one.system);
  const banks = active.filter((one) => one.type === 'bank');
  const [foreignBank] = banks.filter((one) => one.currency !== books.company.baseCurrency);
  const untaxed = books.taxRates.find((one) => one.code === 'NONE');
  if (!foreignBank || !untaxed)
    throw new Error('Cannot keep books without a foreign bank account and an untaxed rate');
  return {
    accounts: {
      receivable: active.filter((one) => one.class === 'revenue'),
      payable: active.filter(
        (one) => one.type === 'expense' || one.type === 'directCosts' || one.code === '710',
      ),
    },
    items: {
      receivable: books.items.filter((one) => one.salePrice !== undefined),
      payable: books.items.filter((one) => one.purchasePrice !== undefined),
    },
    options: books.trackingCategories
      .filter((one) => one.status === 'active')
      .map((one) => one.options.filter((option) => option.status === 'active')),
    banks: banks.filter((one) => one.currency === books.company.baseCurrency),
    foreignBank,
    untaxed,
  };
}

/** Millionths of a foreign unit per base unit on some day: the usual rate, a little up or down. */
export function rateFor(books: Books, random: Random, currency: string): number {
  const { baseCurrency } = books.company;
  if (currency === baseCurrency) return 1_000_000;
  const cross = scale(PER_NZD[currency] ?? 1_000_000, 1_000_000, PER_NZD[baseCurrency] ?? 1_000_000);
  return scale(cross, 960_000 + random.whole(0, 80_000), 1_000_000);
}

export interface LineOptions {
  readonly side: Side;
  readonly amounts: AmountsAre;
  readonly count: number;
}

/** Lines of a document, about a third of them from items, most of them tracked. */
export function makeLines(books: Books, random: Random, options: LineOptions & { pools: Pools }): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < options.count; at += 1) lines.push(makeLine(books, random, options));
  return lines;
}

function makeLine(
  books: Books,
  random: Random,
  { side, amounts, pools }: LineOptions & { pools: Pools },
): Line {
  const items = pools.items[side];
  const item = items.length > 0 && random.chance(0.35) ? random.pick(items) : undefined;
  const sales = side === 'receivable';
  const account = item
    ? sales
      ? item.saleAccount
      : item.purchaseAccount
    : random.pick(pools.accounts[side]);
  const taxRate = amounts === 'untaxed' ? pools.untaxed : account.taxRate;
  const quantity = random.chance(0.6)
    ? 10_000
    : random.chance(0.8)
      ? random.whole(1, 24) * 10_000
      : random.whole(1, 99_999);
  const itemPrice = item ? (sales ? item.salePrice : item.purchasePrice) : undefined;
  const unitPrice = itemPrice ?? randomPrice(random);
  const discount = sales && random.chance(0.05) ? random.whole(1, 50) : 0;
  const amount = lineAmount(quantity, unitPrice, discount);
  return {
    id: newId(books, 'line'),
    description: random.chance(0.004)
      ? random.pick(HOSTILE_TEXTS)
      : (item?.description ?? random.pick(sales ? SALES_TEXTS : PURCHASE_TEXTS)),
    quantity,
    unitPrice,
    discount,
    amount,
    tax: taxOn(amount, taxRate.rate, amounts),
    account,
    item,
    taxRate,
    tracking: pickTracking(random, pools),
  };
}

/** Most prices have cents; some have four decimals, as fuel and electricity do; a few are millions. */
function randomPrice(random: Random): number {
  const dice = random.next();
  if (dice < 0.0005) return random.whole(1_000_000, 9_000_000) * 10_000;
  return dice < 0.06 ? random.whole(100, 999_999) : random.whole(100, 90_000) * 100;
}

function pickTracking(random: Random, { options }: Pools): readonly TrackingOption[] {
  const [first, second] = options;
  const dice = random.next();
  if (!first?.length || dice < 0.3) return NONE;
  if (dice < 0.75 || !second?.length) return [random.pick(first)];
  return [random.pick(first), random.pick(second)];
}

/** Line count of a lived-in document: mostly one to four, now and then dozens. */
export function lineCount(random: Random): number {
  const dice = random.next();
  if (dice < 0.45) return 1;
  if (dice < 0.93) return random.whole(2, 5);
  return dice < 0.998 ? random.whole(6, 12) : random.whole(20, 60);
}

export interface DocumentOptions {
  readonly kind: DocumentKind;
  readonly contact: Contact;
  readonly date: number;
  readonly at: number;
  readonly lines: readonly Line[];
  readonly amounts: AmountsAre;
  readonly currency: string;
  readonly rate: number;
  readonly status?: Extract<DocumentStatus, 'draft' | 'submitted' | 'authorised'>;
  readonly reference?: string;
  readonly number?: string;
  readonly sent?: boolean;
  readonly attachments?: boolean;
  readonly repeating?: RepeatingInvoice | undefined;
}

const TABLE = {
  invoice: 'invoices',
  bill: 'bills',
  salesCredit: 'salesCredits',
  purchaseCredit: 'purchaseCredits',
} as const;
const PREFIX = { invoice: 'INV-', bill: '', salesCredit: 'CN-', purchaseCredit: '' } as const;

/** Files a document; an approved one (the default) is posted at once. */
export function addDocument(books: Books, options: DocumentOptions): Document {
  const { kind, contact } = options;
  const { net, tax, total } = sumLines(options.lines, options.amounts);
  const document: Document = {
    kind,
    id: newId(books, kind),
    contact,
    number:
      options.number ??
      `${PREFIX[kind]}${String(nextNumber(books, `${kind}Number`)).padStart(PREFIX[kind] ? 6 : 7, '0')}`,
    reference: options.reference ?? '',
    date: options.date,
    dueDate: options.date + contact.termsDays * DAY,
    lines: options.lines,
    amounts: options.amounts,
    currency: options.currency,
    rate: options.rate,
    status: options.status ?? 'authorised',
    net,
    tax,
    total,
    open: total,
    openBase: 0,
    paid: 0,
    credited: 0,
    payments: NONE,
    allocations: NONE,
    paidOn: undefined,
    theme: contact.theme,
    repeating: options.repeating,
    sent: options.sent ?? false,
    attachments: options.attachments ?? false,
    createdAt: options.at,
    updatedAt: options.at,
    posting: undefined,
  };
  file(books, TABLE[kind], document);
  if (sideOf(document) === 'receivable') contact.isCustomer = true;
  else contact.isSupplier = true;
  if (document.status === 'authorised') postDocument(books, document, options.at);
  return document;
}
