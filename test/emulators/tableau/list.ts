// Lists: filters, sorting and pages (tableau.md 5).
import type { Call, Result } from './call.ts';
import { badRequest } from './errors.ts';
import type { Scalar, Tree } from './tree.ts';

export interface Listed {
  /** What filters and sorting look at; a list of values is matched by any of them. */
  readonly fields: Readonly<Record<string, Scalar | readonly string[]>>;
  readonly body: Tree;
}

/** One page of `rows`, as the query asks, under the two names of its elements. */
export function listed(
  { query }: Pick<Call, 'query'>,
  rows: readonly Listed[],
  [list, member]: [string, string],
): Result {
  const pageSize = whole(query.get('pageSize') ?? '100');
  const pageNumber = whole(query.get('pageNumber') ?? '1');
  if (pageNumber === undefined || pageNumber < 1)
    throw badRequest(400006, `Invalid page number: ${query.get('pageNumber')}`);
  if (pageSize === undefined || pageSize < 1 || pageSize > 1_000)
    throw badRequest(400007, `Invalid page size: ${query.get('pageSize')}, 1 to 1000`);
  const found = sorted(filtered(rows, query.get('filter')), query.get('sort'));
  const start = (pageNumber - 1) * pageSize;
  if (start > 0 && start >= found.length) throw badRequest(400006, `Invalid page number: ${pageNumber}`);
  return {
    status: 200,
    tree: {
      pagination: { pageNumber, pageSize, totalAvailable: found.length },
      [list]: { [member]: found.slice(start, start + pageSize).map(({ body }) => body) },
    },
  };
}

const whole = (value: string): number | undefined => (/^\d+$/.test(value) ? Number(value) : undefined);

/** `field:op:value,field:op:value`; all must hold. Commas inside brackets belong to the value. */
function filtered(rows: readonly Listed[], filter: string | null): readonly Listed[] {
  if (!filter) return rows;
  const terms = filter.split(/,(?![^[]*\])/).map((term) => {
    const [, field = '', operator = '', value = ''] = /^([^:]+):([^:]+):(.*)$/s.exec(term) ?? [];
    if (!operators[operator]) throw badRequest(400000, `Invalid filter expression: ${term}`);
    return { field, value, holds: operators[operator] };
  });
  for (const { field } of terms)
    if (rows[0] && !(field in rows[0].fields)) throw badRequest(400000, `Invalid filter field: ${field}`);
  return rows.filter(({ fields }) =>
    terms.every(({ field, value, holds }) => {
      const has = fields[field];
      const values = Array.isArray(has) ? has : [has];
      return values.some((one) => one !== undefined && holds(String(one), value));
    }),
  );
}

const operators: Readonly<Record<string, (has: string, value: string) => boolean>> = {
  eq: (has, value) => has === value,
  cieq: (has, value) => has.toLowerCase() === value.toLowerCase(),
  in: (has, value) =>
    value
      .replace(/^\[|\]$/g, '')
      .split(',')
      .includes(has),
  gt: (has, value) => has > value,
  gte: (has, value) => has >= value,
  lt: (has, value) => has < value,
  lte: (has, value) => has <= value,
  has: (has, value) => has.toLowerCase().includes(value.toLowerCase()),
};

/** `name:asc,createdAt:desc` */
function sorted(rows: readonly Listed[], sort: string | null): readonly Listed[] {
  if (!sort) return rows;
  const keys = sort.split(',').map((key) => {
    const [field = '', direction = 'asc'] = key.split(':');
    return { field, sign: direction === 'desc' ? -1 : 1 };
  });
  const compare = (left: Listed, right: Listed): number => {
    for (const { field, sign } of keys) {
      const [one, other] = [String(left.fields[field] ?? ''), String(right.fields[field] ?? '')];
      if (one !== other) return one < other ? -sign : sign;
    }
    return 0;
  };
  return [...rows].sort(compare);
}
