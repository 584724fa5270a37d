// Reference data of a company: accounts, taxes, tracking, items, contacts, users.

export type Side = 'receivable' | 'payable';

export type AccountType =
  | 'bank'
  | 'current'
  | 'inventory'
  | 'fixed'
  | 'currentLiability'
  | 'termLiability'
  | 'equity'
  | 'revenue'
  | 'otherIncome'
  | 'directCosts'
  | 'expense'
  | 'depreciation';

export type AccountClass = 'asset' | 'liability' | 'equity' | 'revenue' | 'expense';

export type SystemRole = Side | 'tax' | 'exchange' | 'rounding' | 'retained' | 'claims';

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly legalName: string;
  readonly baseCurrency: string;
  readonly country: string;
  readonly taxNumber: string;
  readonly yearEnd: { readonly day: number; readonly month: number };
  readonly createdAt: number;
}

export interface TaxRate {
  readonly code: string;
  readonly name: string;
  readonly appliesTo: 'sales' | 'purchases' | 'both';
  /** Hundredths of a percent: 1500 is 15 %. */
  readonly rate: number;
  readonly components: readonly {
    readonly name: string;
    readonly rate: number;
    readonly compound: boolean;
  }[];
  status: 'active' | 'archived' | 'deleted';
}

export interface Account {
  readonly id: string;
  readonly code: string;
  name: string;
  readonly type: AccountType;
  readonly class: AccountClass;
  readonly system: SystemRole | undefined;
  readonly currency: string;
  readonly bankNumber: string | undefined;
  readonly description: string;
  readonly taxRate: TaxRate;
  readonly takesPayments: boolean;
  status: 'active' | 'archived';
  readonly createdAt: number;
  updatedAt: number;
}

export interface TrackingOption {
  readonly id: string;
  readonly category: TrackingCategory;
  name: string;
  status: 'active' | 'archived';
}

export interface TrackingCategory {
  readonly id: string;
  name: string;
  status: 'active' | 'archived';
  options: readonly TrackingOption[];
}

export interface Item {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly salePrice: number | undefined;
  readonly purchasePrice: number | undefined;
  readonly saleAccount: Account;
  readonly purchaseAccount: Account;
  /** Hundredths of a unit on hand, for items kept in stock. */
  readonly stock: number | undefined;
  updatedAt: number;
}

export interface Address {
  readonly kind: 'postal' | 'street';
  readonly lines: readonly string[];
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly country: string;
  readonly attention: string;
}

export interface Contact {
  readonly id: string;
  name: string;
  readonly number: string;
  readonly accountNumber: string;
  readonly firstName: string;
  readonly lastName: string;
  email: string;
  readonly phone: string;
  readonly taxNumber: string;
  readonly addresses: readonly Address[];
  readonly people: readonly {
    readonly firstName: string;
    readonly lastName: string;
    readonly email: string;
  }[];
  readonly currency: string;
  readonly website: string;
  readonly termsDays: number;
  readonly theme: Theme | undefined;
  isCustomer: boolean;
  isSupplier: boolean;
  /** What is open in the base currency, by side; these change without moving `updatedAt`. */
  readonly open: Record<Side, number>;
  mergedInto: Contact | undefined;
  status: 'active' | 'archived';
  readonly createdAt: number;
  updatedAt: number;
}

export interface ContactGroup {
  readonly id: string;
  name: string;
  contacts: readonly Contact[];
}

export interface Theme {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  readonly createdAt: number;
}

export interface User {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly role: 'readonly' | 'standard' | 'adviser' | 'removed';
  readonly subscriber: boolean;
  updatedAt: number;
}
