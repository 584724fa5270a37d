// Lists of the Xero emulator leave out no field that the official examples have, but for those named here.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { expect } from 'vitest';
import { type Stream, streams } from '../../source-xero/streams.ts';
import { setUp } from '../emulators-tests/xero-setup.ts';
import { bodyOf } from './bodies.ts';
import { contractTest } from './specs.ts';
import { ROOT } from './xero-contract.ts';
import { askAll, editedBooks, reads } from './xero-sweep.ts';

/** Fields of examples that no row of the emulator's books has, by list; below a field left out nothing more is named. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  // Other lists show as little of an invoice inside a record.
  BatchPayments: [
    'BatchPayments[].Payments[].Invoice.CreditNotes',
    'BatchPayments[].Payments[].Invoice.HasErrors',
    'BatchPayments[].Payments[].Invoice.IsDiscounted',
    'BatchPayments[].Payments[].Invoice.Overpayments',
    'BatchPayments[].Payments[].Invoice.Payments',
    'BatchPayments[].Payments[].Invoice.Prepayments',
  ],
  // Its books know no batches of bank transactions.
  BankTransactions: ['BankTransactions[].BatchPayment'],
  // Its contacts are not that talkative; TaxNumbeType is misspelt in the example.
  Contacts: [
    'Contacts[].Addresses[].AddressLine3',
    'Contacts[].Addresses[].AddressLine4',
    'Contacts[].CompanyNumber',
    'Contacts[].PurchasesDefaultLineAmountType',
    'Contacts[].SalesDefaultLineAmountType',
    'Contacts[].TaxNumbeType',
  ],
  // Its organisations have no lock dates, and the key belongs to an API that is gone.
  Organisation: [
    'Organisations[].APIKey',
    'Organisations[].EndOfYearLockDate',
    'Organisations[].PeriodLockDate',
  ],
  Payments: ['Payments[].Invoice.Contact.ContactNumber'],
  // Its quotes give no discounts.
  Quotes: ['Quotes[].LineItems[].DiscountRate'],
  RepeatingInvoices: ['RepeatingInvoices[].LineItems[].DiscountEnteredAsPercent'],
};

/** The paths of all fields in a body: Invoices[].LineItems[].TaxType */
function fieldsIn(value: unknown, place = '', fields = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) fieldsIn(one, `${place}[]`, fields);
  else if (isObject(value))
    for (const [name, one] of Object.entries(value)) {
      const at = place ? `${place}.${name}` : name;
      fieldsIn(one, at, fields.add(at));
    }
  return fields;
}

/** Those of `fields` that are not below another one of them. */
const topmost = (fields: readonly string[]): readonly string[] =>
  fields.filter(
    (field) => !fields.some((other) => field.startsWith(`${other}.`) || field.startsWith(`${other}[`)),
  );

contractTest('lists show every field of their official examples, but for those left out', async () => {
  const setup = await setUp({ books: editedBooks(), switches: { journals: true } });
  await askAll(setup);
  const paths = [...new Set((streams as readonly Stream[]).map(({ path }) => path))];
  const missing = paths.flatMap((path) => {
    const example = reads().find((operation) => operation.path === `/${path}`)?.example;
    const given = new Set<string>();
    for (const request of setup.xero.requests)
      if (request.url.pathname === `${ROOT}/${path}`) fieldsIn(bodyOf(request), '', given);
    const left = topmost([...fieldsIn(example)].filter((field) => !given.has(field)));
    return left.length > 0 ? [[path, left.toSorted()] as const] : [];
  });
  expect(Object.fromEntries(missing)).toEqual(LEFT_OUT);
});
