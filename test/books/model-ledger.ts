// The ledger and what feeds it by hand: journals, budgets, expense claims.
import type { BankKind, BankTransaction, BankTransfer } from './model-bank.ts';
import type { Document, DocumentKind, Line, Payment } from './model-documents.ts';
import type { Account, Contact, TrackingOption, User } from './model-reference.ts';

export interface ManualJournalLine {
  /** Debit positive, cents of the base currency. */
  readonly amount: number;
  readonly account: Account;
  readonly description: string;
  readonly tracking: readonly TrackingOption[];
}

export interface ManualJournal {
  readonly id: string;
  readonly narration: string;
  readonly date: number;
  lines: readonly ManualJournalLine[];
  status: 'draft' | 'posted' | 'voided' | 'deleted';
  readonly cashBasis: boolean;
  readonly createdAt: number;
  updatedAt: number;
  posting: Journal | undefined;
}

export interface Budget {
  readonly id: string;
  readonly name: string;
  readonly tracking: readonly TrackingOption[];
  /** Cents of the base currency per account and month (the month's first day). */
  readonly lines: readonly {
    readonly account: Account;
    readonly months: readonly { readonly month: number; readonly amount: number }[];
  }[];
  updatedAt: number;
}

export interface Receipt {
  readonly id: string;
  readonly number: number;
  readonly user: User;
  readonly contact: Contact;
  readonly date: number;
  readonly lines: readonly Line[];
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  readonly status: 'draft' | 'submitted' | 'authorised';
  updatedAt: number;
}

export interface ExpenseClaim {
  readonly id: string;
  readonly user: User;
  readonly receipts: readonly Receipt[];
  readonly total: number;
  readonly date: number;
  readonly status: 'submitted' | 'authorised';
  updatedAt: number;
  posting: Journal | undefined;
}

export type JournalSource =
  | { readonly kind: DocumentKind; readonly record: Document }
  | { readonly kind: BankKind; readonly record: BankTransaction | BankTransfer }
  | { readonly kind: 'payment'; readonly record: Payment }
  | { readonly kind: 'manual'; readonly record: ManualJournal }
  | { readonly kind: 'claim'; readonly record: ExpenseClaim };

export interface JournalLine {
  readonly account: Account;
  /** Debit positive, cents of the base currency. The lines of a journal sum to zero. */
  readonly net: number;
  /** Tax that belongs to this line but is posted on its own line; same sign as `net`. */
  readonly tax: number;
  readonly from: Line | ManualJournalLine | undefined;
}

/** One entry of the ledger. It never changes; an edit adds a reversal and a new entry. */
export interface Journal {
  /** Ascending with gaps, set when the entry is filed. */
  number: number;
  readonly date: number;
  readonly createdAt: number;
  readonly source: JournalSource;
  readonly lines: readonly JournalLine[];
}
