// What a table lacks for a plan: columns to add, types to widen, demands in the way, and what cannot be helped.
import type { TablePlan } from '@ledgerpipe/staging';
import { type CurrentTable, findColumn, type Landing, wantedLayout } from './layout.ts';
import { conversion, fits, type SqlType, widened } from './types.ts';

export interface Evolution {
  readonly add: readonly Landing[];
  readonly widen: readonly { readonly name: string; readonly type: SqlType }[];
  /** Columns that demand a value the stream may not have. */
  readonly relax: readonly string[];
  /** Columns that stay as they are though some values will not fit: these become NULL, with a note. */
  readonly kept: readonly { readonly name: string; readonly type: SqlType; readonly wanted: SqlType }[];
  /** The keys have no unique index yet. */
  readonly index: boolean;
}

/**
 * A change of type rewrites the table under a lock that keeps readers out. About 50 MB a second are rewritten by slow
 * disks, so that this much stays well under two seconds.
 */
const rewritableBytes = 32 * 1024 * 1024;

/** The difference between the table that is there and the plan. */
export function evolve(plan: TablePlan, current: CurrentTable): Evolution {
  const { columns, keys } = wantedLayout(plan);
  const changed = columns.flatMap((landing) => {
    const found = findColumn(current, landing.name);
    if (!found || fits(landing.wanted, found.type)) return [];
    const wider = current.bytes <= rewritableBytes ? widened(found.type, landing.wanted) : undefined;
    return [{ name: landing.name, type: found.type, wanted: landing.wanted, wider }];
  });
  return {
    add: columns.filter(({ name }) => !findColumn(current, name)),
    widen: changed.flatMap(({ name, wider }) => (wider ? [{ name, type: wider }] : [])),
    kept: changed.flatMap(({ wider, ...column }) => (wider ? [] : [column])),
    relax: current.columns
      .filter(({ name, nullable }) => !nullable && !keys.includes(name))
      .map(({ name }) => name),
    index: keys.length > 0 && !current.unique.some((unique) => sameNames(unique, keys)),
  };
}

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));

/** Key columns whose values would be lost in the table that is there: rows could no longer be told apart. */
export function unusableKeys(plan: TablePlan, current: CurrentTable): readonly Landing[] {
  const { columns, keys } = wantedLayout(plan);
  return columns.flatMap((landing) => {
    const found = findColumn(current, landing.name);
    if (!found || !keys.includes(landing.name) || widened(found.type, landing.wanted)) return [];
    const kept = ['plain', 'exact'].includes(conversion(landing.wanted, found.type));
    return kept ? [] : [{ ...landing, type: found.type }];
  });
}
