// From declared streams to data sources: one per stream, in a star together with the dimensions it refers to.
import { type Declaration, referenceOrder } from '@airbyte/cdk-typescript-shim';
import { planTables, type Reference, type TablePlan } from '@ledgerpipe/staging';
import type { TypeOptions } from '../hyper/types.ts';
import type { SourceTable, WantedSource } from './model.ts';
import { sourceNames } from './names.ts';
import { dimensionTable, ownTables, type StreamPlans } from './own.ts';

export interface SourcesOptions extends TypeOptions {
  readonly layout: 'stream' | 'star';
  readonly names: 'original' | 'snake_case';
  /** Columns as wide as values have asked for; undefined: as declared. */
  readonly staged: (plan: TablePlan) => TablePlan | undefined;
}

/** The sources of all declared streams, referenced streams first. */
export function wantedSources(
  declared: readonly Declaration[],
  options: SourcesOptions,
): readonly WantedSource[] {
  const ordered = referenceOrder(declared, ({ name, schema }) => ({ name, schema }));
  const plans = ordered.map((declaration): StreamPlans => {
    const [main, ...children] = planTables(declaration, declared, { names: options.names });
    const known = (plan: TablePlan): TablePlan => options.staged(plan) ?? plan;
    return [known(main), ...children.map(known)];
  });
  const names = sourceNames(
    plans.map(([{ name, declaration }]) => ({ name, namespace: declaration.namespace })),
  );
  return plans.map((own, index) => {
    const tables = ownTables(own, options);
    const star =
      options.layout === 'star' ? withDimensions(tables, { plans, options }) : { tables, dropped: [] };
    return { stream: own[0].declaration.stream, name: names[index] ?? own[0].name, ...star };
  });
}

/**
 * The stream's own tables, and the main tables they refer to. A table stands in the tree once, so of several references
 * to it the one nearest to the fact counts; the others are told. What dimensions refer to is left out: it would say
 * less about the fact than its name promises. A stream whose every version is kept has no key to refer to.
 */
function withDimensions(
  own: readonly SourceTable[],
  { plans, options }: { readonly plans: readonly StreamPlans[]; readonly options: TypeOptions },
): { readonly tables: readonly SourceTable[]; readonly dropped: readonly string[] } {
  const dimensions = new Map<string, SourceTable>();
  const dropped: string[] = [];
  const linked = (table: SourceTable): SourceTable => {
    if (table.content.kind === 'bridge') return table;
    const { plan } = table.content;
    const links = [...table.links];
    for (const reference of plan.references) {
      const target = dimensionOf(reference, { from: plan, plans });
      if (!target || target.declaration.stream === plan.declaration.stream) continue;
      const dimension = dimensionTable(target, reference.keys, options);
      if (dimensions.has(target.name) || !sameTypes(table, dimension, reference)) {
        dropped.push(`${table.name}(${reference.columns.join(', ')}) to ${target.name}`);
        continue;
      }
      dimensions.set(target.name, dimension);
      links.push({ columns: reference.columns, table: target.name, keys: reference.keys });
    }
    return { ...table, links };
  };
  // Children lie nearer to the fact than their record.
  const children = own.filter(isChild).map(linked);
  const others = own.filter((table) => !isChild(table)).map(linked);
  return { tables: [...others, ...children, ...dimensions.values()], dropped };
}

const isChild = ({ content }: SourceTable): boolean => content.kind === 'child';

const dimensionOf = (
  { table }: Reference,
  { from, plans }: { readonly from: TablePlan; readonly plans: readonly StreamPlans[] },
): TablePlan | undefined =>
  plans
    .map(([main]) => main)
    .find(
      ({ name, mode, declaration }) =>
        name === table && mode !== 'append' && declaration.namespace === from.declaration.namespace,
    );

/** hyperd compares keys of one type only. */
function sameTypes(from: SourceTable, to: SourceTable, { columns, keys }: Reference): boolean {
  const typeIn = (table: SourceTable, name: string): string | undefined =>
    table.columns.find((column) => column.name === name)?.type;
  return columns.every((name, index) => {
    const type = typeIn(from, name);
    return type !== undefined && type === typeIn(to, keys[index] ?? '');
  });
}
