// What a table lacks for a plan: columns to add, types to widen, constraints in the way, properties to set first.
import type { TablePlan } from '@ledgerpipe/staging';
import { type CurrentTable, findColumn, type Landing, wantedLayout } from './layout.ts';
import { needsColumnMapping } from './names.ts';
import { conversion, fits, type SqlType, widened } from './types.ts';

export interface Evolution {
  /** Must be set before the rest. */
  readonly properties: Readonly<Record<string, string>>;
  readonly add: readonly Landing[];
  readonly widen: readonly { readonly name: string; readonly from: SqlType; readonly type: SqlType }[];
  /** Columns that demand a value the stream may not have. */
  readonly relax: readonly string[];
  /** Columns that stay as they are though some values of the stream will not fit: these become NULL, with a note. */
  readonly kept: readonly Landing[];
}

/** Properties every new table gets, so that it can grow later ("Type widening", "Column mapping"). */
export const growingProperties: Readonly<Record<string, string>> = {
  'delta.enableTypeWidening': 'true',
  'delta.columnMapping.mode': 'name',
};

/** The difference between the table that is there and the plan; all empty when nothing is due. */
export function evolve(plan: TablePlan, current: CurrentTable): Evolution {
  const wanted = wantedLayout(plan);
  const add = wanted.columns.filter(({ name }) => !findColumn(current, name));
  const changed = wanted.columns.flatMap((landing) => {
    const found = findColumn(current, landing.name);
    if (!found || fits(landing.wanted, found.type)) return [];
    return [
      {
        landing: { ...landing, type: found.type, name: found.name },
        wider: widened(found.type, landing.wanted),
      },
    ];
  });
  const widen = changed.flatMap(({ landing, wider }) =>
    wider ? [{ name: landing.name, from: landing.type, type: wider }] : [],
  );
  const filled = new Set(plan.keys.map((key) => key.toLowerCase()));
  return {
    properties: missingProperties(current, { add, widen: widen.length > 0 }),
    add,
    widen,
    relax: current.columns
      .filter(({ name, nullable }) => !nullable && !filled.has(name.toLowerCase()))
      .filter(({ name }) => !current.primaryKey?.includes(name))
      .map(({ name }) => name),
    kept: changed.flatMap(({ landing, wider }) => (wider || widestAlready(landing) ? [] : [landing])),
  };
}

/** A DECIMAL of all 38 digits, with the places that are wanted: no type would hold more of the values. */
const widestAlready = ({ type, wanted }: Landing): boolean =>
  type.name === 'DECIMAL' && wanted.name === 'DECIMAL' && type.precision === 38 && type.scale >= wanted.scale;

/** Key columns whose values would be lost in the table that is there: rows could no longer be told apart. */
export function unusableKeys(plan: TablePlan, current: CurrentTable): readonly Landing[] {
  return wantedLayout(plan).columns.flatMap((landing) => {
    const found = findColumn(current, landing.name);
    if (!found || !plan.keys.includes(landing.staged) || widened(found.type, landing.wanted)) return [];
    const kept = ['plain', 'exact', 'bounded'].includes(conversion(landing.wanted, found.type));
    return kept ? [] : [{ ...landing, type: found.type }];
  });
}

function missingProperties(
  { columns, properties }: CurrentTable,
  { add, widen }: { add: readonly Landing[]; widen: boolean },
): Record<string, string> {
  const missing: Record<string, string> = {};
  const lacks = (name: string, value: string): boolean => properties[name]?.toLowerCase() !== value;
  if (widen && lacks('delta.enableTypeWidening', 'true')) missing['delta.enableTypeWidening'] = 'true';
  if (add.some(({ name }) => needsColumnMapping(name)) && lacks('delta.columnMapping.mode', 'name'))
    missing['delta.columnMapping.mode'] = 'name';
  // Enabled by itself only when a table is created with such a column ("TIMESTAMP_NTZ type").
  const ntz = (type: SqlType): boolean => type.name === 'TIMESTAMP_NTZ';
  if (add.some(({ type }) => ntz(type)) && !columns.some(({ type }) => ntz(type)))
    if (lacks('delta.feature.timestampntz', 'supported') && lacks('delta.feature.timestampNtz', 'supported'))
      missing['delta.feature.timestampNtz'] = 'supported';
  return missing;
}
