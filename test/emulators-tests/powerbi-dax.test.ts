// Tables of DAX on the Power BI emulator, relations, and everything that is not understood refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from './powerbi-ledger.ts';
import { ledger, openTenant } from './powerbi-setup.ts';

test('SUMMARIZECOLUMNS groups over relations, the unknown contact under BLANK', async () => {
  const tenant = await openLedger();
  const query =
    'EVALUATE SUMMARIZECOLUMNS(Contacts[Name], Invoices[Type], "due", SUM(Invoices[AmountDue])) ORDER BY Contacts[Name], Invoices[Type]';
  expect(await tenant.emulator.dax(query)).toEqual([
    { 'Contacts[Name]': null, 'Invoices[Type]': 'ACCREC', '[due]': '999.0000' },
    { 'Contacts[Name]': 'Acme', 'Invoices[Type]': 'ACCREC', '[due]': '200.2000' },
    { 'Contacts[Name]': 'Basket', 'Invoices[Type]': 'ACCPAY', '[due]': '30.0000' },
    { 'Contacts[Name]': 'Basket', 'Invoices[Type]': 'ACCREC', '[due]': '25.0500' },
  ]);
  await tenant.emulator.close();
});

test('tables are widened, cut and ordered; measures and variables may be defined', async () => {
  const tenant = await openLedger();
  const query = `
    DEFINE
      MEASURE 'Invoices'[Due] = SUM(Invoices[AmountDue]) // in the query only
      VAR least = 26
    EVALUATE
      TOPN(2, FILTER(ADDCOLUMNS(SUMMARIZE(Invoices, Contacts[Name]), "due", [Due]), [due] > least), [due], ASC)
    ORDER BY [due] DESC`;
  expect(await tenant.emulator.dax(query)).toEqual([
    { 'Contacts[Name]': 'Acme', '[due]': '200.2000' },
    { 'Contacts[Name]': 'Basket', '[due]': '55.0500' },
  ]);
  await tenant.emulator.close();
});

test('equal rows are one to a context transition, as in the engine', async () => {
  const tenant = await openTenant();
  const id = await tenant.create({
    name: 'D',
    tables: [{ name: 'T', columns: [{ name: 'n', dataType: 'Int64' }] }],
  });
  await tenant.post(id, 'T', [{ n: 1 }, { n: 1 }, { n: 5 }]);
  const query = 'EVALUATE ROW("plain", SUMX(T, T[n]), "transition", SUMX(T, CALCULATE(SUM(T[n]))))';
  expect(await tenant.emulator.dax(query)).toEqual([{ '[plain]': 7, '[transition]': 9 }]);
  await tenant.emulator.close();
});

test('a relation in both directions filters the one side by columns of the many', async () => {
  const both = ledger.relationships.map((one) =>
    one.toTable === 'Contacts' ? { ...one, crossFilteringBehavior: 'BothDirections' } : one,
  );
  const tenant = await openLedger(both);
  const query = 'EVALUATE ROW("n", CALCULATE(COUNTROWS(Contacts), Invoices[Type] = "ACCPAY"))';
  expect(await tenant.emulator.dax(query)).toEqual([{ '[n]': 1 }]);
  await tenant.emulator.close();
});

test('statistics of columns show what a model holds', async () => {
  const tenant = await openLedger();
  const rows = await tenant.emulator.dax('EVALUATE COLUMNSTATISTICS()');
  expect(rows.find((row) => row['[Column Name]'] === 'SubTotal')).toEqual({
    '[Table Name]': 'Invoices',
    '[Column Name]': 'SubTotal',
    '[Min]': '30',
    '[Max]': '999',
    '[Cardinality]': 5,
    '[Max Length]': null,
  });
  await tenant.emulator.close();
});

test.each([
  [
    'EVALUATE ROW("v", USERELATIONSHIP(Invoices[Day], Calendar[Day]))',
    'Function USERELATIONSHIP is not known here',
  ],
  [
    'EVALUATE ROW("v", CALCULATE([Revenue], ALLSELECTED(Invoices)))',
    'Function ALLSELECTED is not known here',
  ],
  [
    'EVALUATE ROW("v", Invoices[SubTotal])',
    "A single value for column 'SubTotal' in table 'Invoices' cannot be determined",
  ],
  ['EVALUATE ROW("v", [Nothing])', "A single value for column 'Nothing' cannot be determined"],
  ['EVALUATE ROW("v", SUM(Contacts[Name]))', 'cannot be added up'],
  ['EVALUATE ROW("v", 1 = "1")', 'values of type Text cannot be compared'],
  ['EVALUATE ROW("v", 1 / 0)', 'not a number, or infinite'],
  ['EVALUATE Invoices START AT 1', "'START' follows"],
  ['SELECT 1', 'it must begin with EVALUATE'],
  ['EVALUATE ROW("v", 1 ?? 2)', "the syntax near '?? 2"],
])('%s is refused', async (query, message) => {
  const tenant = await openLedger();
  await expect(tenant.emulator.dax(query)).rejects.toThrow(message);
  await tenant.emulator.close();
});

