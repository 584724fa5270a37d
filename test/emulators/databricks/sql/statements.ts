// The statements the emulator knows, as parsed; `parse.ts` builds them, one executor each runs them.
import type { TableName } from './names.ts';
import type { DataType } from './types.ts';
import type { Sql } from './world.ts';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly comment?: string;
}

export type ConstraintDefinition =
  | {
      readonly kind: 'primary key';
      readonly name?: string;
      readonly columns: readonly string[];
      readonly rely: boolean;
    }
  | {
      readonly kind: 'foreign key';
      readonly name?: string;
      readonly columns: readonly string[];
      readonly parent: TableName;
      readonly parentColumns: readonly string[];
    };

export interface CreateTable {
  readonly kind: 'create table';
  readonly table: TableName;
  readonly mode: 'create' | 'if not exists' | 'replace';
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly clusterBy?: 'auto' | readonly string[];
  readonly comment?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly query?: Sql;
}

export type TableChange =
  | { readonly does: 'add columns'; readonly columns: readonly ColumnDefinition[] }
  | { readonly does: 'change type'; readonly column: string; readonly type: DataType }
  | { readonly does: 'drop not null'; readonly column: string }
  | { readonly does: 'set not null'; readonly column: string }
  | { readonly does: 'comment column'; readonly column: string; readonly comment: string }
  | { readonly does: 'add constraint'; readonly constraint: ConstraintDefinition }
  | { readonly does: 'set properties'; readonly properties: Readonly<Record<string, string>> }
  | { readonly does: 'cluster by'; readonly by: 'auto' | readonly string[] }
  | { readonly does: 'drop columns'; readonly columns: readonly string[] }
  | { readonly does: 'rename column'; readonly column: string; readonly to: string };

/** `SET a = expr`; the qualifier, if written, must be the target's name. */
export interface Assignment {
  readonly qualifier?: string;
  readonly column: string;
  readonly value: Sql;
}

export type MergeAction =
  | { readonly does: 'update'; readonly assignments: readonly Assignment[] }
  | { readonly does: 'update all'; readonly except: readonly string[] }
  | { readonly does: 'delete' }
  | { readonly does: 'insert'; readonly columns: readonly string[]; readonly values: readonly Sql[] }
  | { readonly does: 'insert all'; readonly except: readonly string[] };

export interface MergeClause {
  readonly when: 'matched' | 'not matched' | 'not matched by source';
  readonly condition?: Sql;
  readonly action: MergeAction;
}

export interface Merge {
  readonly kind: 'merge';
  readonly table: TableName;
  readonly alias?: string;
  /** A whole query that yields the source rows. */
  readonly source: Sql;
  readonly sourceAlias: string;
  readonly condition: Sql;
  readonly clauses: readonly MergeClause[];
  readonly evolves: boolean;
}

export interface Insert {
  readonly kind: 'insert';
  readonly table: TableName;
  readonly mode:
    | { readonly does: 'append' }
    | { readonly does: 'overwrite' }
    | { readonly does: 'replace where'; readonly condition: Sql }
    | { readonly does: 'replace using'; readonly columns: readonly string[] };
  readonly columns?: readonly string[];
  readonly byName: boolean;
  readonly evolves: boolean;
  readonly query: Sql;
}

export interface CopyInto {
  readonly kind: 'copy into';
  readonly table: TableName;
  readonly columns?: readonly string[];
  readonly path: string;
  /** The SELECT form; its FROM reads the path. */
  readonly query?: Sql;
  readonly format: 'parquet' | 'json' | 'csv';
  readonly files?: readonly string[];
  readonly pattern?: string;
  readonly formatOptions: ReadonlyMap<string, string>;
  readonly copyOptions: ReadonlyMap<string, string>;
}

export type Statement =
  | { readonly kind: 'select'; readonly query: Sql; readonly countsOnly: number }
  | CreateTable
  | { readonly kind: 'alter table'; readonly table: TableName; readonly change: TableChange }
  | { readonly kind: 'drop table'; readonly table: TableName; readonly ifExists: boolean }
  | { readonly kind: 'comment'; readonly table: TableName; readonly comment: string | undefined }
  | {
      readonly kind: 'create schema';
      readonly schema: TableName;
      readonly ifNotExists: boolean;
      readonly comment?: string;
    }
  | {
      readonly kind: 'create volume';
      readonly volume: TableName;
      readonly ifNotExists: boolean;
      readonly comment?: string;
    }
  | Merge
  | Insert
  | CopyInto
  | { readonly kind: 'delete'; readonly table: TableName; readonly alias?: string; readonly condition?: Sql }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly alias?: string;
      readonly assignments: readonly Assignment[];
      readonly condition?: Sql;
    }
  | { readonly kind: 'truncate'; readonly table: TableName }
  | { readonly kind: 'describe'; readonly table: TableName }
  | { readonly kind: 'show tables'; readonly schema: TableName | undefined }
  | { readonly kind: 'script'; readonly statements: readonly Statement[] };

export type StatementKind = Statement['kind'];
