// Xero's values: dates of every form, and texts that mean null.
import { isoInstant } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { invoice } from '../../source-xero/schemas/documents.ts';
import { budget } from '../../source-xero/schemas/ledger.ts';
import { bankTransfer, payment } from '../../source-xero/schemas/money.ts';
import { decode, instantOf } from '../../source-xero/values.ts';

test.each([
  ['/Date(1541176648927+0000)/', '2018-11-02T16:37:28.927Z'],
  ['/Date(1541176648927+1300)/', '2018-11-02T16:37:28.927Z'],
  ['/Date(1541176648927)/', '2018-11-02T16:37:28.927Z'],
  ['/Date(0+0000)/', '1970-01-01T00:00:00.000Z'],
  ['/Date(-86400000)/', '1969-12-31T00:00:00.000Z'],
  ['2017-08-14T01:18:26.74', '2017-08-14T01:18:26.740Z'],
  ['2019-07-09T23:40:30.1833130', '2019-07-09T23:40:30.183Z'],
  ['2019-03-07T17:59:28Z', '2019-03-07T17:59:28.000Z'],
  ['2019-03-07', '2019-03-07T00:00:00.000Z'],
])('%s is the instant %s', (text, instant) => {
  expect(isoInstant(instantOf(text) ?? Number.NaN)).toBe(instant);
});

test.each(['see /Date(1541176648927)/', 'Date(1)', '2019-13-45', 'INV-2019', '', 12, null, undefined])(
  '%s is no instant',
  (value) => {
    expect(instantOf(value)).toBeUndefined();
  },
);

test('days come from UTC, instants keep their milliseconds, and text twins are dropped', () => {
  const row = {
    InvoiceID: 'i',
    Date: '/Date(1539993600000+0000)/',
    DateString: '2018-10-20T00:00:00',
    DueDate: '/Date(-2208988800000)/',
    DueDateString: '1900-01-01T00:00:00',
    UpdatedDateUTC: '/Date(1541176648927+0000)/',
    UpdatedDateUTCString: '2018-11-02T16:37:28Z',
  };
  expect(decode(row, invoice)).toEqual({
    InvoiceID: 'i',
    Date: '2018-10-20',
    DueDate: '1900-01-01',
    UpdatedDateUTC: '2018-11-02T16:37:28.927Z',
  });
});

test('a day with a time of day is still that day, and a date that was never set is null', () => {
  const row = { Date: '/Date(1478985000000+0000)/', CreatedDateUTC: '/Date(-62135596800000)/' };
  expect(decode(row, bankTransfer)).toEqual({ Date: '2016-11-12', CreatedDateUTC: null });
});

test('a text that only contains a date stays as it is', () => {
  const row = { Reference: 'paid on /Date(1541176648927)/', InvoiceNumber: '2018-11-02T00:00:00' };
  expect(decode(row, invoice)).toEqual(row);
});

test('a twin without its date is kept, as nothing else says it', () => {
  expect(decode({ DateString: '2018-10-20T00:00:00' }, invoice)).toEqual({
    DateString: '2018-10-20T00:00:00',
  });
});

test('fields that no schema knows pass through with their dates decoded', () => {
  const row = {
    Nova: { ChangedDateUTC: '/Date(1541116800000)/', On: '/Date(1541116800000)/', Codes: ['091'] },
  };
  expect(decode(row, invoice)).toEqual({
    Nova: { ChangedDateUTC: '2018-11-02T00:00:00.000Z', On: '2018-11-02', Codes: ['091'] },
  });
});

test('numbers and booleans that come as text are what the schema says; codes stay text', () => {
  expect(
    decode({ BatchPayment: { TotalAmount: '12.50', IsReconciled: 'false' }, Code: '091' }, payment),
  ).toEqual({ BatchPayment: { TotalAmount: 12.5, IsReconciled: false }, Code: '091' });
  expect(
    decode({ BudgetLines: [{ BudgetBalances: [{ Period: '2019-08', Amount: '1000' }] }] }, budget),
  ).toEqual({
    BudgetLines: [{ BudgetBalances: [{ Period: '2019-08', Amount: 1000 }] }],
  });
});

test('an empty text means null', () => {
  expect(decode({ Reference: '', LineItems: [{ Description: '' }] }, invoice)).toEqual({
    Reference: null,
    LineItems: [{ Description: null }],
  });
});
