// Runs a statement over the shelves: which rows, in what order, which page of them.
import type { Company } from './company.ts';
import { type Entity, entityNamed } from './entities.ts';
import { forbiddenEntity, unknownEntity } from './errors.ts';
import { compareIds, compareTexts, type Field, fieldNamed, literalOf, tester } from './query-fields.ts';
import { type Condition, parseStatement, type Statement } from './query-parse.ts';
import { render } from './render.ts';
import type { Row, Shelf } from './shelf.ts';

export interface QueryOptions {
  readonly cap: number;
}

/** The entity of a name, if this company may be asked about it. */
export function openEntity(name: string, { switches }: Company): Entity {
  const entity = entityNamed(name);
  if (!entity) throw unknownEntity(name, switches.unknownEntityCode);
  const code = switches.forbidden[entity.name];
  if (code) throw forbiddenEntity(entity.name, code);
  return entity;
}

/** The `QueryResponse` of a statement, as JSON text. */
export function runQuery(company: Company, statement: string, { cap }: QueryOptions): string {
  const { switches } = company;
  const parsed = parseStatement(statement, { switches, cap });
  const entity = openEntity(parsed.entity, company);
  const shelf = company.shelf(entity.name);
  const matches = matching(company, shelf, parsed);
  if (parsed.select === 'COUNT') return `{"totalCount":${matches.rows.length}}`;
  const sorted = ordered(company, shelf, { matches, statement: parsed });
  const page = sorted.slice(parsed.start - 1, parsed.start - 1 + parsed.max);
  if (page.length === 0) return '{}';
  const texts = page.map((row) => JSON.stringify(drawn(company, entity, { row, select: parsed.select })));
  const total = switches.totalCount === 'all matches' ? sorted.length : page.length;
  const counted = entity.counted ? `,"totalCount":${total}` : '';
  return `{"${entity.name}":[${texts.join(',')}],"startPosition":${parsed.start},"maxResults":${page.length}${counted}}`;
}

function drawn(
  company: Company,
  entity: Entity,
  { row, select }: { row: Row; select: Statement['select'] },
): object {
  const record = render(company, entity.name, row);
  if (typeof select === 'string') return record;
  const wanted = new Set(
    ['domain', 'sparse', ...select.map((name) => name.split('.')[0])].map((one) => one?.toLowerCase()),
  );
  return Object.fromEntries(Object.entries(record).filter(([name]) => wanted.has(name.toLowerCase())));
}

interface Matches {
  readonly rows: readonly Row[];
  /** The order they are in already. */
  readonly by: 'id' | 'time' | 'nothing';
}

/** Rows that meet every condition, sorted by time when a range of times is asked for, by id otherwise. */
function matching(company: Company, shelf: Shelf, { where }: Statement): Matches {
  const { entity } = shelf;
  const { switches } = company;
  const fields = where.map((condition) => ({
    condition,
    field: fieldNamed(condition.field, { entity, company }),
  }));
  const asksActive = fields.some(({ field }) => field.name === 'Active');
  const { used, ...base } = startingWith(company, shelf, fields);
  const tests = fields
    .filter((one) => one !== used)
    .map(({ condition, field }) => tester(condition, field, switches));
  if (entity.hidesInactive && !asksActive) tests.unshift((row) => row.active);
  const rows = tests.length === 0 ? base.rows : base.rows.filter((row) => tests.every((test) => test(row)));
  return { ...base, rows };
}

/** The fewest rows that an index gives, and the condition that it answers. */
function startingWith(
  { switches }: Company,
  shelf: Shelf,
  fields: readonly Asked[],
): Matches & { used: Asked | undefined } {
  const above = ({ condition: { how } }: Asked): boolean => how === '>' || how === '>=';
  const named = fields.find(
    ({ condition: { how }, field }) => field.type === 'id' && (how === 'IN' || how === '='),
  );
  if (named) return { rows: byIds(shelf, named.condition), by: 'nothing', used: named };
  const timed = fields.find((one) => one.field.name === 'MetaData.LastUpdatedTime' && above(one));
  if (timed) return { rows: since(shelf, timed), by: 'time', used: timed };
  const keyset = fields.find((one) => one.field.type === 'id' && above(one));
  const number = keyset && /^\d+$/.test(keyset.condition.values[0] ?? '');
  if (!keyset || !number || switches.idComparison === 'text')
    return { rows: shelf.inIdOrder, by: 'id', used: undefined };
  return { rows: idsAbove(shelf, keyset.condition), by: 'id', used: keyset };
}

