// The fixed part of every company: its chart of accounts, tax rates and currencies.
import { idOf } from './books.ts';
import type { Account, AccountClass, AccountType, SystemRole, TaxRate } from './model.ts';

const TAX_RATES: readonly TaxRate[] = [
  rate('OUTPUT2', '15% GST on Income', 'sales', 1500),
  rate('INPUT2', '15% GST on Expenses', 'purchases', 1500),
  rate('ZERORATED', 'Zero Rated', 'sales', 0),
  rate('NONE', 'No GST', 'both', 0),
  rate('GSTONIMPORTS', 'GST on Imports', 'purchases', 0),
  {
    ...rate('TAX001', 'City "levy" & state (compound)', 'sales', 1155),
    components: [
      { name: 'City', rate: 500, compound: false },
      { name: 'State', rate: 624, compound: true },
    ],
  },
  { ...rate('OUTPUT', '12.5% GST on Income', 'sales', 1250), status: 'archived' },
  { ...rate('TAX002', 'Levy made by mistake', 'both', 333), status: 'deleted' },
];

function rate(code: string, name: string, appliesTo: TaxRate['appliesTo'], percent: number): TaxRate {
  return {
    code,
    name,
    appliesTo,
    rate: percent,
    status: 'active',
    components: [{ name: 'GST', rate: percent, compound: false }],
  };
}

export const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  NZD: 'New Zealand Dollar',
  AUD: 'Australian Dollar',
  USD: 'United States Dollar',
  GBP: 'British Pound',
  EUR: 'Euro',
  CAD: 'Canadian Dollar',
};

/** Millionths of a foreign unit per NZD; other base currencies are crossed through it. */
export const PER_NZD: Readonly<Record<string, number>> = {
  NZD: 1_000_000,
  AUD: 921_344,
  USD: 607_218,
  GBP: 478_903,
  EUR: 561_077,
  CAD: 829_651,
};

type Row = readonly [
  code: string,
  name: string,
  type: AccountType,
  more?: {
    system?: SystemRole;
    tax?: string;
    foreign?: true;
    payments?: true;
    archived?: true;
    bank?: string;
  },
];

// Codes keep leading zeros on purpose: they are text, and turning them into numbers loses accounts.
const ROWS: readonly Row[] = [
  ['090', 'Business Cheque Account', 'bank', { bank: '02-0108-0654321-050' }],
  ['091', 'Business Savings Account', 'bank', { bank: '0209087654321050' }],
  ['092', 'Foreign Currency Account', 'bank', { foreign: true, bank: '00012345678' }],
  ['093', 'Visa "Platinum" Card', 'bank', { bank: '4111-XXXX' }],
  ['200', 'Sales', 'revenue', { tax: 'OUTPUT2' }],
  ['201', 'sales', 'revenue', { tax: 'OUTPUT2' }],
  ['0200', 'Export Sales', 'revenue', { tax: 'ZERORATED' }],
  ['260', 'Other Revenue', 'revenue', { tax: 'OUTPUT2' }],
  ['270', 'Interest Income', 'otherIncome'],
  ['300', 'Purchases', 'directCosts', { tax: 'INPUT2' }],
  ['310', 'Cost of Goods Sold', 'directCosts', { tax: 'INPUT2' }],
  ['400', 'Advertising', 'expense', { tax: 'INPUT2' }],
  ['404', 'Bank Fees', 'expense'],
  ['412', 'Consulting & Accounting', 'expense', { tax: 'INPUT2' }],
  ['416', 'Depreciation', 'depreciation'],
  ['420', 'Entertainment', 'expense', { tax: 'INPUT2' }],
  ['425', 'Freight & Courier', 'expense', { tax: 'INPUT2' }],
  ['429', 'General Expenses', 'expense', { tax: 'INPUT2' }],
  ['433', 'Insurance', 'expense', { tax: 'INPUT2' }],
  ['445', 'Light, Power, Heating', 'expense', { tax: 'INPUT2' }],
  ['449', 'Motor Vehicle Expenses', 'expense', { tax: 'INPUT2' }],
  ['453', 'Office Expenses', 'expense', { tax: 'INPUT2' }],
  ['469', 'Rent', 'expense', { tax: 'INPUT2' }],
  ['477', 'Salaries', 'expense'],
  ['489', 'Telephone & Internet', 'expense', { tax: 'INPUT2' }],
  ['499', 'Closed Project Costs', 'expense', { tax: 'INPUT2', archived: true }],
  ['497', 'Currency Gains and Losses', 'expense', { system: 'exchange' }],
  ['610', 'Accounts Receivable', 'current', { system: 'receivable' }],
  ['620', 'Prepayments', 'current'],
  ['630', 'Inventory', 'inventory'],
  ['710', 'Office Equipment', 'fixed', { tax: 'INPUT2' }],
  ['711', 'Less Accumulated Depreciation', 'fixed'],
  ['800', 'Accounts Payable', 'currentLiability', { system: 'payable' }],
  ['801', 'Unpaid Expense Claims', 'currentLiability', { system: 'claims' }],
  ['820', 'GST', 'currentLiability', { system: 'tax' }],
  ['825', 'PAYE Payable', 'currentLiability'],
  ['860', 'Rounding', 'currentLiability', { system: 'rounding' }],
  ['900', 'Loan', 'termLiability'],
  ['960', 'Retained Earnings', 'equity', { system: 'retained' }],
  ['970', 'Owner A Funds Introduced', 'equity', { payments: true }],
];

