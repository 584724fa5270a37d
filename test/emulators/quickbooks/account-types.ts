// The chart of accounts in QuickBooks' words.
import type { Account, AccountType } from '../../books/index.ts';
import { isCard } from './render-documents.ts';

interface Kind {
  readonly classification: 'Asset' | 'Liability' | 'Equity' | 'Revenue' | 'Expense';
  readonly type: string;
  readonly subType: string;
}

const KINDS: Readonly<Record<AccountType, Kind>> = {
  bank: { classification: 'Asset', type: 'Bank', subType: 'Checking' },
  current: { classification: 'Asset', type: 'Other Current Asset', subType: 'OtherCurrentAssets' },
  inventory: { classification: 'Asset', type: 'Other Current Asset', subType: 'Inventory' },
  fixed: { classification: 'Asset', type: 'Fixed Asset', subType: 'FurnitureAndFixtures' },
  currentLiability: {
    classification: 'Liability',
    type: 'Other Current Liability',
    subType: 'OtherCurrentLiabilities',
  },
  termLiability: { classification: 'Liability', type: 'Long Term Liability', subType: 'NotesPayable' },
  equity: { classification: 'Equity', type: 'Equity', subType: 'OwnersEquity' },
  revenue: { classification: 'Revenue', type: 'Income', subType: 'SalesOfProductIncome' },
  otherIncome: { classification: 'Revenue', type: 'Other Income', subType: 'InterestEarned' },
  directCosts: { classification: 'Expense', type: 'Cost of Goods Sold', subType: 'SuppliesMaterialsCogs' },
  expense: { classification: 'Expense', type: 'Expense', subType: 'OtherMiscellaneousServiceCost' },
  depreciation: { classification: 'Expense', type: 'Other Expense', subType: 'Depreciation' },
};

export function kindOf(account: Account): Kind {
  if (account.system === 'receivable')
    return { classification: 'Asset', type: 'Accounts Receivable', subType: 'AccountsReceivable' };
  if (account.system === 'payable')
    return { classification: 'Liability', type: 'Accounts Payable', subType: 'AccountsPayable' };
  if (account.system === 'exchange')
    return { classification: 'Expense', type: 'Other Expense', subType: 'ExchangeGainOrLoss' };
  if (account.system === 'retained')
    return { classification: 'Equity', type: 'Equity', subType: 'RetainedEarnings' };
  if (isCard(account.bankNumber))
    return { classification: 'Liability', type: 'Credit Card', subType: 'CreditCard' };
  return KINDS[account.type];
}

/** Does an account carry its balance over the year end? */
export function isBalanceSheet(account: Account): boolean {
  return ['Asset', 'Liability', 'Equity'].includes(kindOf(account).classification);
}
