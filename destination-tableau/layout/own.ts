// The tables of one stream in a data source: its record, the arrays in it, and a bridge where there are several.
import type { Column, TablePlan } from '@ledgerpipe/staging';
import { hyperType, type TypeOptions } from '../hyper/types.ts';
import type { BridgePart, Content, Link, SourceColumn, SourceTable } from './model.ts';
import { isKeyed, publishedColumns, rawId } from './published.ts';

/** The main table's plan first, then its children's. */
export type StreamPlans = readonly [TablePlan, ...TablePlan[]];

const position = '_position';

/** Columns that identify a record in its main table. */
const identity = (main: TablePlan): readonly string[] => (isKeyed(main) ? main.keys : [rawId]);

/** A child's columns that hold its record's identity. */
const linkOf = (child: TablePlan, main: TablePlan): readonly string[] =>
  isKeyed(main) ? (child.parent?.columns ?? [rawId]) : [rawId];

/**
 * Every table but one must be referred to, by a tree of keys ("Publish Data Source": exactly one fact table). One
 * child is that fact. Several would be several facts, so a bridge of all their rows takes that place.
 */
export function ownTables([main, ...children]: StreamPlans, options: TypeOptions): readonly SourceTable[] {
  const several = children.length > 1;
  const parents = identity(main);
  const linked = children.map((child) => ({ child, link: linkOf(child, main) }));
  const tables: SourceTable[] = [
    table({ kind: 'main', plan: main }, { key: children.length > 0 ? parents : [], links: [] }, options),
    ...linked.map(({ child, link }) =>
      table(
        { kind: 'child', plan: child, main, link, parentLink: parents },
        several
          ? { key: [...link, position], links: [] }
          : { key: [], links: [{ columns: link, table: main.name, keys: parents }] },
        options,
      ),
    ),
  ];
  if (!several) return tables;
  return [...tables, bridge(main, linked, options)];
}

/** A main table in another stream's source. */
export const dimensionTable = (plan: TablePlan, key: readonly string[], options: TypeOptions): SourceTable =>
  table({ kind: 'main', plan }, { key, links: [] }, options);

function table(
  content: Exclude<Content, { kind: 'bridge' }>,
  { key, links }: { readonly key: readonly string[]; readonly links: readonly Link[] },
  options: TypeOptions,
): SourceTable {
  const { plan } = content;
  const required = new Set([...key, ...(plan.mode === 'append' ? [] : plan.keys)]);
  const filled = publishedColumns(plan).map((column) => ({
    column,
    as: { name: column.name, type: hyperType(column.type, options), required: required.has(column.name) },
  }));
  return { name: plan.name, columns: filled.map(({ as }) => as), key, links, content, filled };
}

/** Staging's columns by which rows of a delivery or of a generation are found again. */
export const deliveryColumns = ['_batch_id', '_airbyte_generation_id'] as const;

function bridge(
  main: TablePlan,
  linked: readonly { readonly child: TablePlan; readonly link: readonly string[] }[],
  options: TypeOptions,
): SourceTable {
  const parents = identity(main);
  const columnOf = (name: string): Column | undefined =>
    main.columns.find((candidate) => candidate.name === name);
  const shared = [...parents, ...deliveryColumns].flatMap((name) => columnOf(name) ?? []);
  const taken = new Set(shared.map(({ name }) => name.toLowerCase()));
  const parts: BridgePart[] = linked.map(({ child, link }, index) => {
    const wished = `${child.name}_position`;
    const name = taken.has(wished.toLowerCase()) ? `${wished}_${index}` : wished;
    taken.add(name.toLowerCase());
    return { child, link, position: name };
  });
  const links: Link[] = parts.map((part) => ({
    columns: [...parents, part.position],
    table: part.child.name,
    keys: [...part.link, position],
  }));
  const columns: SourceColumn[] = [
    ...shared.map(({ name, type }) => ({
      name,
      type: hyperType(type, options),
      required: parents.includes(name),
    })),
    ...parts.map((part) => ({ name: part.position, type: 'bigint', required: false })),
  ];
  return {
    name: bridgeName(
      main,
      linked.map(({ child }) => child),
    ),
    columns,
    key: [],
    links: [{ columns: parents, table: main.name, keys: parents }, ...links],
    content: { kind: 'bridge', main, parts },
    filled: [],
  };
}

function bridgeName(main: TablePlan, children: readonly TablePlan[]): string {
  const taken = new Set([main, ...children].map(({ name }) => name.toLowerCase()));
  let name = `${main.name}_rows`;
  while (taken.has(name.toLowerCase())) name = `${name}_`;
  return name;
}
