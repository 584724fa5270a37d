// Making records that stand beside the ledger: quotes, purchase orders, repeating invoices, links, budgets, expense claims.
import { type Books, file, newId, nextNumber } from './books.ts';
import { DAY, lineCount, makeLines, type Pools, rateFor } from './documents.ts';
import { plain, post } from './ledger.ts';
import type {
  AmountsAre,
  Contact,
  Document,
  ExpenseClaim,
  Line,
  Receipt,
  RepeatingInvoice,
  Side,
} from './model.ts';
import { sumLines } from './money.ts';
import type { Random } from './random.ts';

export interface OrderOptions {
  readonly contact: Contact;
  readonly date: number;
  readonly at: number;
  readonly pools: Pools;
}

function orderCore(books: Books, random: Random, { contact, date, at, pools }: OrderOptions, side: Side) {
  const amounts: AmountsAre = random.chance(0.8) ? 'exclusive' : 'inclusive';
  const lines: readonly Line[] = makeLines(books, random, { side, amounts, count: lineCount(random), pools });
  const currency = contact.currency || books.company.baseCurrency;
  return {
    reference: random.chance(0.3) ? `REF-${random.whole(1, 9999)}` : '',
    contact,
    date,
    lines,
    amounts,
    currency,
    rate: rateFor(books, random, currency),
    ...sumLines(lines, amounts),
    theme: contact.theme,
    updatedAt: at,
  };
}

export function addQuote(books: Books, random: Random, options: OrderOptions): void {
  const number = nextNumber(books, 'quoteNumber');
  file(books, 'quotes', {
    id: newId(books, 'quote'),
    number: `QU-${String(number).padStart(4, '0')}`,
    ...orderCore(books, random, options, 'receivable'),
    expiry: options.date + 30 * DAY,
    title: 'Your quote',
    summary: number % 5 === 0 ? 'Two parts:\n1) "A"\n2) “B”' : 'Please buy this',
    terms: 'Not valid after the expiry date',
    status: random.pick(['draft', 'sent', 'sent', 'declined', 'accepted', 'invoiced', 'deleted']),
  });
}

export function addPurchaseOrder(books: Books, random: Random, options: OrderOptions): void {
  const number = nextNumber(books, 'purchaseOrderNumber');
  file(books, 'purchaseOrders', {
    id: newId(books, 'purchaseOrder'),
    number: `PO-${String(number).padStart(4, '0')}`,
    ...orderCore(books, random, options, 'payable'),
    delivery: options.date + random.whole(3, 40) * DAY,
    deliverTo: '101 Grafton Road\nRoseneath\nWellington\n6011\nNew Zealand',
    instructions: number % 4 === 0 ? 'Drop off at "front"  door' : '',
    status: random.pick(['draft', 'submitted', 'authorised', 'authorised', 'billed', 'deleted']),
  });
}

export function addRepeatingInvoice(
  books: Books,
  random: Random,
  options: OrderOptions & { side: Side },
): RepeatingInvoice {
  const repeating: RepeatingInvoice = {
    id: newId(books, 'repeatingInvoice'),
    ...orderCore(books, random, options, options.side),
    side: options.side,
    every: { period: random.whole(1, 3), unit: random.pick(['week', 'month']) },
    start: options.date,
    next: options.date + 31 * DAY,
    end: random.chance(0.4) ? options.date + 365 * DAY : undefined,
    status: random.pick(['draft', 'authorised', 'authorised', 'deleted']),
  };
  file(books, 'repeatingInvoices', repeating);
  return repeating;
}

/** Charges a bill's first line on to a customer, on an invoice line where one is given. */
export function addLink(
  books: Books,
  source: Document,
  { contact, target, at }: { contact: Contact; target: Document | undefined; at: number },
): void {
  const [sourceLine] = source.lines;
  if (!sourceLine) return;
  file(books, 'linkedTransactions', {
    id: newId(books, 'linkedTransaction'),
    source,
    sourceLine,
    contact,
    target,
    targetLine: target?.lines[0],
    updatedAt: at,
  });
}

/** One budget over the whole company and one for a tracking option, twelve months from `from`. */
export function addBudgets(books: Books, random: Random, { from, at }: { from: number; at: number }): void {
  const start = new Date(from);
  const months = Array.from({ length: 24 }, (_, month) =>
    Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1),
  );
  const accounts = books.accounts
    .filter((one) => one.class === 'revenue' || one.type === 'expense')
    .slice(0, 12);
  const option = books.trackingCategories[0]?.options[0];
  for (const [name, tracking] of [
    ['Overall Budget', []],
    ['North "stretch" budget', option ? [option] : []],
  ] as const)
    file(books, 'budgets', {
      id: newId(books, 'budget'),
      name,
      tracking,
      lines: accounts.map((account) => ({
        account,
        months: months.map((month) => ({ month, amount: random.whole(10, 500) * 10_000 })),
      })),
      updatedAt: at,
    });
}

/** An expense claim of one to three receipts; an approved claim is owed to the user until paid. */
export function addExpenseClaim(
  books: Books,
  random: Random,
  { contact, date, at, pools }: OrderOptions,
): void {
  const user = random.pick(books.users.filter((one) => one.role !== 'removed'));
  const approved = random.chance(0.6);
  const receipts = Array.from({ length: random.whole(1, 3) }, (): Receipt => {
    const lines = makeLines(books, random, {
      side: 'payable',
      amounts: 'inclusive',
      count: random.whole(1, 2),
      pools,
    });
    const number = nextNumber(books, 'receiptNumber');
    const status = approved ? 'authorised' : 'submitted';
    return {
      id: newId(books, 'receipt'),
      number,
      user,
      contact,
      date,
      lines,
      ...sumLines(lines, 'inclusive'),
      status,
      updatedAt: at,
    };
  });
  for (const receipt of receipts) file(books, 'receipts', receipt);
  const total = receipts.reduce((sum, one) => sum + one.total, 0);
  const status = approved ? 'authorised' : 'submitted';
  const claim: ExpenseClaim = {
    id: newId(books, 'expenseClaim'),
    user,
    receipts,
    total,
    date,
    status,
    updatedAt: at,
    posting: undefined,
  };
  file(books, 'expenseClaims', claim);
  if (approved) postClaim(books, claim, at);
}

function postClaim(books: Books, claim: ExpenseClaim, at: number): void {
  const lines = claim.receipts.flatMap((receipt) =>
    receipt.lines.map((line) => ({
      account: line.account,
      net: line.amount - line.tax,
      tax: line.tax,
      from: line,
    })),
  );
  const tax = claim.receipts.reduce((sum, one) => sum + one.tax, 0);
  const posted = [
    plain(books.system.claims, -claim.total),
    ...lines,
    ...(tax === 0 ? [] : [plain(books.system.tax, tax)]),
  ];
  claim.posting = post(books, { kind: 'claim', record: claim }, { date: claim.date, at, lines: posted });
}
