// Explores: one for each question an accountant asks, and a hidden one for each other table, for proofs and drilling.

import { type Join, joinLookml, joinOf, referenceJoins } from './joins.ts';
import { block, type Lines, labelOf, pairs, text, word } from './lookml.ts';
import { companyOf, parentOf, tenantOf } from './money.ts';
import { type Model, type Part, partOf, streamView } from './parts.ts';
import { fieldAt, refer, type View } from './shapes.ts';

export interface Explore {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly hidden: boolean;
  /** The view whose rows are its rows. */
  readonly base: View;
  readonly joins: readonly Join[];
  readonly part: Part | undefined;
}

/** All explores of the model, those for people first. */
export function exploresOf(model: Model): readonly Explore[] {
  const made = [...model.views.values()].map((base) => exploreOf(base, model));
  const names = new Set(made.filter(({ hidden }) => !hidden).map(({ name }) => name));
  const named = made.map((explore) =>
    explore.hidden && names.has(explore.name) ? { ...explore, name: `${explore.name}_table` } : explore,
  );
  return [...named.filter(({ hidden }) => !hidden), ...named.filter(({ hidden }) => hidden)];
}

function exploreOf(base: View, model: Model): Explore {
  const part = partOf(base, model);
  if (part?.kind === 'lines') {
    const { explore, label, description } = part.recipe;
    return {
      name: explore,
      label,
      description,
      hidden: false,
      base,
      part,
      joins: documentJoins(base, part, model),
    };
  }
  const taken = new Set([base.name]);
  const joins = [...parentJoins(base, model, taken), ...companyJoins(base, model, taken)];
  joins.push(...referenceJoins(base, model.views, { taken }));
  if (part?.kind !== 'entries')
    return { name: base.name, label: labelOf(base.name), hidden: true, base, joins, part };
  const { explore, label, description } = part.recipe;
  return { name: explore, label, description, hidden: false, base, joins, part };
}

/** The document, its party, the line's account, item, class and location, and the company. */
function documentJoins(base: View, part: Part & { kind: 'lines' }, model: Model): readonly Join[] {
  const { recipe, header, items } = part;
  const taken = new Set([base.name]);
  const joins = [...parentJoins(base, model, taken), ...companyJoins(base, model, taken)];
  const add = (join: Join | undefined): void => {
    if (!join || taken.has(join.name)) return;
    taken.add(join.name);
    joins.push(join);
  };
  add(byKey(header, recipe.party.key, { model, label: recipe.party.label }));
  // Spelled out here, and not in a dimension of the lines: a join's condition shows Looker what must be joined first.
  const { line } = recipe;
  const item = line.itemAccount === undefined ? undefined : fieldIn(items, line.itemAccount);
  const headerClass = recipe.class === undefined ? undefined : fieldIn(header, recipe.class);
  add(byKey(base, line.items[0] ?? '', { model, last: firstOf([ownKey(base, 'item_key')]) }));
  add(byKey(base, line.accounts[0] ?? '', { model, last: firstOf([ownKey(base, 'account_key'), item]) }));
  add(
    byKey(base, line.classes?.[0] ?? '', { model, last: firstOf([ownKey(base, 'class_key'), headerClass]) }),
  );
  if (recipe.location) add(byKey(header, recipe.location, { model }));
  return joins;
}

const ownKey = (base: View, name: string): string => `\${${base.name}.${name}}`;

function fieldIn(view: View | undefined, path: string): string | undefined {
  const field = view && fieldAt(view, path);
  return view && field && refer(view, field);
}

/** The first that is filled. */
function firstOf(sqls: readonly (string | undefined)[]): string {
  const given = sqls.filter((sql) => sql !== undefined);
  return given.length === 1 ? given.join('') : `COALESCE(${given.join(', ')})`;
}

/** The join of the reference that a column holds. `last` replaces the column's own SQL. */
function byKey(
  from: View,
  path: string,
  { model, ...options }: { model: Model; label?: string; last?: string },
): Join | undefined {
  const column = fieldAt(from, path)?.column.name;
  const reference = from.plan.references.find(({ columns }) => columns.at(-1) === column);
  const to = [...model.views.values()].find(
    ({ plan }) =>
      plan.name === reference?.table && plan.declaration.namespace === from.plan.declaration.namespace,
  );
  return reference && to && joinOf(from, reference, { to, ...options });
}

function parentJoins(base: View, model: Model, taken: Set<string>): readonly Join[] {
  const parent = parentOf(base, model);
  const { parent: link } = base.plan;
  if (!parent || !link) return [];
  const keys = parent.plan.keys.length > 0 ? parent.plan.keys : link.columns;
  const join = joinOf(base, { columns: link.columns, keys }, { to: parent });
  if (join) taken.add(join.name);
  return join ? [join] : [];
}

/** The company, for its home currency. */
function companyJoins(base: View, { views, ledger }: Model, taken: Set<string>): readonly Join[] {
  if (!ledger) return [];
  const company = companyOf(base, { views, ledger });
  const tenant = tenantOf(base, { ledger });
  if (!company || !tenant || company.view === base || taken.has(company.view.name)) return [];
  taken.add(company.view.name);
  return [
    {
      name: company.view.name,
      view: company.view,
      on: [[refer(base, tenant), refer(company.view, company.tenant)]],
    },
  ];
}

/** Rows that are no more are left out, unless somebody asks for them. */
export function exploreLookml({ name, label, description, hidden, base, joins, part }: Explore): Lines {
  const views = part?.kind === 'lines' && part.header !== base ? [part.header, base] : [base];
  return block('explore', name, [
    ...(name === base.name ? [] : [word('view_name', base.name)]),
    ...(hidden ? [word('hidden', 'yes')] : []),
    text('label', label),
    ...(description ? [text('description', description)] : []),
    block('always_filter', undefined, [
      pairs(
        'filters',
        views.map((view) => [`${view.name}.is_deleted`, 'No'] as const),
      ),
    ]),
    ...joins.map(joinLookml),
  ]);
}

/** The view with the names of a ledger's accounts, classes or locations, where it is part of an explore. */
export function joinedStream(explore: Explore, stream: string | undefined, model: Model): View | undefined {
  const view = stream === undefined ? undefined : streamView(model.views.values(), stream, explore.base);
  return explore.joins.find((join) => join.view === view && join.name === view?.name)?.view;
}
