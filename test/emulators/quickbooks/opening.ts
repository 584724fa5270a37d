// The rows a company opens with, in the order their ids are given out.
import type { Company } from './company.ts';
import { Extra, type ExtraRow, hoursOf } from './extras.ts';
import { ENTITY_OF_ROLE, type Party, type Role } from './parties.ts';
import type { NewRow } from './shelf.ts';
import { day } from './times.ts';
import { partyOf, SHOWN_TABLES, type ViewContext, viewsOf } from './views.ts';

export interface OpeningRow {
  readonly entity: string;
  readonly row: NewRow;
}

/** Everything the books hold, and the lists they lack, oldest first. */
export function openingRows(
  company: Company,
  { extras, views }: { extras: readonly ExtraRow[]; views: ViewContext },
): OpeningRow[] {
  const { books, services } = company;
  const setUpAt = books.company.createdAt;
  const first = { createdAt: setUpAt, updatedAt: setUpAt, active: true };
  const rows: OpeningRow[] = [
    ...extras.map(({ entity, extra }) => ({ entity, row: { record: extra, ...first } })),
    ...[...services.values()].map((record) => ({ entity: 'Item', row: { record, ...first } })),
  ];
  // A set-off hangs on both of its documents.
  const seen = new Set<object>();
  for (const table of SHOWN_TABLES)
    for (const record of books[table])
      for (const view of viewsOf(table, record, views)) {
        if (view.shown && !seen.has(view.record)) rows.push({ entity: view.entity, row: view });
        seen.add(view.record);
      }
  for (const party of firstParties(company)) {
    const { createdAt, updatedAt, status } = party.contact;
    const row = { record: party, createdAt, updatedAt, active: status === 'active' };
    rows.push({ entity: ENTITY_OF_ROLE[party.role], row });
  }
  return rows.sort((left, right) => left.row.createdAt - right.row.createdAt);
}

/** Every contact in the roles it is used in; one that is not used yet is a customer. */
function firstParties({ books, parties }: Company): Party[] {
  const used = new Map<object, Set<Role>>();
  for (const table of SHOWN_TABLES)
    for (const record of books[table]) {
      const found = partyOf(table, record);
      if (!found) continue;
      const roles = used.get(found.contact) ?? new Set();
      used.set(found.contact, roles.add(found.role));
    }
  return books.contacts.flatMap((contact) => {
    const roles = used.get(contact) ?? new Set<Role>(['customer']);
    return (['customer', 'vendor'] as const)
      .filter((role) => roles.has(role))
      .map((role) => parties.ensure(contact, role).party);
  });
}

/** Singletons, the pseudo tax codes of US companies, and hours worked, once everything else has its id. */
export function ownRows(company: Company): OpeningRow[] {
  const { books, companyInfo, preferences } = company;
  const at = { createdAt: books.company.createdAt, updatedAt: books.company.createdAt, active: true };
  const pseudo = books.company.country === 'US' ? ['TAX', 'NON'] : [];
  const employees = company.shelf('Employee').inIdOrder;
  return [
    { entity: 'CompanyInfo', row: { record: companyInfo, ...at } },
    { entity: 'Preferences', row: { record: preferences, ...at } },
    ...pseudo.map((id) => {
      const fields = { Name: id, Description: id, Active: true, Taxable: id === 'TAX', TaxGroup: false };
      return { entity: 'TaxCode', row: { record: new Extra(fields), ...at, id } };
    }),
    ...hoursOf(books).map(({ user, at: worked, hours, minutes }) => {
      const fields = {
        TxnDate: day(worked),
        NameOf: 'Employee',
        EmployeeRef: { value: employees[user % employees.length]?.id ?? '1' },
        BillableStatus: 'NotBillable',
        Taxable: false,
        HourlyRate: 0,
        Hours: hours,
        Minutes: minutes,
        Description: 'Worked on site',
      };
      const row = { record: new Extra(fields), createdAt: worked, updatedAt: worked, active: true };
      return { entity: 'TimeActivity', row };
    }),
  ];
}
