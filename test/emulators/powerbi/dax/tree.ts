// The syntax tree of DAX.
import type { Cell } from '../cells.ts';

export type Operator =
  | '^'
  | '*'
  | '/'
  | '+'
  | '-'
  | '&'
  | '='
  | '=='
  | '<>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '&&'
  | '||';

export type Expr =
  | { readonly kind: 'value'; readonly value: Cell }
  /** `'T'[c]`, or `[c]` alone: a measure, or a column of the row at hand. */
  | { readonly kind: 'column'; readonly table: string | undefined; readonly name: string }
  /** A name alone: a table, or a variable. `quoted`: certainly a table. */
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly (Expr | undefined)[] }
  | { readonly kind: 'sign'; readonly operand: Expr }
  | { readonly kind: 'not'; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'in'; readonly items: readonly Expr[]; readonly set: Expr }
  /** `{ 1, 2 }` or `{ (1, "a"), (2, "b") }` */
  | { readonly kind: 'rows'; readonly rows: readonly (readonly Expr[])[] }
  | { readonly kind: 'let'; readonly variables: readonly Variable[]; readonly result: Expr };

export interface Variable {
  readonly name: string;
  readonly value: Expr;
}

export interface DefinedMeasure {
  readonly table: string;
  readonly name: string;
  readonly expression: Expr;
}

export interface Query {
  readonly measures: readonly DefinedMeasure[];
  readonly variables: readonly Variable[];
  readonly table: Expr;
  readonly order: readonly { readonly by: Expr; readonly descending: boolean }[];
}

export type Call = Extract<Expr, { kind: 'call' }>;
export type ColumnExpr = Extract<Expr, { kind: 'column' }>;
