// The Xero emulator's where language: what it accepts, what it means, and what it refuses.
import { expect, test } from 'vitest';
import { dateOf, type Json, type Setup, setUp } from './xero-setup.ts';

async function select({ get }: Setup, where: string, endpoint = 'Invoices'): Promise<Json[]> {
  const { status, json, text } = await get(
    `${endpoint}?page=1&pageSize=1000&where=${encodeURIComponent(where)}`,
  );
  if (status !== 200) throw new Error(`${status} ${text}`);
  return json[endpoint];
}

const CASES: readonly (readonly [where: string, holds: (one: Json) => boolean])[] = [
  ['Type=="ACCREC"', (one) => one.Type === 'ACCREC'],
  ['Type = "ACCPAY"', (one) => one.Type === 'ACCPAY'],
  ['Status!="PAID"', (one) => one.Status !== 'PAID'],
  ['Status <> "PAID" AND Type=="ACCREC"', (one) => one.Status !== 'PAID' && one.Type === 'ACCREC'],
  [
    'Type=="ACCREC"&&(Status=="DRAFT"||Status=="VOIDED")',
    (one) => one.Type === 'ACCREC' && ['DRAFT', 'VOIDED'].includes(one.Status),
  ],
  ['AmountDue > 100.50 and AmountDue <= 2000', (one) => one.AmountDue > 100.5 && one.AmountDue <= 2000],
  [
    'Date >= DateTime(2025, 01, 01) AND Date < DateTime(2025,07,01)',
    (one) => dateOf(one.Date) >= Date.UTC(2025, 0, 1) && dateOf(one.Date) < Date.UTC(2025, 6, 1),
  ],
  ['Date>DateTime.Parse("2025-06-30")', (one) => dateOf(one.Date) > Date.UTC(2025, 5, 30)],
  ['Contact.Name.Contains("a")', (one) => one.Contact.Name.includes('a')],
  ['Contact.Name.ToLower().StartsWith("acme")', (one) => one.Contact.Name.toLowerCase().startsWith('acme')],
  ['InvoiceNumber.EndsWith("7")', (one) => one.InvoiceNumber.endsWith('7')],
  ['Reference!=null', (one) => one.Reference !== ''],
  ['Reference==""', (one) => one.Reference === ''],
  ['SentToContact==true AND Type=="ACCREC"', (one) => one.SentToContact === true],
  ['!SentToContact AND Type=="ACCREC"', (one) => one.SentToContact === false],
];

test('every form of clause selects exactly the rows it describes', async () => {
  const setup = await setUp({ documents: 600 });
  const all = await setup.sweep('Invoices');
  for (const [where, holds] of CASES) {
    const expected = all.filter(holds).map((one) => one.InvoiceID);
    expect(
      (await select(setup, where)).map((one) => one.InvoiceID),
      where,
    ).toEqual(expected);
    expect(expected.length, where).toBeGreaterThan(0);
  }
});

test('GUIDs compare with Guid("...") on ids and nested ids', async () => {
  const setup = await setUp();
  const [invoice] = setup.books.invoices;
  if (!invoice) throw new Error('These books have no invoices');
  const byId = await select(setup, `InvoiceID==Guid("${invoice.id.toUpperCase()}")`);
  expect(byId.map((one) => one.InvoiceID)).toEqual([invoice.id]);
  const byContact = await select(setup, `Contact.ContactID == guid("${invoice.contact.id}")`);
  expect(new Set(byContact.map((one) => one.Contact.ContactID))).toEqual(new Set([invoice.contact.id]));
  const payments = await select(setup, 'PaymentType=="ACCPAYPAYMENT"', 'Payments');
  expect(new Set(payments.map((one) => one.PaymentType))).toEqual(new Set(['ACCPAYPAYMENT']));
});

test('nonsense is a 400 ValidationException that says what is wrong', async () => {
  const { get } = await setUp({ documents: 50 });
  const cases: readonly (readonly [where: string, message: RegExp])[] = [
    ['Nonsense=="x"', /No property or field 'Nonsense' exists in type 'Invoice'/],
    ['LineItems.Description=="x"', /No property or field 'LineItems.Description'/],
    ['Type==', /Expression expected/],
    ['Type=="ACCREC" AND', /Expression expected/],
    ['Type=="ACCREC" Status=="PAID"', /goes on/],
    ['Type', /'Boolean' expected/],
    ['Total=="x"', /incompatible with operand types 'Decimal' and 'String'/],
    ['InvoiceID=="x"', /'Guid' and 'String'/],
    ['InvoiceID==Guid("x")', /32 digits/],
    ['Date>DateTime(2025)', /DateTime/],
    ['Date>DateTime(2025,13,01)', /DateTime/],
    ['Type=="ACCREC', /Syntax error/],
    ['Total > 5 %', /Syntax error/],
    ['(Type=="ACCREC"', /'\)' expected/],
  ];
  for (const [where, message] of cases) {
    const reply = await get(`Invoices?page=1&where=${encodeURIComponent(where)}`);
    expect(reply.status, where).toBe(400);
    expect(reply.json, where).toMatchObject({
      ErrorNumber: 10,
      Type: 'ValidationException',
      Message: expect.stringMatching(message),
    });
  }
});

test('endpoints that offer no where ignore it', async () => {
  const { get, books } = await setUp();
  expect((await get('PurchaseOrders?where=nonsense')).json.pagination.itemCount).toBe(
    books.purchaseOrders.length,
  );
});
