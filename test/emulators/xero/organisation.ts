// One connected organisation: its books, one shelf per endpoint, and how its records are drawn.
import type { Books } from '../../books/index.ts';
import type { Endpoint } from './endpoint.ts';
import { DOCUMENT_ENDPOINTS } from './endpoints-documents.ts';
import { ORDER_ENDPOINTS } from './endpoints-orders.ts';
import { REFERENCE_ENDPOINTS } from './endpoints-reference.ts';
import { Shelf } from './list.ts';
import { groupsOf, type Look } from './look.ts';
import type { Query } from './query.ts';
import type { XeroSwitches } from './switches.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  ...DOCUMENT_ENDPOINTS,
  ...ORDER_ENDPOINTS,
  ...REFERENCE_ENDPOINTS,
];

export interface Organisation {
  readonly tenantId: string;
  readonly name: string;
  readonly books: Books;
  readonly shelves: ReadonlyMap<string, Shelf>;
}

/** Sorts every endpoint's rows once, so that no request pays for it. */
export function openOrganisation(books: Books): Organisation {
  const shelves = new Map(
    ENDPOINTS.map((endpoint) => [endpoint.name.toLowerCase(), new Shelf(books, endpoint)]),
  );
  return { tenantId: books.company.id, name: books.company.name, books, shelves };
}

/** How to draw records for a request. */
export function lookFor(
  { books }: Organisation,
  query: Query,
  { detail, single, switches }: { detail: Look['detail']; single: boolean; switches: XeroSwitches },
): Look {
  const [from, to] = [query.day('DateFrom'), query.day('DateTo')];
  // Budgets: the months asked for, 24 at most.
  const limit =
    from === undefined ? 0 : Date.UTC(new Date(from).getUTCFullYear(), new Date(from).getUTCMonth() + 23, 1);
  return {
    detail,
    single,
    unitPlaces: query.get('unitdp') === '4' ? 4 : 2,
    books,
    groups: groupsOf(books),
    archived: single || query.isTrue('includeArchived'),
    months: from === undefined ? undefined : { from, to: Math.min(to ?? limit, limit) },
    escapedSlashes: switches.escapedSlashes,
  };
}
