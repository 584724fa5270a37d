// What the QuickBooks emulator's records look like: lines, links, taxes, references, dimensions, currencies.
import { expect, test } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { ENTITIES } from '../emulators/quickbooks/index.ts';
import { cents, type Json, plainLines, type Setup, setUp } from './quickbooks-setup.ts';

const rows = ({ quickbooks }: Setup, entity: string): Json[] => quickbooks.records(entity) as Json[];

test('every record has an id of its own, a token, times with a zone, and no nulls', async () => {
  const setup = await setUp({ documents: 500 });
  for (const entity of ENTITIES.keys()) {
    const found = rows(setup, entity).map((row) =>
      entity === 'RecurringTransaction' ? Object.values(row)[0] : row,
    ) as Json[];
    expect(new Set(found.map((row) => row.Id)).size).toBe(found.length);
    for (const row of found) {
      expect(row.Id).toMatch(/^\d+$/);
      expect(row.SyncToken).toMatch(/^\d+$/);
      expect([row.domain, row.sparse]).toEqual(['QBO', false]);
      expect(row.MetaData.LastUpdatedTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00$/);
      expect(Date.parse(row.MetaData.LastUpdatedTime)).toBeGreaterThanOrEqual(
        Date.parse(row.MetaData.CreateTime),
      );
    }
    expect(JSON.stringify(found)).not.toContain(':null');
  }
});

test('every reference points at a record that is there', async () => {
  const setup = await setUp({ documents: 800 });
  const held = new Map<string, Set<string>>();
  const has = (entity: string, id: string): boolean => {
    const ids = held.get(entity) ?? new Set(rows(setup, entity).map((row) => row.Id));
    held.set(entity, ids);
    return ids.has(id);
  };
  const targets: Readonly<Record<string, string>> = {
    ...{
      CustomerRef: 'Customer',
      VendorRef: 'Vendor',
      ItemRef: 'Item',
      GroupItemRef: 'Item',
      ItemAccountRef: 'Account',
    },
    ...{
      AccountRef: 'Account',
      DepositToAccountRef: 'Account',
      ARAccountRef: 'Account',
      APAccountRef: 'Account',
    },
    ...{
      BankAccountRef: 'Account',
      CCAccountRef: 'Account',
      FromAccountRef: 'Account',
      ToAccountRef: 'Account',
    },
    ...{
      ClassRef: 'Class',
      DepartmentRef: 'Department',
      TaxCodeRef: 'TaxCode',
      TaxRateRef: 'TaxRate',
      AgencyRef: 'TaxAgency',
    },
    ...{
      SalesTermRef: 'Term',
      TermRef: 'Term',
      PaymentMethodRef: 'PaymentMethod',
      CustomerTypeRef: 'CustomerType',
    },
    ...{
      IncomeAccountRef: 'Account',
      ExpenseAccountRef: 'Account',
      EmployeeRef: 'Employee',
      RecurDataRef: 'RecurringTransaction',
    },
  };
  const seen = new Set<string>();
  const check = (value: Json, where: string): void => {
    if (Array.isArray(value)) for (const one of value) check(one, where);
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value) as [string, Json][]) {
        const target = targets[name];
        if (target) {
          seen.add(name);
          expect([where, name, has(target, member.value)]).toEqual([where, name, true]);
        } else check(member, where);
      }
  };
  for (const entity of ENTITIES.keys()) check(rows(setup, entity), entity);
  expect([...seen].toSorted()).toEqual(Object.keys(targets).toSorted());
});

test('links between payments and documents go both ways', async () => {
  const setup = await setUp({ documents: 900 });
  const invoices = new Map(rows(setup, 'Invoice').map((row) => [row.Id, row]));
  let [linked, setOffs] = [0, 0];
  for (const payment of rows(setup, 'Payment')) {
    if (payment.TotalAmt === 0 && payment.Line.length === 2) setOffs += 1;
    for (const line of payment.Line) {
      expect([line.Id, line.DetailType]).toEqual([undefined, undefined]);
      const [link] = line.LinkedTxn;
      if (link.TxnType !== 'Invoice') continue;
      linked += 1;
      expect(invoices.get(link.TxnId).LinkedTxn).toContainEqual({ TxnId: payment.Id, TxnType: 'Payment' });
    }
  }
  expect(linked).toBeGreaterThan(100);
  expect(setOffs).toBeGreaterThan(3);
  const unapplied = rows(setup, 'Payment').filter((row) => row.UnappliedAmt > 0);
  expect(unapplied.length).toBeGreaterThan(0);
});

