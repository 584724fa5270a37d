// Documents: invoices, bills, credit notes, orders, their lines, payments and allocations.
import type { BankCredit, BatchPayment, CreditKind } from './model-bank.ts';
import type { Journal } from './model-ledger.ts';
import type { Account, Contact, Item, Side, TaxRate, Theme, TrackingOption } from './model-reference.ts';

/** How line amounts relate to tax: without it, with it inside, or tax-free. */
export type AmountsAre = 'exclusive' | 'inclusive' | 'untaxed';

/** Lines never change: an edit replaces them, so journals can point at the ones they were posted from. */
export interface Line {
  readonly id: string;
  readonly description: string;
  readonly quantity: number;
  readonly unitPrice: number;
  /** Percent, whole. */
  readonly discount: number;
  /** As shown on the document: with tax inside when amounts are inclusive. */
  readonly amount: number;
  readonly tax: number;
  readonly account: Account;
  readonly item: Item | undefined;
  readonly taxRate: TaxRate;
  readonly tracking: readonly TrackingOption[];
}

export type DocumentKind = 'invoice' | 'bill' | 'salesCredit' | 'purchaseCredit';

export type DocumentStatus = 'draft' | 'submitted' | 'authorised' | 'paid' | 'voided' | 'deleted';

/** What payments and allocations need to know of the thing they settle. */
export interface Settleable {
  readonly kind: DocumentKind | CreditKind;
  readonly id: string;
  readonly contact: Contact;
  readonly currency: string;
  /** Millionths of a foreign unit per base unit: 1000000 for the base currency. */
  readonly rate: number;
  readonly date: number;
  reference: string;
  total: number;
  status: DocumentStatus;
  /** Still due, or still to be used; cents of `currency`. */
  open: number;
  /** The same at carrying value; cents of the base currency. Their signed sum is the control account. */
  openBase: number;
  paid: number;
  credited: number;
  payments: readonly Payment[];
  allocations: readonly Allocation[];
  paidOn: number | undefined;
  updatedAt: number;
}

export interface Document extends Settleable {
  readonly kind: DocumentKind;
  readonly number: string;
  dueDate: number;
  lines: readonly Line[];
  readonly amounts: AmountsAre;
  net: number;
  tax: number;
  readonly theme: Theme | undefined;
  readonly repeating: RepeatingInvoice | undefined;
  sent: boolean;
  readonly attachments: boolean;
  readonly createdAt: number;
  posting: Journal | undefined;
}

export type Credit = Document | BankCredit;

export interface Payment {
  readonly id: string;
  readonly target: Document | BankCredit;
  readonly account: Account;
  readonly date: number;
  /** Cents of the target's currency. */
  readonly amount: number;
  /** Cents of the bank account's currency. */
  readonly bankAmount: number;
  /** What left the control account; cents of the base currency. */
  readonly controlBase: number;
  readonly rate: number;
  readonly reference: string;
  batch: BatchPayment | undefined;
  reconciled: boolean;
  status: 'authorised' | 'deleted';
  readonly createdAt: number;
  updatedAt: number;
  posting: Journal | undefined;
}

export interface Allocation {
  readonly id: string;
  readonly credit: Credit;
  readonly document: Document;
  readonly amount: number;
  readonly date: number;
  readonly createdAt: number;
}

interface Order {
  readonly id: string;
  readonly number: string;
  readonly reference: string;
  readonly contact: Contact;
  readonly date: number;
  readonly lines: readonly Line[];
  readonly amounts: AmountsAre;
  readonly currency: string;
  readonly rate: number;
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  readonly theme: Theme | undefined;
  updatedAt: number;
}

export interface Quote extends Order {
  readonly expiry: number;
  readonly title: string;
  readonly summary: string;
  readonly terms: string;
  status: 'draft' | 'sent' | 'declined' | 'accepted' | 'invoiced' | 'deleted';
}

export interface PurchaseOrder extends Order {
  readonly delivery: number;
  readonly deliverTo: string;
  readonly instructions: string;
  status: 'draft' | 'submitted' | 'authorised' | 'billed' | 'deleted';
}

export interface RepeatingInvoice extends Omit<Order, 'number'> {
  readonly side: Side;
  readonly every: { readonly period: number; readonly unit: 'week' | 'month' };
  readonly start: number;
  readonly next: number;
  readonly end: number | undefined;
  status: 'draft' | 'authorised' | 'deleted';
}

/** A bill line that is to be charged on to a customer. */
export interface LinkedTransaction {
  readonly id: string;
  readonly source: Document;
  readonly sourceLine: Line;
  readonly contact: Contact;
  readonly target: Document | undefined;
  readonly targetLine: Line | undefined;
  updatedAt: number;
}
