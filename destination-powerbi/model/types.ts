// The shapes of a semantic model: tables, columns, relationships and measures, and how a staged type maps to one of its.
import type { Column, ColumnType } from '@ledgerpipe/staging';

export type DataType = 'Int64' | 'Double' | 'Decimal' | 'Boolean' | 'Datetime' | 'String';

/** A column as the API takes it. */
export interface ColumnDefinition {
  readonly name: string;
  readonly dataType: DataType;
  readonly formatString?: string;
  readonly sortByColumn?: string;
  readonly dataCategory?: string;
  readonly isHidden?: true;
  readonly summarizeBy?: 'none' | 'sum';
}

/** What the replica keeps of a table: a column of its own for each. */
export interface StoredColumn {
  /** Name in the replica: `c_...` for the row's own, `h_...` for the header's in a line. */
  readonly name: string;
  readonly type: ColumnType;
  /** Where staging has it: the column of the table itself, or of its parent. */
  readonly staged: string;
  readonly from: 'row' | 'parent';
}

/** A column of the model, and where its value comes from. */
export type Origin =
  | { readonly kind: 'stored'; readonly column: string }
  /** Money in the base currency: an amount and the rate to divide or multiply it by. */
  | {
      readonly kind: 'base';
      readonly amount: string;
      readonly rate: string;
      readonly by: 'divide' | 'multiply';
    }
  /** The key of a row in another table: replica columns, hashed as that table's own key is. */
  | { readonly kind: 'reference'; readonly columns: readonly string[] }
  | { readonly kind: 'own'; readonly what: 'batch' | 'key' | 'version' | 'deleted' };

export interface ModelColumn extends ColumnDefinition {
  readonly origin: Origin;
}

export interface MeasureDefinition {
  readonly name: string;
  readonly expression: string;
  readonly formatString?: string;
  readonly description?: string;
}

export interface RelationshipDefinition {
  readonly name: string;
  readonly fromTable: string;
  readonly fromColumn: string;
  readonly toTable: string;
  readonly toColumn: string;
  readonly crossFilteringBehavior: 'OneDirection';
}

/**
 * Decimal has four places and sums exactly; what needs more is a Double. Int64 is left to whole numbers. There is no
 * time of day.
 */
export function dataTypeOf({ type, role }: Pick<Column, 'type' | 'role'>): DataType {
  switch (type.kind) {
    case 'integer':
      return 'Int64';
    case 'double':
      return 'Double';
    case 'boolean':
      return 'Boolean';
    case 'date':
    case 'instant':
    case 'datetime':
      return 'Datetime';
    case 'decimal':
      return role === 'rate' || role === 'unit_price' || type.scale > 4
        ? doubleUnlessAmount(role)
        : 'Decimal';
    default:
      return 'String';
  }
}

const doubleUnlessAmount = (role: Column['role']): DataType => (role === 'amount' ? 'Decimal' : 'Double');

const formats: Readonly<Record<string, string>> = {
  amount: '#,0.00',
  unit_price: '#,0.00##',
  quantity: '#,0.####',
  rate: '#,0.000000',
  percent: '#,0.00',
};

/** How a column looks and adds up: money sums, ids are hidden. */
export function lookOf(column: Column, dataType: DataType): Omit<ColumnDefinition, 'name' | 'dataType'> {
  const { role, type, name } = column;
  const format =
    type.kind === 'date'
      ? 'yyyy-mm-dd'
      : dataType === 'Datetime'
        ? 'yyyy-mm-dd hh:mm:ss'
        : dataType === 'Double' || dataType === 'Decimal'
          ? (formats[role ?? ''] ?? '#,0.00##')
          : undefined;
  const sums = role === 'amount' || role === 'quantity';
  const category = categoryOf(column, dataType);
  return {
    ...(format ? { formatString: format } : {}),
    ...(dataType === 'String' || dataType === 'Boolean' || dataType === 'Datetime'
      ? {}
      : { summarizeBy: sums ? ('sum' as const) : ('none' as const) }),
    ...(isId(name) && dataType === 'String' ? { isHidden: true as const, summarizeBy: 'none' as const } : {}),
    ...(category ? { dataCategory: category } : {}),
  };
}

const isId = (name: string): boolean => /(^|_)Id$|ID$|_id$|Ref_value$|^_position$/.test(name);

function categoryOf({ role, path }: Column, dataType: DataType): string | undefined {
  if (dataType !== 'String') return undefined;
  if (role === 'url') return 'WebUrl';
  const last = path.at(-1) ?? '';
  const known: Readonly<Record<string, string>> = {
    City: 'City',
    Country: 'Country',
    PostalCode: 'PostalCode',
    Region: 'StateOrProvince',
  };
  return known[last];
}