const CLASS_OF: Readonly<Record<AccountType, AccountClass>> = {
  bank: 'asset',
  current: 'asset',
  inventory: 'asset',
  fixed: 'asset',
  currentLiability: 'liability',
  termLiability: 'liability',
  equity: 'equity',
  revenue: 'revenue',
  otherIncome: 'revenue',
  directCosts: 'expense',
  expense: 'expense',
  depreciation: 'expense',
};

/** The company's tax rates, fresh objects for each set of books. */
export function makeTaxRates(): TaxRate[] {
  return TAX_RATES.map((one) => ({ ...one }));
}

/** The chart of accounts; `at` is when the company set it up. */
export function makeAccounts(
  seed: number,
  taxRates: readonly TaxRate[],
  options: { at: number; base: string },
): Account[] {
  return ROWS.map(([code, name, type, more = {}], at) => {
    const taxRate = taxRates.find((one) => one.code === (more.tax ?? 'NONE'));
    if (!taxRate) throw new Error(`Cannot make account "${code}": no tax rate "${more.tax}"`);
    const instant = options.at + at * 1013;
    return {
      id: idOf({ seed }, 'account', at),
      code,
      name,
      type,
      class: CLASS_OF[type],
      system: more.system,
      // The foreign account is in US dollars, or in euros for a company that keeps its books in dollars.
      currency: !more.foreign ? options.base : options.base === 'USD' ? 'EUR' : 'USD',
      bankNumber: more.bank,
      description: type === 'bank' ? '' : `${name} of the company`,
      taxRate,
      takesPayments: more.payments ?? false,
      status: more.archived ? 'archived' : 'active',
      createdAt: instant,
      updatedAt: instant,
    };
  });
}

/** The accounts the books post to by themselves. */
export function systemAccounts(accounts: readonly Account[]): Record<SystemRole, Account> {
  const find = (role: SystemRole): Account => {
    const account = accounts.find((one) => one.system === role);
    if (!account) throw new Error(`Cannot keep books without a "${role}" account`);
    return account;
  };
  return {
    receivable: find('receivable'),
    payable: find('payable'),
    tax: find('tax'),
    exchange: find('exchange'),
    rounding: find('rounding'),
    retained: find('retained'),
    claims: find('claims'),
  };
}
