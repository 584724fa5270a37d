// Bank business: money in and out, transfers, prepayments, overpayments, batches.
import type { AmountsAre, Line, Payment, Settleable } from './model-documents.ts';
import type { Journal } from './model-ledger.ts';
import type { Account, Contact, Side, TrackingOption } from './model-reference.ts';

export type CreditKind =
  | 'customerPrepayment'
  | 'supplierPrepayment'
  | 'customerOverpayment'
  | 'supplierOverpayment';

export type BankKind = 'receipt' | 'spending' | 'transferIn' | 'transferOut' | CreditKind;

interface BankCore {
  readonly id: string;
  readonly account: Account;
  readonly date: number;
  reference: string;
  lines: readonly Line[];
  readonly amounts: AmountsAre;
  readonly currency: string;
  readonly rate: number;
  net: number;
  tax: number;
  total: number;
  reconciled: boolean;
  readonly createdAt: number;
  updatedAt: number;
  posting: Journal | undefined;
}

/** Money in or out of a bank account without a document behind it, or one half of a transfer. */
export interface PlainBankTransaction extends BankCore {
  readonly kind: 'receipt' | 'spending' | 'transferIn' | 'transferOut';
  readonly contact: Contact | undefined;
  status: 'authorised' | 'voided' | 'deleted';
}

/** Money taken or paid before (prepayment) or beyond (overpayment) a document: a credit to allocate. */
export interface BankCredit extends BankCore, Settleable {
  readonly kind: CreditKind;
  readonly account: Account;
  readonly invoiceNumber: string;
  posting: Journal | undefined;
  readonly id: string;
  readonly date: number;
  readonly currency: string;
  readonly rate: number;
  reference: string;
  total: number;
  updatedAt: number;
}

export type BankTransaction = PlainBankTransaction | BankCredit;

export interface BatchPayment {
  readonly id: string;
  readonly account: Account;
  readonly date: number;
  readonly side: Side;
  readonly reference: string;
  readonly payments: readonly Payment[];
  readonly total: number;
  reconciled: boolean;
  status: 'authorised' | 'deleted';
  updatedAt: number;
}

export interface BankTransfer {
  readonly id: string;
  readonly from: Account;
  readonly to: Account;
  readonly out: PlainBankTransaction;
  readonly in: PlainBankTransaction;
  readonly amount: number;
  readonly date: number;
  readonly reference: string;
  readonly tracking: readonly TrackingOption[];
  status: 'authorised' | 'deleted';
  readonly createdAt: number;
  posting: Journal | undefined;
}
