// Transactions: sales, purchases, payments, and what moves money between accounts.
import {
  amount,
  currencyRef,
  day,
  flag,
  id,
  instant,
  label,
  list,
  looseRef,
  note,
  object,
  quantity,
  record,
  ref,
  status,
  text,
  unitPrice,
  url,
  whole,
} from './fields.ts';
import {
  address,
  cardPayment,
  depositLines,
  email,
  journalLines,
  linkedTxn,
  paymentLines,
  purchase,
  purchaseLines,
  sale,
  transaction,
} from './parts.ts';

const balance = () => amount('Still due');
const homeBalance = () => amount('Still due, home currency');

export const invoice = record({
  ...sale,
  DueDate: day(undefined, 'due'),
  Balance: balance(),
  HomeBalance: homeBalance(),
  Deposit: amount(),
  DepositToAccountRef: ref('accounts'),
  SalesTermRef: ref('terms'),
  AllowIPNPayment: flag(),
  AllowOnlinePayment: flag(),
  AllowOnlineCreditCardPayment: flag(),
  AllowOnlineACHPayment: flag(),
  EInvoiceStatus: status(),
  InvoiceLink: url(),
  invoiceStatus: status(),
});

export const salesReceipt = record({
  ...sale,
  PaymentMethodRef: ref('payment_methods'),
  PaymentRefNum: text(),
  PaymentType: text(),
  CreditCardPayment: cardPayment(),
  DepositToAccountRef: ref('accounts'),
  Balance: balance(),
  HomeBalance: homeBalance(),
});

export const creditMemo = record({
  ...sale,
  Balance: amount('Still to be used'),
  HomeBalance: amount('Still to be used, home currency'),
  RemainingCredit: amount(),
  InvoiceRef: ref('invoices'),
  SalesTermRef: ref('terms'),
  PaymentMethodRef: ref('payment_methods'),
});

export const refundReceipt = record({
  ...sale,
  DepositToAccountRef: ref('accounts', 'Where the money came from'),
  PaymentMethodRef: ref('payment_methods'),
  PaymentRefNum: text(),
  PaymentType: text(),
  CheckPayment: object({ CheckNum: text() }),
  CreditCardPayment: cardPayment(),
  Balance: balance(),
});

export const estimate = record({
  ...sale,
  DueDate: day(undefined, 'due'),
  SalesTermRef: ref('terms'),
  TxnStatus: status('Pending, Accepted, Closed or Rejected'),
  ExpirationDate: day(),
  AcceptedBy: text(),
  AcceptedDate: day(),
});

export const payment = record({
  ...transaction,
  CustomerRef: ref('customers'),
  DepositToAccountRef: ref('accounts'),
  ARAccountRef: ref('accounts'),
  PaymentMethodRef: ref('payment_methods'),
  PaymentRefNum: text(),
  ProcessPayment: flag(),
  CreditCardPayment: cardPayment(),
  TotalAmt: amount(),
  UnappliedAmt: amount(),
  HomeTotalAmt: amount('Home currency'),
  Line: paymentLines(),
});

export const bill = record({
  ...purchase,
  DueDate: day(undefined, 'due'),
  Balance: balance(),
  HomeBalance: homeBalance(),
  SalesTermRef: ref('terms'),
});

export const billPayment = record({
  ...transaction,
  VendorRef: ref('vendors'),
  PayType: text('Check or CreditCard'),
  CheckPayment: object({ BankAccountRef: ref('accounts'), PrintStatus: status() }),
  CreditCardPayment: object({ CCAccountRef: ref('accounts') }),
  APAccountRef: ref('accounts'),
  TotalAmt: amount(),
  ProcessBillPayment: flag(),
  Line: paymentLines(),
});

export const vendorCredit = record({
  ...purchase,
  Balance: amount('Still to be used'),
  HomeBalance: amount('Still to be used, home currency'),
  LinkedTxn: linkedTxn(),
});

