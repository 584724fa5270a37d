// A ledger with rows in it, for tests of DAX: contacts, a calendar, invoices with lines, some of them lost.
import { ledger, type OpenTenant, openTenant } from './powerbi-setup.ts';

const day = (text: string) => `${text}T00:00:00Z`;

const contacts = [
  { ContactID: 'c1', Name: 'Acme' },
  { ContactID: 'c2', Name: 'Basket' },
];

const invoices = [
  {
    InvoiceID: 'i1',
    ContactID: 'c1',
    Day: day('2025-11-15'),
    DueDate: day('2025-12-15'),
    Type: 'ACCREC',
    Status: 'PAID',
    SubTotal: 100.1,
    AmountDue: 0,
  },
  {
    InvoiceID: 'i2',
    ContactID: 'c1',
    Day: day('2026-01-10'),
    DueDate: day('2026-01-20'),
    Type: 'ACCREC',
    Status: 'AUTHORISED',
    SubTotal: 200.2,
    AmountDue: 200.2,
  },
  {
    InvoiceID: 'i3',
    ContactID: 'c2',
    Day: day('2026-01-20'),
    DueDate: day('2026-03-01'),
    Type: 'ACCREC',
    Status: 'AUTHORISED',
    SubTotal: 50,
    AmountDue: 25.05,
  },
  {
    InvoiceID: 'i4',
    ContactID: 'c2',
    Day: day('2026-01-25'),
    DueDate: day('2025-10-01'),
    Type: 'ACCPAY',
    Status: 'AUTHORISED',
    SubTotal: 30,
    AmountDue: 30,
  },
  {
    InvoiceID: 'i5',
    ContactID: 'nobody',
    Day: day('2026-01-30'),
    DueDate: day('2026-01-30'),
    Type: 'ACCREC',
    Status: 'DRAFT',
    SubTotal: 999,
    AmountDue: 999,
  },
];

const lines = [
  { InvoiceID: 'i1', Quantity: 2, Amount: 100.1 },
  { InvoiceID: 'i2', Quantity: 1, Amount: 150 },
  { InvoiceID: 'i2', Quantity: 0.5, Amount: 50.2 },
  { InvoiceID: 'lost', Quantity: 1, Amount: 7 },
];

/** Every day of the last quarter of 2025 and the first of 2026. */
const calendar = Array.from({ length: 182 }, (_, at) => {
  const date = new Date(Date.UTC(2025, 9, 1 + at));
  const month = date.getUTCMonth() + 1;
  return { Day: date.toISOString(), Year: date.getUTCFullYear(), MonthNo: month, Month: `M${month}` };
});

/** The ledger above, on 31 January 2026. */
export async function openLedger(relationships = ledger.relationships): Promise<OpenTenant> {
  const tenant = await openTenant();
  const id = await tenant.create({ ...ledger, relationships });
  for (const [table, rows] of Object.entries({
    Contacts: contacts,
    Calendar: calendar,
    Invoices: invoices,
    Lines: lines,
  })) {
    const { status, text } = await tenant.post(id, table, rows);
    if (status !== 200) throw new Error(text);
  }
  return tenant;
}
