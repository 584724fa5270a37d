// Values of DAX on the Power BI emulator: sums, filter contexts, dates and the measures of a ledger.
import { expect, test } from 'vitest';
import { openLedger } from './powerbi-ledger.ts';

/** Values of one query each, all over the same ledger. */
const values: readonly (readonly [string, string, unknown])[] = [
  ['counts rows', "COUNTROWS('Invoices')", 5],
  ['sums money exactly', 'SUM(Invoices[SubTotal])', '1379.3000'],
  ['keeps money times a whole number exact', 'SUM(Invoices[AmountDue]) * 3', '3762.7500'],
  ['divides money by money into a number', 'DIVIDE(CURRENCY(1), CURRENCY(3))', 1 / 3],
  ['answers BLANK for a division by zero', 'DIVIDE(1, 0)', null],
  ['answers BLANK for a sum of nothing', 'CALCULATE(SUM(Invoices[SubTotal]), Invoices[Type] = "NONE")', null],
  ['answers BLANK for a count of nothing', 'COUNTROWS(FILTER(Invoices, FALSE()))', null],
  ['adds BLANK as nothing', '5 + BLANK()', 5],
  ['multiplies by BLANK to BLANK', '5 * BLANK()', null],
  ['knows that BLANK equals 0 and is not exactly 0', 'IF(BLANK() = 0 && NOT(BLANK() == 0), "yes")', 'yes'],
  ['compares text without case', 'CALCULATE(COUNTROWS(Invoices), Invoices[Type] = "accpay")', 1],
  ['binds the power closer than the sign', '-2 ^ 2', -4],
  ['evaluates a measure by its filters', '[Revenue]', '350.3000'],
  ['replaces a filter on the same column', 'CALCULATE([Revenue], Invoices[Type] = "ACCPAY")', '350.3000'],
  [
    'keeps a filter where it is told to',
    'CALCULATE([Invoice Count], KEEPFILTERS(Invoices[Type] = "ACCPAY"), Invoices[Status] = "PAID")',
    null,
  ],
  ['filters by a related table', 'CALCULATE([Revenue], Contacts[Name] = "Acme")', '300.3000'],
  ['filters through two relations', 'CALCULATE(SUM(Lines[Amount]), Contacts[Name] = "Acme")', '300.3000'],
  [
    'filters the one side by rows of the many',
    'CALCULATE(COUNTROWS(Contacts), FILTER(Invoices, Invoices[Type] = "ACCPAY"))',
    1,
  ],
  [
    'does not filter the one side by a column of the many',
    'CALCULATE(COUNTROWS(Contacts), Invoices[Type] = "ACCPAY")',
    2,
  ],
  ['turns a row into a filter', 'SUMX(Contacts, [Revenue])', '350.3000'],
  [
    'takes a variable as it was',
    'VAR all = [Revenue] RETURN CALCULATE(all, Contacts[Name] = "Acme")',
    '350.3000',
  ],
  ['counts different values, the unknown among them', 'COUNTROWS(VALUES(Contacts[Name]))', 3],
  ['leaves the unknown out of DISTINCT', 'COUNTROWS(DISTINCT(Contacts[Name]))', 2],
  [
    'reads a related value',
    'MAXX(FILTER(Invoices, Invoices[InvoiceID] = "i3"), RELATED(Contacts[Name]))',
    'Basket',
  ],
  [
    'sums what is overdue today',
    'CALCULATE(SUM(Invoices[AmountDue]), Invoices[Type] = "ACCREC", Invoices[Status] = "AUTHORISED", Invoices[DueDate] < TODAY())',
    '200.2000',
  ],
  [
    'ages by days',
    'SUMX(FILTER(Invoices, VAR d = DATEDIFF(Invoices[DueDate], TODAY(), DAY) RETURN d >= 1 && d <= 30), Invoices[AmountDue])',
    '1199.2000',
  ],
  ['totals a year to date', 'CALCULATE([Revenue YTD], Calendar[Day] = DATE(2026, 1, 15))', '200.2000'],
  [
    'totals a fiscal year to date',
    'CALCULATE(TOTALYTD([Revenue], Calendar[Day], "6-30"), Calendar[Day] = DATE(2026, 1, 31))',
    '350.3000',
  ],
  [
    'frees the calendar for a date',
    'CALCULATE(CALCULATE([Revenue], Calendar[Day] <= DATE(2026, 1, 31)), Calendar[Month] = "M3")',
    '350.3000',
  ],
  [
    'looks at the last 90 days',
    'CALCULATE([Revenue], DATESINPERIOD(Calendar[Day], TODAY(), -90, DAY))',
    '350.3000',
  ],
  [
    'looks at the last 60 days',
    'CALCULATE([Revenue], DATESINPERIOD(Calendar[Day], TODAY(), -60, DAY))',
    '250.2000',
  ],
  [
    'compares with the month before',
    'CALCULATE(CALCULATE(COUNTROWS(Calendar), DATEADD(Calendar[Day], -1, MONTH)), Calendar[MonthNo] = 2)',
    31,
  ],
  [
    'selects one value',
    'CALCULATE(SELECTEDVALUE(Contacts[Name], "many"), Contacts[ContactID] = "c2")',
    'Basket',
  ],
  ['finds values in a list', 'CALCULATE(COUNTROWS(Invoices), Invoices[Status] IN { "PAID", "DRAFT" })', 2],
  [
    'finds rows in a list of pairs',
    'COUNTROWS(FILTER(Invoices, (Invoices[Type], Invoices[Status]) IN { ("ACCREC", "PAID"), ("ACCPAY", "AUTHORISED") }))',
    2,
  ],
  [
    'treats values as those of another column',
    'CALCULATE([Revenue], TREATAS({ "Acme" }, Contacts[Name]))',
    '300.3000',
  ],
  ['looks up a value', 'LOOKUPVALUE(Contacts[Name], Contacts[ContactID], "c1")', 'Acme'],
  [
    'formats money and dates',
    'FORMAT(CURRENCY(-1234.5), "#,0.00") & " " & FORMAT(DATE(2026, 1, 31), "yyyy-mm-dd")',
    '-1,234.50 2026-01-31',
  ],
  ['formats a share', 'FORMAT(0.1255, "0.0%")', '12.6%'],
  [
    'joins texts in order',
    'CONCATENATEX(Contacts, Contacts[Name], ", ", Contacts[Name], DESC)',
    'Basket, Acme',
  ],
  [
    'removes all filters but one',
    'CALCULATE(CALCULATE(COUNTROWS(Invoices), ALLEXCEPT(Invoices, Invoices[Type])), Invoices[Type] = "ACCREC", Invoices[Status] = "PAID")',
    4,
  ],
  [
    'takes the latest of each key',
    'SUMX(FILTER(Lines, Lines[Quantity] = CALCULATE(MAX(Lines[Quantity]), ALLEXCEPT(Lines, Lines[InvoiceID]))), Lines[Amount])',
    '257.1000',
  ],
  ['counts days as a difference', 'INT(DATE(2026, 3, 1) - DATE(2026, 2, 1))', 28],
  [
    'divides what is outstanding by the revenue of 90 days',
    'DIVIDE(SUMX(FILTER(Invoices, Invoices[Type] = "ACCREC" && Invoices[Status] = "AUTHORISED"), Invoices[AmountDue]), CALCULATE([Revenue], DATESINPERIOD(Calendar[Day], TODAY(), -90, DAY))) * 90',
    (225.25 / 350.3) * 90,
  ],
  [
    'filters by bounds that another table gives',
    'MAXX({ (1, 30) }, SUMX(FILTER(Invoices, DATEDIFF(Invoices[DueDate], TODAY(), DAY) >= [Value1] && DATEDIFF(Invoices[DueDate], TODAY(), DAY) <= [Value2]), Invoices[AmountDue]))',
    '1199.2000',
  ],
  ['filters by the day through the calendar', 'CALCULATE([Revenue], Calendar[MonthNo] = 11)', '100.1000'],
  ['ends months', 'DAY(EOMONTH(DATE(2024, 1, 31), 1))', 29],
  ['chooses', 'SWITCH(TRUE(), 1 > 2, "a", 2 > 1, "b", "c")', 'b'],
];

test.each(values)('DAX %s', async (_, expression, value) => {
  const tenant = await openLedger();
  expect(await tenant.emulator.dax(`EVALUATE ROW("v", ${expression})`)).toEqual([{ '[v]': value }]);
  await tenant.emulator.close();
});
