// What a stream of records leaves behind, kept by hand: the newest record of each key, without those that were deleted.
import { type ConfiguredCatalog, isObject, type Message } from '@airbyte/cdk-typescript-shim';

/** By table: rows, and the sum of its money in cents. */
export type TableFigures = Readonly<Record<string, { readonly rows: number; readonly cents: number }>>;

/** Tables whose money is summed, and the column that has it. */
export const money: Readonly<Record<string, string>> = {
  invoices: 'Total',
  bills: 'Total',
  sales_credit_notes: 'Total',
  purchase_credit_notes: 'Total',
  payments: 'Amount',
  purchase_orders: 'Total',
  bank_transactions: 'Total',
  invoices_LineItems: 'LineAmount',
  bills_LineItems: 'LineAmount',
  sales_credit_notes_LineItems: 'LineAmount',
  purchase_credit_notes_LineItems: 'LineAmount',
  purchase_orders_LineItems: 'LineAmount',
  bank_transactions_LineItems: 'LineAmount',
};

/** Tables that are only counted. */
const counted = ['accounts', 'contacts', 'tracking_categories', 'tracking_options', 'items'];

type Row = Readonly<Record<string, unknown>>;

export class Replayed {
  readonly #keys: ReadonlyMap<string, readonly string[]>;
  readonly #streams = new Map<string, Map<string, Row>>();

  constructor({ streams }: ConfiguredCatalog) {
    this.#keys = new Map(
      streams.map(({ stream, primary_key }) => [
        stream.name,
        (primary_key ?? stream.source_defined_primary_key ?? []).flat(),
      ]),
    );
  }

  take(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.type !== 'RECORD') continue;
      const { stream, data } = message.record;
      const rows = this.#streams.get(stream) ?? new Map<string, Row>();
      this.#streams.set(stream, rows);
      const key = JSON.stringify((this.#keys.get(stream) ?? []).map((name) => data[name]));
      if (typeof data._ab_cdc_deleted_at === 'string') rows.delete(key);
      else rows.set(key, data);
    }
  }

  figures(): TableFigures {
    const tables = [...Object.keys(money), ...counted];
    return Object.fromEntries(
      tables.flatMap((table) => {
        const [stream = '', child] = table.endsWith('_LineItems')
          ? [table.slice(0, -'_LineItems'.length), 'LineItems']
          : [table];
        const records = this.#streams.get(stream);
        if (!records) return [];
        const rows = [...records.values()].flatMap((record) => (child ? listed(record[child]) : [record]));
        const column = money[table];
        const cents = column
          ? rows.reduce((sum, row) => sum + Math.round(Number(row[column] ?? 0) * 100), 0)
          : 0;
        return [[table, { rows: rows.length, cents }]];
      }),
    );
  }
}

const listed = (value: unknown): readonly Row[] => (Array.isArray(value) ? value.filter(isObject) : []);