export const purchaseRecord = record({
  ...transaction,
  AccountRef: ref('accounts', 'What it was paid from'),
  PaymentType: text('Cash, Check or CreditCard'),
  EntityRef: looseRef('Vendor, customer or employee, as type says'),
  Credit: flag('A refund on a card'),
  PaymentMethodRef: ref('payment_methods'),
  PaymentRefNum: text(),
  RemitToAddr: address(),
  PrintStatus: status(),
  TotalAmt: amount(),
  PurchaseEx: object({}, 'Names and values, among them the code TxnType'),
  Line: purchaseLines(),
});

export const purchaseOrder = record({
  ...purchase,
  POStatus: status('Open or Closed'),
  DueDate: day(undefined, 'due'),
  ClassRef: ref('classes'),
  SalesTermRef: ref('terms'),
  ShipAddr: address(),
  ShipTo: ref('customers'),
  ShipMethodRef: looseRef(),
  Memo: note(),
  POEmail: email(),
  EmailStatus: status(),
});

export const journalEntry = record({
  ...transaction,
  Adjustment: flag(),
  TotalAmt: amount('Often 0: add the lines'),
  HomeTotalAmt: amount(),
  HomeCurrencyAdjustment: flag(),
  JournalCodeRef: looseRef(),
  Line: journalLines(),
});

export const deposit = record({
  ...transaction,
  DepositToAccountRef: ref('accounts'),
  CashBack: object({ AccountRef: ref('accounts'), Amount: amount(), Memo: note() }),
  TotalAmt: amount(),
  HomeTotalAmt: amount('Home currency'),
  Line: depositLines(),
});

export const transfer = record({
  ...transaction,
  FromAccountRef: ref('accounts'),
  ToAccountRef: ref('accounts'),
  ClassRef: ref('classes'),
  Amount: amount(),
});

export const timeActivity = record({
  TxnDate: day(),
  NameOf: text('Employee or Vendor'),
  EmployeeRef: ref('employees'),
  VendorRef: ref('vendors'),
  CustomerRef: ref('customers'),
  ItemRef: ref('items'),
  ClassRef: ref('classes'),
  DepartmentRef: ref('departments'),
  ProjectRef: ref('customers'),
  PayrollItemRef: looseRef(),
  BillableStatus: text(),
  Taxable: flag(),
  HourlyRate: unitPrice(),
  CostRate: unitPrice(),
  Hours: whole(),
  Minutes: whole(),
  Seconds: whole(),
  BreakHours: whole(),
  BreakMinutes: whole(),
  StartTime: instant(),
  EndTime: instant(),
  Description: note(),
  TransactionLocationType: text(),
});

export const creditCardPayment = record({
  ...transaction,
  CreditCardAccountRef: ref('accounts'),
  BankAccountRef: ref('accounts'),
  VendorRef: ref('vendors'),
  CheckNum: text(),
  PrintStatus: status(),
  Memo: note(),
  Amount: amount(),
});

export const reimburseCharge = record({
  ...transaction,
  CustomerRef: ref('customers'),
  Amount: amount(),
  HasBeenInvoiced: flag(),
  HomeTotalAmt: amount('Home currency'),
  Line: purchaseLines(),
});

export const taxPayment = record({
  PaymentDate: day(),
  PaymentAccountRef: ref('accounts'),
  PaymentAmount: amount(),
  Refund: flag(),
  Description: note(),
});

export const recurringTransaction = record({
  ...transaction,
  TransactionType: label('The kind of document it makes'),
  RecurringInfo: object({
    Name: label(),
    RecurType: text(),
    Active: flag(),
    ScheduleInfo: object({
      IntervalType: text(),
      NumInterval: quantity(),
      DayOfMonth: whole(),
      NextDate: day(),
      StartDate: day(),
      EndDate: day(),
    }),
  }),
  CustomerRef: ref('customers'),
  VendorRef: ref('vendors'),
  CurrencyRef: currencyRef(),
  APAccountRef: ref('accounts'),
  SalesTermRef: ref('terms'),
  TotalAmt: amount(),
  HomeTotalAmt: amount('Home currency'),
  Balance: amount(),
  Line: list(),
  RecurDataRef: object({ value: id(), name: text() }),
});
