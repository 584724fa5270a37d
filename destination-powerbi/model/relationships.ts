// Which relationships a model can have: one way to filter from any table to any other, many to one.
import type { Reference, TablePlan } from '@ledgerpipe/staging';
import { dayOf, headerColumns, type TableKind } from './traits.ts';

/** A table of the plan, as far as relationships need it. */
export interface Related {
  readonly plan: TablePlan;
  readonly parent?: TablePlan;
  readonly kind: TableKind;
  /** May be the one side: its key is unique at all times. */
  readonly unique: boolean;
}

/** A relationship in terms of staged tables; `to: 'Calendar'` for days. */
export interface Link {
  readonly from: Related;
  /** Columns of the table itself, or of its parent, whose values a line repeats. */
  readonly columns: readonly string[];
  readonly of: 'row' | 'parent';
  readonly to: Related | 'Calendar';
}

/** Most relationships of a model ("Push datasets limitations"). */
const most = 75;

/**
 * Chosen in order of use: lines to documents, days to the calendar, then references. Inactive relationships cannot be
 * made, so one that would open a second way between two tables is left out (the engine calls that ambiguous).
 */
export function chooseLinks(tables: readonly Related[]): readonly Link[] {
  const ways = new Ways();
  const chosen: Link[] = [];
  for (const link of candidates(tables)) {
    if (chosen.length === most) break;
    const [from, to] = [link.from.plan.name, link.to === 'Calendar' ? calendar : link.to.plan.name];
    if (ways.add(from, to)) chosen.push(link);
  }
  return chosen;
}

/** No staged table can have this name: it holds a control character. */
const calendar = '\u0000calendar';

function candidates(tables: readonly Related[]): readonly Link[] {
  const byName = new Map(tables.map((table) => [nameIn(table.plan, table.plan.name), table]));
  const target = ({ plan }: Related, name: string): Related | undefined => {
    const found = byName.get(nameIn(plan, name));
    return found?.unique ? found : undefined;
  };
  const lines = tables.flatMap((from): readonly Link[] => {
    const to = from.plan.parent && target(from, from.plan.parent.table);
    return to && from.plan.parent && to.plan.keys.length > 0
      ? [{ from, to, of: 'row', columns: from.plan.parent.columns }]
      : [];
  });
  const days = tables.flatMap((from): readonly Link[] => {
    const day = from.kind === 'fact' ? dayOf(from.parent ?? from.plan) : undefined;
    return day ? [{ from, to: 'Calendar', of: from.parent ? 'parent' : 'row', columns: [day.name] }] : [];
  });
  const referring = (from: Related, of: Link['of'], references: readonly Reference[]): readonly Link[] =>
    references.flatMap(({ columns, table }) => {
      const to = target(from, table);
      return to && to !== from ? [{ from, to, of, columns }] : [];
    });
  const own = tables.flatMap((from) => referring(from, 'row', from.plan.references));
  const repeated = tables.flatMap((from) =>
    from.kind === 'fact' && from.parent ? referring(from, 'parent', repeatedReferences(from.parent)) : [],
  );
  const fact = ({ from }: Link): boolean => from.kind === 'fact';
  return [...lines, ...days, ...repeated, ...own.filter(fact), ...own.filter((link) => !fact(link))];
}

/** The references of a document that its lines repeat. */
export function repeatedReferences(parent: TablePlan): readonly Reference[] {
  const header = new Set(headerColumns(parent).map(({ name }) => name));
  const known = new Set([...header, ...parent.keys]);
  return parent.references.filter(
    ({ columns }) => columns.every((column) => known.has(column)) && header.has(columns.at(-1) ?? ''),
  );
}

const nameIn = ({ declaration }: TablePlan, name: string): string =>
  JSON.stringify([declaration.namespace ?? null, name]);

/** The ways there are: at most one between any two tables, none back to where it began. */
class Ways {
  /** What can be reached from a table, itself included. */
  readonly #reached = new Map<string, Set<string>>();

  add(from: string, to: string): boolean {
    const beyond = this.#from(to);
    if (beyond.has(from)) return false;
    this.#from(from);
    const sources = [...this.#reached.values()].filter((reached) => reached.has(from));
    if (sources.some((reached) => [...beyond].some((end) => reached.has(end)))) return false;
    for (const reached of sources) for (const end of beyond) reached.add(end);
    return true;
  }

  #from(table: string): Set<string> {
    const known = this.#reached.get(table) ?? new Set([table]);
    this.#reached.set(table, known);
    return known;
  }
}
