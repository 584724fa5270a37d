// The tables of a mirrored database: those of staging, whole, with the names that Delta takes.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import { planTables } from '@ledgerpipe/staging';
import type { ModelTable } from '../model/layout.ts';
import { tableName, unique } from '../model/names.ts';

/** Columns of staging that say something about the row. */
const kept = ['_position', '_airbyte_extracted_at', '_job_id', '_deleted_at'];

/** Every table of the declared streams; there is no limit to their columns. */
export function mirrorTables(
  declared: readonly Declaration[],
  names: 'original' | 'snake_case',
): readonly ModelTable[] {
  const taken = new Set<string>();
  return declared.flatMap((declaration) =>
    planTables(declaration, declared, { names }).map((plan): ModelTable => {
      const keyed = plan.keys.length > 0 && plan.mode !== 'append';
      const columns = plan.columns.filter(({ meta, name }) => !meta || kept.includes(name));
      return {
        name: unique(tableName(plan.name, declaration.namespace).replace(/[ ,;{}()\n\t=#]/g, '_'), taken),
        plan,
        kind: 'dimension',
        keyed,
        versionable: false,
        // A living row of a keyed table has no time of deletion.
        stored: columns
          .filter(({ name }) => !keyed || name !== '_deleted_at')
          .map(({ name, type }) => ({ name: `c_${name}`, type, staged: name, from: 'row' })),
        columns: [],
      };
    }),
  );
}

/** Names of columns without what Delta refuses in them. */
export const deltaNames = ({ stored }: ModelTable): ReadonlyMap<string, string> => {
  const taken = new Set<string>();
  return new Map(
    stored.map(({ name, staged }) => [name, unique(staged.replace(/[ ,;{}()\n\t=]/g, '_'), taken)]),
  );
};