test('sums, counts and the latest version agree with a plain computation over any rows', async () => {
  const row = fc.record({
    k: fc.constantFrom('a', 'B', 'b', ''),
    v: fc.integer({ min: 1, max: 4 }),
    cents: fc.integer({ min: -1e7, max: 1e7 }),
    gone: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const tenant = await openTenant();
      const columns = [
        ['k', 'String'],
        ['v', 'Int64'],
        ['m', 'Decimal'],
        ['gone', 'Boolean'],
      ].map(([name, dataType]) => ({ name, dataType }));
      const id = await tenant.create({ name: 'D', tables: [{ name: 'T', columns }] });
      await tenant.post(
        id,
        'T',
        rows.map(({ k, v, cents, gone }) => ({ k, v, m: cents / 100, gone })),
      );
      const latest = rows.filter((one) =>
        rows.every((other) => other.k.toLowerCase() !== one.k.toLowerCase() || other.v <= one.v),
      );
      const money = (of: readonly { cents: number }[]) =>
        of.length === 0
          ? null
          : `${(of.reduce((sum, { cents }) => sum + cents, 0) / 100).toFixed(2)}00`.replace(
              /^-(0\.0*)$/,
              '$1',
            );
      const query = `EVALUATE ROW(
        "all", SUM(T[m]),
        "latest", SUMX(FILTER(T, T[v] = CALCULATE(MAX(T[v]), ALLEXCEPT(T, T[k])) && NOT T[gone]), T[m]),
        "keys", DISTINCTCOUNT(T[k]),
        "some", CALCULATE(SUM(T[m]), T[v] >= 2, T[gone] = FALSE()))`;
      expect(await tenant.emulator.dax(query)).toEqual([
        {
          '[all]': money(rows),
          '[latest]': money(latest.filter(({ gone }) => !gone)),
          '[keys]': new Set(rows.map(({ k }) => k.toLowerCase())).size,
          '[some]': money(rows.filter(({ v, gone }) => v >= 2 && !gone)),
        },
      ]);
      await tenant.emulator.close();
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('sums over two relations agree with a plain join, rows without a partner under BLANK', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'lost');
  const invoice = fc.record({ InvoiceID: fc.constantFrom('a', 'b', 'c'), ContactID: key });
  const line = fc.record({ InvoiceID: key, cents: fc.integer({ min: 1, max: 1e6 }) });
  const invoicesOf = fc.uniqueArray(invoice, { selector: ({ InvoiceID }) => InvoiceID, maxLength: 3 });
  const contacts = [
    { ContactID: 'a', Name: 'Ann' },
    { ContactID: 'b', Name: 'Bob' },
  ];
  await fc.assert(
    fc.asyncProperty(invoicesOf, fc.array(line, { maxLength: 30 }), async (invoices, lines) => {
      const tenant = await openTenant();
      const id = await tenant.create(ledger);
      await tenant.post(id, 'Contacts', contacts);
      await tenant.post(id, 'Invoices', invoices);
      await tenant.post(
        id,
        'Lines',
        lines.map(({ InvoiceID, cents }) => ({ InvoiceID, Amount: cents / 100 })),
      );
      const sums = new Map<string | null, number>();
      for (const { InvoiceID, cents } of lines) {
        const of = invoices.find((one) => one.InvoiceID === InvoiceID)?.ContactID;
        const name = contacts.find(({ ContactID }) => ContactID === of)?.Name ?? null;
        sums.set(name, (sums.get(name) ?? 0) + cents);
      }
      const expected = [...sums]
        .sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1))
        .map(([name, cents]) => ({ 'Contacts[Name]': name, '[s]': `${(cents / 100).toFixed(2)}00` }));
      const grouped =
        'EVALUATE SUMMARIZECOLUMNS(Contacts[Name], "s", SUM(Lines[Amount])) ORDER BY Contacts[Name]';
      expect(await tenant.emulator.dax(grouped)).toEqual(expected);
      const rowByRow =
        'EVALUATE FILTER(ADDCOLUMNS(VALUES(Contacts[Name]), "s", CALCULATE(SUM(Lines[Amount]))), NOT ISBLANK([s])) ORDER BY Contacts[Name]';
      expect(await tenant.emulator.dax(rowByRow)).toEqual(expected);
      await tenant.emulator.close();
    }),
    { numRuns: 30 },
  );
}, 60_000);
