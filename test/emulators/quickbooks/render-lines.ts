// Lines of sales and purchases, and the tax of a transaction.
import type { AmountsAre, Item, Line } from '../../books/index.ts';
import { netOf, scale } from '../../books/money.ts';
import type { Company } from './company.ts';
import {
  accountRef,
  contactRef,
  decimal,
  dimension,
  fourPlaces,
  itemRef,
  type Ref,
  reference,
  taxCodeRef,
} from './references.ts';

type Fields = Record<string, unknown>;

interface Lined {
  readonly lines: readonly Line[];
  readonly amounts: AmountsAre;
}

export interface LineOptions {
  /** Every amount is zero then. */
  readonly voided?: boolean;
  /** Some lines may be wrapped in a bundle. */
  readonly bundled?: boolean;
}

export const GLOBAL_TAX = {
  exclusive: 'TaxExcluded',
  inclusive: 'TaxInclusive',
  untaxed: 'NotApplicable',
} as const;

/** Amounts are without tax, whatever the form shows; unit prices then follow from them. */
function priced(line: Line, amounts: AmountsAre): Fields {
  const Qty = fourPlaces(line.quantity);
  if (amounts !== 'inclusive' || line.tax === 0) return { Qty, UnitPrice: fourPlaces(line.unitPrice) };
  return {
    Qty,
    UnitPrice: Number((fourPlaces(line.unitPrice) * (1 - line.tax / Math.max(1, line.amount))).toFixed(7)),
  };
}

const inclusive = (line: Line, { amounts }: Lined): Fields =>
  amounts === 'inclusive' ? { TaxInclusiveAmt: decimal(line.amount) } : {};

function soldItem(company: Company, line: Line): Ref | undefined {
  if (line.item) return itemRef(company, line.item);
  const service = company.services.get(line.account) ?? company.services.values().next().value;
  return service && reference(company, 'Item', service, `Services: ${service.account.name}`);
}

function salesLine(company: Company, form: Lined, at: number, voided: boolean): Fields {
  const line = form.lines[at];
  if (!line) return {};
  return {
    Id: String(at + 1),
    LineNum: at + 1,
    Description: line.description,
    Amount: voided ? 0 : decimal(netOf(line, form.amounts)),
    LinkedTxn: [],
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: {
      ItemRef: soldItem(company, line),
      ItemAccountRef: accountRef(company, line.account),
      ClassRef: dimension(company, line.tracking, 'Class'),
      TaxCodeRef: taxCodeRef(company, line.taxRate),
      ...(voided ? { Qty: 0 } : { ...priced(line, form.amounts), ...inclusive(line, form) }),
      ...(line.discount === 0 ? {} : { DiscountRate: line.discount }),
    },
    CustomExtensions: [],
  };
}

/** Lines of a sales form, and the computed subtotal that closes them, which has no id. */
export function salesLines(
  company: Company,
  form: Lined,
  { voided = false, bundled = false }: LineOptions,
): Fields[] {
  const lines = form.lines.map((_, at) => salesLine(company, form, at, voided));
  const net = form.lines.reduce((sum, line) => sum + netOf(line, form.amounts), 0);
  const subtotal = {
    Amount: voided ? 0 : decimal(net),
    DetailType: 'SubTotalLineDetail',
    SubTotalLineDetail: {},
    CustomExtensions: [],
  };
  return [...(bundled && lines.length > 2 ? bundle(company, lines, form) : lines), subtotal];
}

/** The first two lines inside a bundle. */
function bundle(company: Company, lines: Fields[], form: Lined): Fields[] {
  const inner = lines.slice(0, 2);
  const net = form.lines.slice(0, 2).reduce((sum, line) => sum + netOf(line, form.amounts), 0);
  const group = {
    Id: String(lines.length + 1),
    LineNum: 1,
    Description: 'Starter bundle',
    Amount: inner.every(({ Amount }) => Amount === 0) ? 0 : decimal(net),
    LinkedTxn: [],
    DetailType: 'GroupLineDetail',
    GroupLineDetail: {
      GroupItemRef: reference(company, 'Item', company.bundle, 'Starter bundle'),
      Quantity: 1,
      Line: inner,
    },
    CustomExtensions: [],
  };
  return [group, ...lines.slice(2)];
}

/** Lines of a bill, purchase, order or vendor credit: by item, or straight to an account. */
export function purchaseLines(
  company: Company,
  form: Lined,
  { charged }: { charged?: ReadonlyMap<Line, Fields> } = {},
): Fields[] {
  return form.lines.map((line, at) => {
    const billable = charged?.get(line) ?? { BillableStatus: 'NotBillable' };
    const shared = {
      ClassRef: dimension(company, line.tracking, 'Class'),
      ...billable,
      TaxCodeRef: taxCodeRef(company, line.taxRate),
      ...inclusive(line, form),
    };
    return {
      Id: String(at + 1),
      LineNum: at + 1,
      Description: line.description,
      Amount: decimal(netOf(line, form.amounts)),
      LinkedTxn: [],
      ...(line.item
        ? byItem(company, { ...priced(line, form.amounts), ...shared }, line.item)
        : {
            DetailType: 'AccountBasedExpenseLineDetail',
            AccountBasedExpenseLineDetail: {
              AccountRef: accountRef(company, line.account),
              ...shared,
              TaxAmount: decimal(line.tax),
            },
          }),
      CustomExtensions: [],
    };
  });
}

const byItem = (company: Company, detail: Fields, item: Item): Fields => ({
  DetailType: 'ItemBasedExpenseLineDetail',
  ItemBasedExpenseLineDetail: { ItemRef: itemRef(company, item), ...detail },
});

/** TxnTaxDetail: the tax of all lines by rate; parts of a compound rate share theirs by weight. */
export function taxDetail(company: Company, form: Lined, voided = false): Fields {
  const byCode = new Map<Line['taxRate'], { tax: number; net: number }>();
  let total = 0;
  for (const line of voided ? [] : form.lines) {
    if (line.tax === 0) continue;
    const entry = byCode.get(line.taxRate) ?? { tax: 0, net: 0 };
    entry.tax += line.tax;
    entry.net += netOf(line, form.amounts);
    total += line.tax;
    byCode.set(line.taxRate, entry);
  }
  return {
    TotalTax: decimal(total),
    TaxLine: [...byCode].flatMap(([code, { tax, net }]) => {
      const parts = company.partsOf(code);
      const weight = parts.reduce((sum, part) => sum + part.rate, 0);
      let left = tax;
      return parts.map((part, at) => {
        const share = at === parts.length - 1 ? left : scale(tax, part.rate, Math.max(1, weight));
        left -= share;
        return {
          Amount: decimal(share),
          DetailType: 'TaxLineDetail',
          TaxLineDetail: {
            TaxRateRef: { value: company.idOf('TaxRate', part) ?? '' },
            PercentBased: true,
            TaxPercent: part.rate / 100,
            NetAmountTaxable: decimal(net),
          },
        };
      });
    }),
  };
}

/** Bill lines that are charged on to customers. */
export function chargedLines(company: Company): ReadonlyMap<Line, Fields> {
  return new Map(
    company.books.linkedTransactions.map((link) => [
      link.sourceLine,
      {
        BillableStatus: link.target ? 'HasBeenBilled' : 'Billable',
        CustomerRef: contactRef(company, link.contact, 'customer'),
      },
    ]),
  );
}
