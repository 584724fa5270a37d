// Asks the Xero emulator for everything that the official document lets one ask for.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { type Books, editBooks, generateBooks } from '../books/index.ts';
import type { Setup } from '../emulators-tests/xero-setup.ts';
import type { Operation } from './openapi.ts';
import { accounting } from './xero-contract.ts';

const AT = Date.parse('2026-02-20T00:00:00Z');

/** Books with everything in them, edited so that deleted, voided and archived records are among it. */
export function editedBooks(): Books {
  const books = generateBooks({ seed: 21, documents: 500 });
  editBooks(books, { seed: 5, edits: 150, at: AT });
  return books;
}

export const reads = (): readonly Operation[] =>
  accounting().operations.filter(({ method, answer }) => method === 'GET' && answer);

/** What else to ask an operation with such a parameter: all that changes what rows look like. */
const VARIANTS: Readonly<Record<string, string>> = {
  page: 'page=1&pageSize=1000',
  unitdp: 'page=1&unitdp=4',
  summaryOnly: 'page=1&summaryOnly=true',
  includeArchived: 'page=1&includeArchived=true',
  includeDeleted: 'includeDeleted=true',
  paymentsOnly: 'paymentsOnly=true',
  periods: 'date=2026-01-31&periods=3',
  fromDate: 'fromDate=2025-07-01&toDate=2026-01-31',
  DateFrom: 'DateFrom=2025-01-01&DateTo=2026-12-31',
};

/** Asks for every operation: lists in all variants, then one record of each and what hangs below it. */
export async function askAll({ get, books }: Setup): Promise<void> {
  const known = new Map([
    ['contactId', books.contacts[0]?.id ?? ''],
    ['PaymentID', books.payments.find(({ batch }) => batch)?.id ?? ''],
  ]);
  // Among all reports only these have an id that leads to them.
  learn((await get('Reports')).json, known);
  const operations = [...reads()].sort((one, other) => inPath(one) - inPath(other));
  for (const { path, parameters } of operations) {
    const filled = path
      .slice(1)
      .replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(known.get(name) ?? ''));
    const required = parameters.filter((one) => one.required && one.in === 'query');
    const query = required.map(({ name }) => `${name}=${known.get(name)}`);
    const variants = parameters.flatMap(({ name }) => VARIANTS[name] ?? []);
    for (const variant of ['', ...variants])
      learn((await get(`${filled}?${[...query, variant].filter(Boolean).join('&')}`)).json, known);
  }
}

const inPath = ({ path }: Operation): number => path.split('{').length;

/** Remembers the first value of every field: ids for the paths to come. */
function learn(body: unknown, known: Map<string, string>): void {
  for (const rows of Object.values(isObject(body) ? body : {}))
    for (const row of Array.isArray(rows) ? rows.filter(isObject) : [])
      for (const [name, value] of Object.entries(row))
        if (['string', 'number'].includes(typeof value) && !known.has(name)) known.set(name, String(value));
}
