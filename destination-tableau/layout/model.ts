// What a data source is made of: tables with assumed keys that form a tree with exactly one fact at its foot.
import type { Column, TablePlan } from '@ledgerpipe/staging';

/** Schema of the published tables, and of the rows in an update. */
export const rowsSchema = 'Extract';

export interface SourceColumn {
  readonly name: string;
  /** hyperd's type. */
  readonly type: string;
  readonly required: boolean;
}

/** An assumed foreign key. */
export interface Link {
  readonly columns: readonly string[];
  readonly table: string;
  readonly keys: readonly string[];
}

/** A table as it is in a file. */
export interface FileTable {
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  /** Assumed primary key; empty without one. */
  readonly key: readonly string[];
  readonly links: readonly Link[];
}

/** Where a table's rows come from. */
export type Content =
  | { readonly kind: 'main'; readonly plan: TablePlan }
  /** Rows of an array; `link` holds the parent's key here, `parentLink` there. */
  | {
      readonly kind: 'child';
      readonly plan: TablePlan;
      readonly main: TablePlan;
      readonly link: readonly string[];
      readonly parentLink: readonly string[];
    }
  /** One row per row of any child: what lets several child tables hang on one fact. */
  | { readonly kind: 'bridge'; readonly main: TablePlan; readonly parts: readonly BridgePart[] };

export interface BridgePart {
  readonly child: TablePlan;
  /** The child's columns that hold the parent's key, in the order of the bridge's link. */
  readonly link: readonly string[];
  /** The bridge's column for the row's place in this child. */
  readonly position: string;
}

export interface SourceTable extends FileTable {
  readonly content: Content;
  /** Columns of the file by the staged column that fills them. */
  readonly filled: readonly { readonly column: Column; readonly as: SourceColumn }[];
}

/** A data source as the declared streams want it. */
export interface WantedSource {
  /** Key of the stream whose source it is. */
  readonly stream: string;
  /** Without the prefix of its place. */
  readonly name: string;
  /** The stream's own tables first. */
  readonly tables: readonly SourceTable[];
  /** References that found no place in the tree. */
  readonly dropped: readonly string[];
}

/** The stream whose rows a table holds. */
export const streamOf = ({ content }: SourceTable): string =>
  (content.kind === 'bridge' ? content.main : content.plan).declaration.stream;

export const planOf = ({ content }: SourceTable): TablePlan =>
  content.kind === 'bridge' ? content.main : content.plan;
