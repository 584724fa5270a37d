// The list engine: which rows a list request gets, in what order, and which page of them.
import type { Books } from '../../books/index.ts';
import type { Endpoint } from './endpoint.ts';
import { highVolume, queryError } from './errors.ts';
import type { Query } from './query.ts';
import { RecordIndex } from './record-index.ts';
import type { XeroSwitches } from './switches.ts';
import { type Clause, parseWhere } from './where.ts';
import { compile, optimisedParts, type Predicate } from './where-run.ts';

export interface ListRequest {
  readonly query: Query;
  /** If-Modified-Since in ms, whole seconds. */
  readonly modifiedSince: number | undefined;
  readonly switches: XeroSwitches;
  /** Documents a guarded read may scan at most. */
  readonly guard: number;
}

export interface Page {
  readonly rows: readonly object[];
  /** Undefined for lists that are not paged. */
  readonly pagination:
    | {
        readonly page: number;
        readonly pageSize: number;
        readonly pageCount: number;
        readonly itemCount: number;
      }
    | undefined;
  /** Set when the read came near the guard. */
  readonly warning: string | undefined;
}

/** An endpoint over one company's books, with the selections of recent requests so that later pages are cheap. */
export class Shelf {
  readonly endpoint: Endpoint;
  readonly index: RecordIndex;
  readonly #kept = new Map<string, { version: number; rows: readonly object[] }>();

  constructor(books: Books, endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.index = new RecordIndex(books, {
      tables: endpoint.tables,
      watch: [...endpoint.tables, ...(endpoint.watch ?? [])],
      id: (record) => endpoint.id(record),
      cursor: endpoint.cursor && ((record) => endpoint.cursor?.(record) ?? 0),
    });
  }

  /** One page, or the whole list where the request does not page. */
  page(request: ListRequest): Page {
    const { rows, start, warning } = this.#select(request);
    const size = pageSizeOf(this.endpoint, request);
    if (size === undefined)
      return { rows: start === 0 ? rows : rows.slice(start), pagination: undefined, warning };
    const page = request.query.whole('page', { least: 1, most: 1_000_000_000, otherwise: 1 });
    const itemCount = rows.length - start;
    const from = start + (page - 1) * size;
    return {
      rows: rows.slice(from, from + size),
      pagination: { page, pageSize: size, pageCount: Math.ceil(itemCount / size), itemCount },
      warning,
    };
  }

  /** A record by its id, number or code. */
  find(name: string): object | undefined {
    const { alternate } = this.endpoint;
    const found = this.index.find(name.toLowerCase());
    if (found || !alternate || name === '') return found;
    return this.index.rows.find((one) => alternate(one) === name);
  }

  #select(request: ListRequest): { rows: readonly object[]; start: number; warning: string | undefined } {
    const { endpoint, index } = this;
    const rows = index.rows;
    const start = this.#start(request);
    const tests = testsOf(endpoint, request);
    const warning = guardRead(endpoint, request, { rows, start, narrow: tests.narrow });
    const order = endpoint.fields && request.query.get('order');
    if (!order && tests.all.length === 0) return { rows, start, warning };
    const key = `${request.query.key()} ${start}`;
    const kept = this.#kept.get(key);
    if (kept?.version === index.version) return { rows: kept.rows, start: 0, warning };
    const selected = rows.slice(start).filter((one) => tests.all.every((test) => test(one)));
    if (order) sortBy(selected, order, endpoint);
    if (this.#kept.size >= 6) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(key, { version: index.version, rows: selected });
    return { rows: selected, start: 0, warning };
  }

  #start({ modifiedSince, switches }: ListRequest): number {
    if (modifiedSince === undefined || !this.endpoint.cursor) return 0;
    // The header has no milliseconds: the boundary is a whole second.
    return this.index.startOf(switches.modifiedSince === 'inclusive' ? modifiedSince : modifiedSince + 1000);
  }
}