test('lines, tax and total of a document agree, in bundles too, and the subtotal has no id', async () => {
  const setup = await setUp({ documents: 1500 });
  let bundles = 0;
  for (const entity of [
    'Invoice',
    'CreditMemo',
    'Bill',
    'VendorCredit',
    'Estimate',
    'PurchaseOrder',
    'SalesReceipt',
  ])
    for (const row of rows(setup, entity)) {
      const net = plainLines(row.Line).reduce((sum: number, line: Json) => sum + cents(line.Amount), 0);
      expect([entity, row.Id, net + cents(row.TxnTaxDetail.TotalTax)]).toEqual([
        entity,
        row.Id,
        cents(row.TotalAmt),
      ]);
      const tax = row.TxnTaxDetail.TaxLine.reduce((sum: number, line: Json) => sum + cents(line.Amount), 0);
      expect(tax).toBe(cents(row.TxnTaxDetail.TotalTax));
      const subtotal = row.Line.at(-1);
      if (subtotal.DetailType === 'SubTotalLineDetail')
        expect([subtotal.Id, cents(subtotal.Amount)]).toEqual([undefined, net]);
      bundles += row.Line.filter((line: Json) => line.DetailType === 'GroupLineDetail').length;
    }
  expect(bundles).toBeGreaterThan(2);
  const plain = await setUp({ documents: 1500, switches: { bundles: false } });
  expect(JSON.stringify(plain.quickbooks.records('Invoice'))).not.toContain('GroupLineDetail');
});

test('a contact in both roles is a customer and a vendor under names that are unique over all people', async () => {
  const setup = await setUp({ documents: 600 });
  const people = ['Customer', 'Vendor', 'Employee'].flatMap((entity) => rows(setup, entity));
  expect(new Set(people.map((row) => row.DisplayName)).size).toBe(people.length);
  const [customers, vendors] = ['Customer', 'Vendor'].map(
    (entity) => new Set(rows(setup, entity).map((row) => row.CompanyName)),
  );
  expect([...(customers ?? [])].filter((name) => vendors?.has(name)).length).toBeGreaterThan(3);
});

test('foreign documents carry their currency, rate and home amounts', async () => {
  const setup = await setUp({ documents: 800 });
  const foreign = rows(setup, 'Invoice').filter((row) => row.CurrencyRef.value !== 'NZD' && row.TotalAmt > 0);
  expect(foreign.length).toBeGreaterThan(5);
  for (const row of foreign)
    expect(cents(row.HomeTotalAmt)).toBe(Math.round(cents(row.TotalAmt) * row.ExchangeRate));
});

test('classes and locations hang below their categories', async () => {
  const setup = await setUp();
  const classes = rows(setup, 'Class');
  expect(classes.find((row) => row.Name === 'North')).toMatchObject({
    SubClass: true,
    FullyQualifiedName: 'Region:North',
  });
  expect(classes.some((row) => row.Active === false && row.Name.endsWith(' (deleted)'))).toBe(true);
  expect(rows(setup, 'Department').find((row) => row.Name === '001')).toMatchObject({ SubDepartment: true });
});

test('references carry ids alone where the switch says so', async () => {
  const setup = await setUp({ switches: { refNames: 'none' } });
  expect(rows(setup, 'Invoice')[0].CustomerRef).toEqual({ value: expect.any(String) });
  expect(rows(setup, 'Bill')[0].VendorRef).toEqual({ value: expect.any(String) });
});

test('a US company has the pseudo tax codes, which lack a token', async () => {
  const setup = await setUp({
    books: generateBooks({ seed: 3, documents: 60, company: { country: 'US', baseCurrency: 'USD' } }),
  });
  const tax = rows(setup, 'TaxCode').find((row) => row.Id === 'TAX');
  expect([tax.Name, tax.SyncToken]).toEqual(['TAX', undefined]);
  expect((await setup.query("select * from TaxCode where Id = 'NON'")).TaxCode).toHaveLength(1);
});

test('balances of accounts are shown with either sign', async () => {
  const [negative, positive] = [await setUp(), await setUp({ switches: { creditBalances: 'positive' } })];
  const equity = (setup: Setup): number =>
    rows(setup, 'Account').find((row) => row.AcctNum === '970').CurrentBalance;
  expect([equity(negative), equity(positive)]).toEqual([-500000, 500000]);
});

test('the rows of sixty thousand documents open and sweep within seconds', async () => {
  const books = generateBooks({ seed: 3, documents: 60_000 });
  // Processor time, because other work may share the machine.
  const began = process.cpuUsage();
  const setup = await setUp({ books });
  let [last, read] = [0, 0];
  for (let found = -1; found !== 0; read += found, last += 1000) {
    const items = await setup.batch(
      ['Invoice', 'Payment', 'Bill'].map(
        (entity) => `select * from ${entity} where Id > '${last}' orderby Id maxresults 1000`,
      ),
    );
    found = items.reduce((sum, { QueryResponse: page }) => sum + (page.maxResults ?? 0), 0);
  }
  expect(read).toBeGreaterThan(60_000);
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(40);
}, 240_000);
