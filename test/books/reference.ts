// Reference data of a company: tracking, items, contacts and their groups, themes, users.
import { type Books, newId } from './books.ts';
import { CURRENCY_NAMES } from './chart.ts';
import type { Account, Address, Contact, Item, TrackingCategory, TrackingOption } from './model.ts';
import type { Random } from './random.ts';
import { CITIES, ENDINGS, FIRST_NAMES, HOSTILE_NAMES, HOSTILE_OPTION, LAST_NAMES, TRADES } from './texts.ts';

const CATEGORIES: readonly {
  name: string;
  options: readonly string[];
  archived?: readonly string[];
  closed?: true;
}[] = [
  {
    name: 'Region',
    options: ['North', 'South', 'Eastside', 'west', 'West', HOSTILE_OPTION],
    archived: ['Head Office (closed)'],
  },
  { name: 'Cost Centre / "Team"', options: ['001', '002', 'Research & Development', '販売部', 'Ops\tNight'] },
  { name: 'Old Projects', options: ['Apollo'], archived: ['Gemini'], closed: true },
];

const FOREIGN = ['AUD', 'USD', 'GBP', 'EUR'];

/** Fills the books with everything documents refer to. `contacts` and `items` are how many to make. */
export function addReferenceData(
  books: Books,
  random: Random,
  size: { contacts: number; items: number; from: number },
): void {
  const { from } = size;
  books.currencies.push(...Object.entries(CURRENCY_NAMES).map(([code, name]) => ({ code, name })));
  books.trackingCategories.push(...CATEGORIES.map((one) => makeCategory(books, one)));
  for (const [order, name] of ['Standard', 'Special', 'Très spécial "v2"'].entries())
    books.themes.push({ id: newId(books, 'theme'), name, order, createdAt: from - 86_400_000 + order });
  addUsers(books, from);
  for (let at = 0; at < size.items; at += 1) books.items.push(makeItem(books, random, { at, from }));
  for (let at = 0; at < size.contacts; at += 1) books.contacts.push(makeContact(books, random, { at, from }));
  addGroups(books);
}

function makeCategory(books: Books, row: (typeof CATEGORIES)[number]): TrackingCategory {
  const category: TrackingCategory = {
    id: newId(books, 'trackingCategory'),
    name: row.name,
    status: row.closed ? 'archived' : 'active',
    options: [],
  };
  category.options = [
    ...row.options.map((name) => makeOption(books, category, { name, status: 'active' })),
    ...(row.archived ?? []).map((name) => makeOption(books, category, { name, status: 'archived' })),
  ];
  return category;
}

export function makeOption(
  books: Books,
  category: TrackingCategory,
  { name, status }: Pick<TrackingOption, 'name' | 'status'>,
): TrackingOption {
  return { id: newId(books, 'trackingOption'), category, name, status };
}

function addUsers(books: Books, from: number): void {
  const roles = ['adviser', 'standard', 'readonly', 'removed'] as const;
  for (const [at, role] of roles.entries()) {
    const firstName = FIRST_NAMES[at] ?? 'A';
    const lastName = LAST_NAMES[at] ?? 'B';
    const email = `${role}@ledger.example`;
    books.users.push({
      id: newId(books, 'user'),
      firstName,
      lastName,
      email,
      role,
      subscriber: at === 0,
      updatedAt: from + at * 7001,
    });
  }
}

function accountWith(books: Books, code: string): Account {
  const account = books.accounts.find((one) => one.code === code);
  if (!account) throw new Error(`Cannot find account "${code}"`);
  return account;
}

function makeItem(books: Books, random: Random, { at, from }: { at: number; from: number }): Item {
  const sold = at % 5 !== 4;
  const bought = at % 3 !== 2 || !sold;
  const price = random.whole(1, 900) * 10_000 + random.pick([0, 9500, 9900, 1234]);
  return {
    id: newId(books, 'item'),
    // Leading zeros and codes that differ in case only.
    code: at === 0 ? '0001' : at === 1 ? 'ab-1' : at === 2 ? 'AB-1' : `ITEM-${String(at).padStart(4, '0')}`,
    name: at % 7 === 3 ? `Widget "${at}" 3½″` : `Widget ${at}`,
    description: at % 11 === 5 ? 'Line one\nline two — “smart quotes”' : `Widget number ${at}`,
    salePrice: sold ? price : undefined,
    purchasePrice: bought ? Math.floor(price * 0.6) : undefined,
    saleAccount: accountWith(books, at % 9 === 8 ? '0200' : '200'),
    purchaseAccount: accountWith(books, at % 4 === 3 ? '310' : '300'),
    stock: at % 6 === 5 ? random.whole(0, 500) * 100 : undefined,
    updatedAt: from + at * 60_013,
  };
}

/** One contact: the first ones carry hostile names, the rest are ordinary. */
export function makeContact(
  books: Books,
  random: Random,
  { at, from }: { at: number; from: number },
): Contact {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const name = HOSTILE_NAMES[at] ?? `${lastName} ${random.pick(TRADES)} ${random.pick(ENDINGS)} ${at}`;
  const instant = from + at * 90_007;
  return {
    id: newId(books, 'contact'),
    name,
    number: at % 4 === 0 ? `C${String(at).padStart(5, '0')}` : '',
    accountNumber: at % 6 === 0 ? `000${at}` : '',
    firstName,
    lastName,
    email: at % 8 === 7 ? '' : `contact${at}@example.com`,
    phone: `${random.whole(200, 999)}-${random.whole(1000, 9999)}`,
    taxNumber:
      at % 5 === 0 ? `${random.whole(10, 99)}-${random.whole(100, 999)}-${random.whole(100, 999)}` : '',
    addresses: at % 3 === 0 ? [] : [makeAddress(random, `${firstName} ${lastName}`)],
    people: at % 10 === 3 ? [{ firstName: 'Sue', lastName: 'Johnson', email: `sue${at}@example.com` }] : [],
    currency: at % 8 === 1 ? random.pick(FOREIGN) : '',
    website: at % 9 === 2 ? `https://example.com/${at}` : '',
    termsDays: random.pick([7, 14, 20, 30]),
    theme: at % 12 === 6 ? books.themes[1] : undefined,
    isCustomer: false,
    isSupplier: false,
    open: { receivable: 0, payable: 0 },
    mergedInto: undefined,
    status: 'active',
    createdAt: instant,
    updatedAt: instant,
  };
}

function makeAddress(random: Random, attention: string): Address {
  return {
    kind: 'postal',
    lines: [
      `${random.whole(1, 400)} ${random.pick(LAST_NAMES)} Street`,
      ...(random.chance(0.2) ? ['Level 2\nSuite "B"'] : []),
    ],
    city: random.pick(CITIES),
    region: '',
    postalCode: `0${random.whole(100, 999)}`,
    country: 'New Zealand',
    attention,
  };
}

function addGroups(books: Books): void {
  for (const [at, name] of ['Suppliers', 'Oasis', 'Empty "group"', 'VIP 🦄'].entries()) {
    const contacts = at === 2 ? [] : books.contacts.filter((_, index) => index % 17 === at).slice(0, 100);
    books.contactGroups.push({ id: newId(books, 'contactGroup'), name, contacts });
  }
}
