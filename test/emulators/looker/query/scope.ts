// The views an explore brings together under their aliases, and the SQL that references in it stand for.
import { beyond } from '../answers.ts';
import { SqlFailure } from '../engine.ts';
import { REFERENCE } from '../lookml/check-model.ts';
import type { Explore, Field, Join, Model, View } from '../lookml/model.ts';

export interface Found {
  readonly alias: string;
  readonly view: View;
  readonly field: Field;
}

/** The setting of one query: which names there are, and which of them it has come to need. */
export class Scope {
  readonly model: Model;
  readonly explore: Explore;
  readonly #views = new Map<string, View>();
  readonly #joins = new Map<string, Join>();
  /** Aliases the query needs; joins are added to it as references are resolved. */
  readonly used = new Set<string>();

  constructor(model: Model, explore: Explore) {
    this.model = model;
    this.explore = explore;
    this.#add(explore.alias, explore.view);
    for (const join of explore.joins) {
      this.#add(join.alias, join.view);
      this.#joins.set(join.alias, join);
    }
    this.used.add(explore.alias);
  }

  #add(alias: string, name: string): void {
    const view = this.model.views.get(name);
    if (!view) throw new SqlFailure(`View "${name}" is not in model "${this.model.name}".`);
    this.#views.set(alias, view);
  }

  get aliases(): readonly string[] {
    return [...this.#views.keys()];
  }

  view(alias: string): View {
    const view = this.#views.get(alias);
    if (!view) throw new SqlFailure(`View "${alias}" is not in explore "${this.explore.name}".`);
    return view;
  }

  join(alias: string): Join | undefined {
    return this.#joins.get(alias);
  }

  /** A field by its full name, as queries have it. */
  find(name: string): Found {
    const [alias = '', member = '', ...rest] = name.split('.');
    const field = rest.length === 0 ? this.#views.get(alias)?.fields.get(member) : undefined;
    if (!field)
      throw new SqlFailure(
        `Unknown or inaccessible field "${name}" referenced in "explore: ${this.explore.name}".`,
      );
    return { alias, view: this.view(alias), field };
  }

  /** A reference out of a view: `field`, `view.field`, or the view's own name where the explore calls it otherwise. */
  resolve(reference: string, from: string): Found {
    const [first = '', second] = reference.split('.');
    if (second === undefined) return this.find(`${from}.${first}`);
    if (!this.#views.has(first) && this.view(from).name === first) return this.find(`${from}.${second}`);
    return this.find(reference);
  }

  /** The text with `${TABLE}`, `${view.SQL_TABLE_NAME}` and every reference to a field replaced. */
  expand(sql: string, from: string, render: (found: Found) => string): string {
    refuseLiquid(sql);
    this.used.add(from);
    return sql.replace(/\$\{TABLE\}/g, from).replace(REFERENCE, (_, reference: string) => {
      const table = /^(\w+)\.SQL_TABLE_NAME$/.exec(reference)?.[1];
      if (table !== undefined) return this.tableOf(this.view(table));
      const found = this.resolve(reference, from);
      this.used.add(found.alias);
      return render(found);
    });
  }

  /** What stands after FROM for a view: its table, or the name of its common table expression. */
  tableOf(view: View): string {
    if (view.table === undefined) return view.name;
    refuseLiquid(view.table);
    return view.table;
  }
}

export function refuseLiquid(sql: string): void {
  if (/\{\{|\{%/.test(sql)) throw beyond('Liquid in LookML SQL');
  // The parser parts SQL at a lone semicolon and joins it with a comma: what was meant is lost.
  if (sql.includes(';,')) throw beyond('a semicolon inside LookML SQL');
}

/** In parentheses unless it is a plain column, so that operators around it bind as the reader expects. */
export const enclosed = (sql: string): string => (/^[\w."]+$|^\([^()]*\)$/.test(sql) ? sql : `(${sql})`);
