// Unity Catalog as the emulator holds it: one catalog, its schemas, tables and volumes, looked up without regard to case.
import { randomUUID } from 'node:crypto';
import { failure } from './sql/errors.ts';
import type { DataType } from './sql/types.ts';

export interface Column {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly comment?: string;
}

export type Constraint =
  | {
      readonly kind: 'primary key';
      readonly name: string;
      readonly columns: readonly string[];
      readonly rely: boolean;
    }
  | {
      readonly kind: 'foreign key';
      readonly name: string;
      readonly columns: readonly string[];
      readonly parent: string;
      readonly parentColumns: readonly string[];
    };

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly id: string;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly properties: Readonly<Record<string, string>>;
  readonly clusterBy: 'auto' | readonly string[];
  readonly comment: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Files COPY INTO has loaded: never again, even when they change. */
  readonly copied: ReadonlySet<string>;
}

export interface Volume {
  readonly schema: string;
  readonly name: string;
  readonly id: string;
  readonly comment: string | undefined;
  readonly createdAt: number;
}

export interface Schema {
  readonly name: string;
  readonly id: string;
  readonly comment: string | undefined;
  readonly createdAt: number;
}

/** Object names are stored in lower case; every look-up folds. */
export class CatalogModel {
  readonly name: string;
  readonly #schemas = new Map<string, Schema>();
  readonly #tables = new Map<string, Table>();
  readonly #volumes = new Map<string, Volume>();

  constructor(name: string, createdAt: number) {
    this.name = name.toLowerCase();
    for (const schema of ['default', 'information_schema']) this.putSchema(schema, createdAt);
  }

  schemas(): Schema[] {
    return sorted(this.#schemas);
  }

  schema(name: string): Schema | undefined {
    return this.#schemas.get(name.toLowerCase());
  }

  putSchema(name: string, createdAt: number, comment?: string): Schema {
    const schema = { name: name.toLowerCase(), id: randomUUID(), comment, createdAt };
    this.#schemas.set(schema.name, schema);
    return schema;
  }

  tables(schema?: string): Table[] {
    return sorted(this.#tables).filter(
      (table) => schema === undefined || table.schema === schema.toLowerCase(),
    );
  }

  table(schema: string, name: string): Table | undefined {
    return this.#tables.get(key(schema, name));
  }

  putTable(table: Table): void {
    this.#tables.set(key(table.schema, table.name), table);
  }

  dropTable(schema: string, name: string): void {
    this.#tables.delete(key(schema, name));
  }

  volumes(schema?: string): Volume[] {
    return sorted(this.#volumes).filter(
      (volume) => schema === undefined || volume.schema === schema.toLowerCase(),
    );
  }

  volume(schema: string, name: string): Volume | undefined {
    return this.#volumes.get(key(schema, name));
  }

  putVolume(
    schema: string,
    name: string,
    { createdAt, comment }: { createdAt: number; comment?: string | undefined },
  ): Volume {
    const volume = {
      schema: schema.toLowerCase(),
      name: name.toLowerCase(),
      id: randomUUID(),
      comment,
      createdAt,
    };
    this.#volumes.set(key(schema, name), volume);
    return volume;
  }

  dropVolume(schema: string, name: string): void {
    this.#volumes.delete(key(schema, name));
  }
}

function key(schema: string, name: string): string {
  return `${schema}.${name}`.toLowerCase();
}

function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

export function findColumn(table: Pick<Table, 'columns'>, name: string): Column | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** `catalog.schema.table`, as APIs and messages spell it. */
export function fullName(model: CatalogModel, item: { schema: string; name: string }): string {
  return `${model.name}.${item.schema}.${item.name}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what names may not hold
const badObjectName = /[.\s/\u0000-\u001f\u007f]/;

/** Names of catalogs, schemas, tables and volumes (sql-ref-names): at most 255 characters, no dot, space, slash or control. */
export function checkObjectName(name: string): void {
  if (name === '' || name.length > 255 || badObjectName.test(name))
    throw failure(
      'INVALID_NAME',
      `"${name.slice(0, 300)}" is not a valid name: at most 255 characters, without ".", "/", space or control characters.`,
    );
}
