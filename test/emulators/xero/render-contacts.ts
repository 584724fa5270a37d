// Contacts as Xero draws them: in lists, nested in documents, and the groups they are in.
import type { Address, Contact, ContactGroup } from '../../books/index.ts';
import { stamp } from './dates.ts';
import { list, money, object, text } from './json.ts';
import type { Look } from './look.ts';

const NO_PHONE = '"PhoneNumber":"","PhoneAreaCode":"","PhoneCountryCode":""';

/** A contact of its own. Fields that only paged, summarised and single reads show: sheet of Contacts, "optional" columns. */
export function contactJson(contact: Contact, look: Look): string {
  const full = look.detail === 'full';
  const fuller = look.detail !== 'brief';
  return object({
    ContactID: `"${contact.id}"`,
    MergedToContactID: fuller && contact.mergedInto ? `"${contact.mergedInto.id}"` : undefined,
    ContactNumber: optional(contact.number),
    AccountNumber: optional(contact.accountNumber),
    ContactStatus: text(contact.status.toUpperCase()),
    Name: text(contact.name),
    FirstName: text(contact.firstName),
    LastName: text(contact.lastName),
    EmailAddress: text(contact.email),
    BankAccountDetails: '""',
    TaxNumber: optional(contact.taxNumber),
    Addresses: look.detail === 'summary' ? undefined : addressesJson(contact),
    Phones: phonesJson(contact),
    UpdatedDateUTC: stamp(contact.updatedAt, look),
    ContactGroups: look.detail === 'summary' ? undefined : full ? groupsJson(contact, look) : '[]',
    IsSupplier: look.detail === 'summary' ? undefined : String(contact.isSupplier),
    IsCustomer: look.detail === 'summary' ? undefined : String(contact.isCustomer),
    DefaultCurrency: optional(contact.currency),
    Website: fuller ? optional(contact.website) : undefined,
    BrandingTheme:
      full && contact.theme
        ? object({ BrandingThemeID: `"${contact.theme.id}"`, Name: text(contact.theme.name) })
        : undefined,
    SalesTrackingCategories: full ? '[]' : undefined,
    PurchasesTrackingCategories: full ? '[]' : undefined,
    ContactPersons: full ? peopleJson(contact) : look.detail === 'brief' ? '[]' : undefined,
    PaymentTerms: full ? `{"Sales":{"Day":${contact.termsDays},"Type":"DAYSAFTERBILLDATE"}}` : undefined,
    Balances: full ? balancesJson(contact) : undefined,
    HasAttachments: fuller ? 'false' : undefined,
    HasValidationErrors: 'false',
  });
}

/** The contact inside a document: everything a paged read shows, or only id and name in unpaged lists. */
export function nestedContact(contact: Contact, look: Look): string {
  if (look.detail !== 'full') return contactStub(contact);
  return object({
    ContactID: `"${contact.id}"`,
    ContactNumber: optional(contact.number),
    ContactStatus: text(contact.status.toUpperCase()),
    Name: text(contact.name),
    FirstName: text(contact.firstName),
    LastName: text(contact.lastName),
    EmailAddress: text(contact.email),
    BankAccountDetails: '""',
    Addresses: addressesJson(contact),
    Phones: phonesJson(contact),
    UpdatedDateUTC: stamp(contact.updatedAt, look),
    ContactGroups: groupsJson(contact, look),
    IsSupplier: String(contact.isSupplier),
    IsCustomer: String(contact.isCustomer),
    DefaultCurrency: optional(contact.currency),
    SalesTrackingCategories: '[]',
    PurchasesTrackingCategories: '[]',
    ContactPersons: peopleJson(contact),
    HasValidationErrors: 'false',
  });
}

/** Id and name with empty lists: how unpaged lists, groups and nested documents mention a contact. */
export function contactStub(contact: Contact): string {
  return `{"ContactID":"${contact.id}","Name":${text(contact.name)},"Addresses":[],"Phones":[],"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false}`;
}

export function groupJson(group: ContactGroup, look: Look): string {
  // Members are filled only when one group is read by id.
  const contacts = look.single ? list(group.contacts.slice(0, 100), contactStub) : '[]';
  return `{"ContactGroupID":"${group.id}","Name":${text(group.name)},"Status":"ACTIVE","Contacts":${contacts},"HasValidationErrors":false}`;
}

const optional = (value: string): string | undefined => (value === '' ? undefined : text(value));

function groupsJson(contact: Contact, look: Look): string {
  const groups = look.groups.get(contact) ?? [];
  return list(groups, (one) => groupJson(one, { ...look, single: false }));
}

function peopleJson({ people }: Contact): string {
  return list(people, (one) =>
    object({
      FirstName: text(one.firstName),
      LastName: text(one.lastName),
      EmailAddress: text(one.email),
      IncludeInEmails: 'true',
    }),
  );
}

function addressesJson({ addresses }: Contact): string {
  const postal = addresses.find((one) => one.kind === 'postal');
  return `[{"AddressType":"STREET","City":"","Region":"","PostalCode":"","Country":""},${addressJson(postal)}]`;
}

function addressJson(address: Address | undefined): string {
  if (!address) return '{"AddressType":"POBOX","City":"","Region":"","PostalCode":"","Country":""}';
  const [first = '', second] = address.lines;
  return object({
    AddressType: '"POBOX"',
    AddressLine1: text(first),
    AddressLine2: second === undefined ? undefined : text(second),
    City: text(address.city),
    Region: text(address.region),
    PostalCode: text(address.postalCode),
    Country: text(address.country),
    AttentionTo: text(address.attention),
  });
}

function phonesJson({ phone }: Contact): string {
  const main = `{"PhoneType":"DEFAULT","PhoneNumber":${text(phone)},"PhoneAreaCode":"04","PhoneCountryCode":"64"}`;
  return `[{"PhoneType":"DDI",${NO_PHONE}},${main},{"PhoneType":"FAX",${NO_PHONE}},{"PhoneType":"MOBILE",${NO_PHONE}}]`;
}

/** What is outstanding per side in the base currency; Xero shows payables as positive amounts owed. */
function balancesJson({ open }: Contact): string {
  const side = (cents: number): string => `{"Outstanding":${money(cents)},"Overdue":0.00}`;
  return `{"AccountsReceivable":${side(open.receivable)},"AccountsPayable":${side(-open.payable)}}`;
}