/** Rows per page, or undefined for one unpaged list. */
function pageSizeOf(endpoint: Endpoint, { query, switches }: ListRequest): number | undefined {
  const asked = query.whole('pageSize', { least: 1, most: 1000, otherwise: 100 });
  switch (endpoint.paging) {
    case 'whole':
      return undefined;
    case 'links':
      return 100;
    case 'quotes':
      return switches.quotesPageSize === 'honoured' ? asked : 100;
    case 'always':
      return asked;
    case 'paged': {
      if (endpoint.name === 'ManualJournals' && switches.manualJournalsOrderBug && query.has('order'))
        return undefined;
      const forced = (endpoint.forcesPaging ?? []).some((name) => query.has(name));
      return query.has('page') || forced || (switches.pageSizeAlonePages && query.has('pageSize'))
        ? asked
        : undefined;
    }
  }
}

interface Tests {
  readonly all: readonly Predicate[];
  /** Those that an index serves. */
  readonly narrow: readonly Predicate[];
}

function testsOf(endpoint: Endpoint, { query, switches }: ListRequest): Tests {
  const given = endpoint.filter?.(query);
  const filter = given && ((one: object) => given.test(one));
  const where = endpoint.fields && !endpoint.orderOnly ? query.get('where') : undefined;
  const clause = where === undefined ? undefined : parseWhere(where, endpoint.fields ?? {}, endpoint.type);
  const { hides, isDeleted } = endpoint;
  const asksForStatus =
    /\bStatus\b/.test(where ?? '') || Boolean(query.get('Status') ?? query.get('Statuses'));
  const all = [
    hides && ((one: object) => !hides(one, query)),
    isDeleted && !switches.deletedInLists && !asksForStatus ? (one: object) => !isDeleted(one) : undefined,
    filter,
    clause && compile(clause, endpoint.fields ?? {}),
  ].filter((test) => test !== undefined);
  return { all, narrow: [...(filter ? [filter] : []), ...narrowTests(endpoint, clause)] };
}

function narrowTests(endpoint: Endpoint, clause: Clause | undefined): readonly Predicate[] {
  const { optimised, fields } = endpoint;
  if (!clause || !optimised || !fields) return [];
  return optimisedParts(clause, optimised).map((part) => compile(part, fields));
}

/** Refuses a read that would scan more documents than the guard allows; returns a warning when it comes near. */
function guardRead(
  endpoint: Endpoint,
  { switches, guard }: ListRequest,
  { rows, start, narrow }: { rows: readonly object[]; start: number; narrow: readonly Predicate[] },
): string | undefined {
  if (!endpoint.guarded || switches.highVolumeGuard === 'off') return undefined;
  const from = switches.highVolumeGuard === 'counts everything' ? 0 : start;
  if (rows.length - from <= guard / 2) return undefined;
  let scanned = rows.length - from;
  if (narrow.length > 0) {
    scanned = 0;
    for (let at = from; at < rows.length; at += 1) {
      const row = rows[at];
      if (row && narrow.every((test) => test(row))) scanned += 1;
    }
  }
  if (scanned > guard) throw highVolume(endpoint.name, guard);
  if (!switches.highVolumeWarnings || scanned <= guard / 2) return undefined;
  return `This request reads ${scanned} ${endpoint.name}; requests for more than ${guard} will be refused`;
}

/** Sorts by `Field`, `Field ASC` or `Field DESC`, several joined by commas; ties by id. */
function sortBy(rows: object[], order: string, endpoint: Endpoint): void {
  const keys = order.split(',').map((part) => {
    const [name = '', direction = 'ASC'] = part.trim().split(/\s+/);
    const field = endpoint.fields?.[name];
    if (!field) throw queryError(`No property or field '${name}' exists in type '${endpoint.type}'`);
    return { field, sign: direction.toUpperCase().startsWith('DESC') ? -1 : 1 };
  });
  rows.sort((left, right) => {
    for (const { field, sign } of keys) {
      const [a, b] = [field.of(left) ?? '', field.of(right) ?? ''];
      if (a !== b) return (a < b ? -1 : 1) * sign;
    }
    return endpoint.id(left) < endpoint.id(right) ? -1 : 1;
  });
}