interface Asked {
  readonly condition: Condition;
  readonly field: Field;
}

const byIds = (shelf: Shelf, { values }: Condition): readonly Row[] =>
  [...new Set(values)].flatMap((id) => shelf.find(id) ?? []);

function since(shelf: Shelf, { condition, field }: Asked): readonly Row[] {
  const at = Number(literalOf(field, condition.values[0] ?? ''));
  const rows = shelf.inTimeOrder;
  return rows.slice(
    firstWhere(rows, (row) => (condition.how === '>' ? row.updatedAt > at : row.updatedAt >= at)),
  );
}

/** Keyset pages by id start where they left off, without looking at what went before. */
function idsAbove(shelf: Shelf, { how, values }: Condition): readonly Row[] {
  const least = Number(values[0]) + (how === '>' ? 1 : 0);
  const rows = shelf.inIdOrder;
  return rows.slice(firstWhere(rows, (row) => row.number >= least));
}

/** Index of the first row that passes, in rows where all that pass come last. */
function firstWhere(rows: readonly Row[], passes: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && passes(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function ordered(
  company: Company,
  shelf: Shelf,
  { matches: { rows, by }, statement }: { matches: Matches; statement: Statement },
): readonly Row[] {
  const { entity } = shelf;
  const { switches } = company;
  const order = statement.order.map(({ field, descending }) => ({
    field: fieldNamed(field, { entity, company }),
    descending,
  }));
  if (order.length === 0) return byDefault(company, entity, rows);
  const [first] = order;
  if (order.length === 1 && first?.field.type === 'id' && !first.descending && switches.idOrder === 'numeric')
    return by === 'id' ? rows : rows.toSorted(byNumber);
  if (
    first?.field.name === 'MetaData.LastUpdatedTime' &&
    !first.descending &&
    onlyTiesById(order) &&
    switches.idOrder === 'numeric'
  )
    return by === 'time' ? rows : rows.toSorted(byTime);
  return byFields(rows, order, switches.idOrder);
}

type Order = readonly { readonly field: Field; readonly descending: boolean }[];

const onlyTiesById = (order: Order): boolean =>
  order.length === 1 || (order.length === 2 && order[1]?.field.type === 'id' && !order[1].descending);

const byNumber = (left: Row, right: Row): number => left.number - right.number;
const byTime = (left: Row, right: Row): number => left.updatedAt - right.updatedAt || byNumber(left, right);

const NAMES = ['FullyQualifiedName', 'DisplayName', 'Name'];

/** Without ORDERBY, transactions come newest first and lists by name: any edit during a sweep moves rows. */
function byDefault(company: Company, entity: Entity, rows: readonly Row[]): readonly Row[] {
  if (entity.kind === 'transaction')
    return company.switches.defaultOrder === 'newest first'
      ? rows.toSorted((left, right) => byTime(right, left))
      : rows.toSorted((left, right) => byNumber(right, left));
  const name = NAMES.find((one) => entity.fields.includes(one));
  if (name === undefined) return rows;
  return byFields(rows, [{ field: fieldNamed(name, { entity, company }), descending: false }], 'numeric');
}

function byFields(rows: readonly Row[], order: Order, idOrder: 'numeric' | 'text'): readonly Row[] {
  const keyed = rows.map((row) => ({ row, keys: order.map(({ field }) => field.of(row)) }));
  keyed.sort((left, right) => {
    for (const [at, { field, descending }] of order.entries()) {
      const [a, b] = [left.keys[at], right.keys[at]];
      const result =
        field.type === 'id'
          ? compareIds(String(a), String(b), idOrder)
          : typeof a === 'number' && typeof b === 'number'
            ? a - b
            : compareTexts(String(a ?? ''), String(b ?? ''));
      if (result !== 0) return descending ? -result : result;
    }
    return byNumber(left.row, right.row);
  });
  return keyed.map(({ row }) => row);
}
