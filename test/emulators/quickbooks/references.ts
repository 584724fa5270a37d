// References between records ({ value, name }), and the parts that many records share.
import type { Account, Contact, Item, Line, TaxRate, TrackingOption } from '../../books/index.ts';
import type { Company } from './company.ts';
import type { Party, Role } from './parties.ts';
import type { Row } from './shelf.ts';
import { stamp } from './times.ts';
import { dimensionOf } from './views.ts';

export interface Ref {
  readonly value: string;
  readonly name?: string;
}

type Fields = Record<string, unknown>;

export const decimal = (cents: number): number => cents / 100;

/** Hundredth-cent prices and quantities. */
export const fourPlaces = (value: number): number => value / 10_000;

/** Home units per foreign unit; the books keep the inverse in millionths. */
export const exchangeRate = (rate: number): number => Number((1_000_000 / rate).toPrecision(12));

export function reference(company: Company, entity: string, record: object, name: string): Ref | undefined {
  const value = company.idOf(entity, record);
  if (value === undefined) return undefined;
  return company.switches.refNames === 'live' ? { value, name } : { value };
}

/** Names of inactive list rows end with a mark of the server. */
export const marked = (name: string, active: boolean): string => (active ? name : `${name} (deleted)`);

export function accountName(account: Account): string {
  return marked(account.name, account.status === 'active');
}

export const accountRef = (company: Company, account: Account): Ref | undefined =>
  reference(company, 'Account', account, accountName(account));

export function partyName({ contact, suffix }: Party): string {
  return marked(`${contact.name}${suffix}`, contact.status === 'active');
}

export function contactRef(company: Company, contact: Contact, role: Role): Ref | undefined {
  const party = company.parties.of(contact, role);
  return party && reference(company, role === 'customer' ? 'Customer' : 'Vendor', party, partyName(party));
}

export const itemRef = (company: Company, item: Item): Ref | undefined =>
  reference(company, 'Item', item, item.name);

export const taxCodeRef = (company: Company, code: TaxRate): Ref | undefined =>
  reference(company, 'TaxCode', code, code.name);

export function currencyRef({ books, switches }: Company, code: string): Ref {
  const name = books.currencies.find((one) => one.code === code)?.name ?? code;
  return switches.refNames === 'live' ? { value: code, name } : { value: code };
}

/** ClassRef of a line, and the location that only a whole transaction can have. */
export function dimension(
  company: Company,
  tracking: readonly TrackingOption[],
  entity: 'Class' | 'Department',
): Ref | undefined {
  const { trackingCategories } = company.books;
  const option = tracking.find((one) => dimensionOf(one.category, trackingCategories) === entity);
  return option && reference(company, entity, option, option.name);
}

export function departmentRef(company: Company, lines: readonly Pick<Line, 'tracking'>[]): Ref | undefined {
  for (const { tracking } of lines) {
    const found = dimension(company, tracking, 'Department');
    if (found) return found;
  }
  return undefined;
}

/** Id, token and stamps around a record's own fields; undefined members are dropped by JSON. */
export function recordOf(row: Row, fields: Fields): Fields {
  fields.domain = 'QBO';
  fields.sparse = false;
  fields.Id = row.id;
  // The pseudo tax codes of US companies carry no token.
  if (/^\d/.test(row.id)) fields.SyncToken = String(row.token);
  fields.MetaData = { CreateTime: stamp(row.createdAt), LastUpdatedTime: stamp(row.updatedAt) };
  return fields;
}

/** Postal addresses; some carry coordinates that are not. */
export function addressOf({ addresses }: Contact): Fields | undefined {
  const [address] = addresses;
  if (!address) return undefined;
  const lines = address.lines.flatMap((line) => line.split('\n'));
  return {
    Id: '1',
    ...Object.fromEntries(lines.slice(0, 5).map((line, at) => [`Line${at + 1}`, line])),
    City: address.city,
    ...(address.region === '' ? {} : { CountrySubDivisionCode: address.region }),
    PostalCode: address.postalCode,
    Country: address.country,
    Lat: 'INVALID',
    Long: 'INVALID',
  };
}
