// What a model consists of once its files are read: views with fields, explores with joins, datagroups.
import type { Node } from './parse.ts';

export type Category = 'dimension' | 'measure' | 'filter' | 'parameter';

export interface Field {
  readonly name: string;
  readonly category: Category;
  /** string, number, yesno, sum, count, ...; `time` and `duration` for members of groups. */
  readonly type: string;
  readonly node: Node;
  /** SQL with references; undefined where the declaration has none. */
  readonly sql: string | undefined;
  readonly label: string;
  readonly hidden: boolean;
  readonly primaryKey: boolean;
  /** Set for members of a dimension group: the group's name and the timeframe or interval. */
  readonly group: { readonly name: string; readonly frame: string } | undefined;
  readonly file: string;
}

export interface View {
  readonly name: string;
  readonly node: Node;
  readonly label: string;
  /** Text after FROM; undefined for derived tables. */
  readonly table: string | undefined;
  /** SQL of the derived table. */
  readonly derived: string | undefined;
  readonly fields: ReadonlyMap<string, Field>;
  readonly file: string;
}

export type Relationship = 'one_to_one' | 'one_to_many' | 'many_to_one' | 'many_to_many';

export interface Join {
  /** The prefix of its fields. */
  readonly alias: string;
  readonly view: string;
  readonly type: string;
  readonly relationship: Relationship;
  readonly sqlOn: string | undefined;
  readonly foreignKey: string | undefined;
  readonly label: string | undefined;
  readonly requires: readonly string[];
  readonly node: Node;
}

export interface Explore {
  readonly name: string;
  readonly node: Node;
  readonly alias: string;
  readonly view: string;
  readonly label: string;
  readonly joins: readonly Join[];
  readonly file: string;
}

export interface DatagroupSource {
  readonly name: string;
  readonly sqlTrigger: string | undefined;
  readonly interval: string | undefined;
  readonly maxCacheAge: string | undefined;
}

export interface Model {
  readonly name: string;
  readonly connection: string;
  readonly label: string;
  readonly node: Node;
  readonly views: ReadonlyMap<string, View>;
  readonly explores: ReadonlyMap<string, Explore>;
  readonly datagroups: readonly DatagroupSource[];
  /** Paths of its files, the model file first. */
  readonly files: readonly string[];
  readonly fiscalOffset: number;
}

/** As the API lists it (looker.md 4). */
export interface ProjectProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  readonly line?: number;
  readonly model?: string;
  readonly explore?: string;
  readonly field?: string;
}

/** "invoice_lines" as Looker shows it: "Invoice Lines". */
export const humanized = (name: string): string =>
  name
    .split('_')
    .filter(Boolean)
    .map((word) => (word[0] ?? '').toUpperCase() + word.slice(1))
    .join(' ');
