// Compares what landed in Databricks with the books it came from: to the cent, per organisation.
import Table from 'cli-table3';
import { type Books, type BookTotals, bookTotals } from '../books/index.ts';
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';

type Row = Readonly<Record<string, unknown>>;

export interface Landed {
  /** The tables with their living rows, for a person. */
  readonly text: string;
  /** Figures by organisation and name, as decimal text. */
  readonly figures: ReadonlyMap<string, string>;
}

const documentTables = ['invoices', 'bills', 'sales_credit_notes', 'purchase_credit_notes'] as const;

/** What the destination holds: row counts of every table, and the figures an accountant would ask for. */
export async function landed(databricks: DatabricksEmulator, schemaName = 'ledger'): Promise<Landed> {
  const schema = `"${databricks.catalog}"."${schemaName}"`;
  const tables = await databricks.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_catalog = '${databricks.catalog}' AND table_schema = '${schemaName}' AND table_name <> 'ledgerpipe_commits' ORDER BY 1`,
  );
  const names = tables.map(({ name }) => String(name));
  const counts: (readonly [string, number])[] = [];
  for (const name of names) counts.push([name, await livingRows(databricks, `${schema}."${name}"`)]);
  const figures = new Map<string, string>();
  const collect = async (sql: string) => {
    for (const { tenant, figure, value } of await databricks.query(sql))
      figures.set(`${tenant} ${figure}`, cents(value));
  };
  for (const [table, figure] of [
    ['invoices', 'receivable'],
    ['bills', 'payable'],
  ])
    await collect(
      `SELECT TenantID AS tenant, '${figure} ' || CurrencyCode AS figure, sum(AmountDue) AS value
       FROM ${schema}.${table} WHERE Status = 'AUTHORISED' AND _deleted_at IS NULL GROUP BY ALL`,
    );
  for (const table of documentTables)
    await collect(
      `SELECT TenantID AS tenant, '${table} ' || lower(Status) AS figure, count(*) AS value
       FROM ${schema}.${table} WHERE _deleted_at IS NULL GROUP BY ALL`,
    );
  const lines = documentTables.map(
    (table) =>
      `SELECT d.TenantID, d.Status, l.AccountCode, l.LineAmount FROM ${schema}.${table}_LineItems l JOIN ${schema}.${table} d
       ON l.TenantID = d.TenantID AND l.${keyOf(table)} = d.${keyOf(table)} WHERE l._deleted_at IS NULL AND d._deleted_at IS NULL`,
  );
  for (const [figure, value] of [
    ['lines of', 'count(*)'],
    ['amount of', 'sum(LineAmount)'],
  ])
    await collect(
      `SELECT TenantID AS tenant, '${figure} ' || AccountCode AS figure, ${value} AS value
       FROM (${lines.join(' UNION ALL ')}) WHERE Status IN ('AUTHORISED', 'PAID') AND AccountCode IS NOT NULL GROUP BY ALL`,
    );
  for (const name of names) await collect(await doubledKeys(databricks, { schema, schemaName, name }));
  return { text: countTable(counts), figures };
}

/** A query for the keys of a table that more than one row has; the key is the one that Unity Catalog declares. */
async function doubledKeys(
  databricks: DatabricksEmulator,
  { schema, schemaName, name }: { schema: string; schemaName: string; name: string },
): Promise<string> {
  const url = `${databricks.url}/api/2.1/unity-catalog/tables/${databricks.catalog}.${schemaName}.${name}`;
  const headers = { authorization: `Bearer ${databricks.credentials.token}` };
  const table = (await (await fetch(url, { headers })).json()) as TableMetadata;
  const keys = table.table_constraints?.flatMap(
    (constraint) => constraint.primary_key_constraint?.child_columns ?? [],
  );
  if (!keys || keys.length === 0) throw new Error(`Table "${name}" declares no key`);
  const columns = keys.map((key) => `"${key}"`).join(', ');
  return `SELECT TenantID AS tenant, 'doubled keys of ${name}' AS figure, count(*) AS value
    FROM (SELECT ${columns} FROM ${schema}."${name}" GROUP BY ${columns} HAVING count(*) > 1) GROUP BY ALL`;
}

interface TableMetadata {
  readonly table_constraints?: readonly {
    readonly primary_key_constraint?: { readonly child_columns: readonly string[] };
  }[];
}

const keyOf = (table: string): string => (table.endsWith('notes') ? 'CreditNoteID' : 'InvoiceID');

async function livingRows(databricks: DatabricksEmulator, table: string): Promise<number> {
  const [row] = (await databricks.query(
    `SELECT count(*) AS n FROM ${table} WHERE _deleted_at IS NULL`,
  )) as readonly Row[];
  return Number(row?.n);
}

function countTable(counts: readonly (readonly [string, number])[]): string {
  const filled = counts.filter(([, rows]) => rows > 0);
  const third = Math.ceil(filled.length / 3);
  const table = new Table({
    head: ['table', 'rows', 'table', 'rows', 'table', 'rows'],
    colAligns: ['left', 'right', 'left', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (let index = 0; index < third; index++) {
    const row = [0, 1, 2].flatMap((column) => filled[index + column * third] ?? ['', '']);
    table.push(row.map(String));
  }
  return `${table.toString()}\n${counts.length} tables, ${counts.reduce((sum, [, rows]) => sum + rows, 0)} rows`;
}

/** The books' own figures, under the names that `landed` gives them. */
export function expectedFigures(books: Books): ReadonlyMap<string, string> {
  const tenant = books.company.id;
  const totals = bookTotals(books);
  const figures = new Map<string, string>();
  const add = (figure: string, value: number | string) => {
    if (String(value) !== '0' && value !== '0.00') figures.set(`${tenant} ${figure}`, String(value));
  };
  for (const [currency, value] of Object.entries(totals.accountsReceivable.byCurrency))
    add(`receivable ${currency}`, money(value));
  for (const [currency, value] of Object.entries(totals.accountsPayable.byCurrency))
    add(`payable ${currency}`, money(value));
  for (const [table, counts] of statusCounts(totals))
    for (const [status, count] of Object.entries(counts))
      if (status !== 'deleted') add(`${table} ${status}`, money(count * 100));
  for (const [code, { count, amount }] of Object.entries(totals.linesByAccount)) {
    add(`lines of ${code}`, money(count * 100));
    add(`amount of ${code}`, money(amount));
  }
  return figures;
}

const statusCounts = (totals: BookTotals) =>
  [
    ['invoices', totals.invoices],
    ['bills', totals.bills],
    ['sales_credit_notes', totals.salesCreditNotes],
    ['purchase_credit_notes', totals.purchaseCreditNotes],
  ] as const;

/** Every figure of the books beside what landed; the receivable and payable ones are shown, differences always. */
export function compare(
  books: readonly Books[],
  { figures }: Landed,
): { readonly text: string; readonly agrees: boolean; readonly compared: number } {
  const table = new Table({
    head: ['organisation', 'figure', 'books', 'Databricks', ''],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  const expected = new Map(books.flatMap((one) => [...expectedFigures(one)]));
  const names = new Map(books.map(({ company }) => [company.id, company.name]));
  let differing = 0;
  for (const key of [...new Set([...expected.keys(), ...figures.keys()])].sort()) {
    const [tenant = '', ...rest] = key.split(' ');
    const wanted = expected.get(key) ?? '0.00';
    const found = figures.get(key) ?? '0.00';
    const same = wanted === found;
    if (!same) differing += 1;
    if (!same || /receivable|payable/.test(rest[0] ?? ''))
      table.push([names.get(tenant) ?? tenant, rest.join(' '), wanted, found, same ? 'equal' : 'DIFFERS']);
  }
  return {
    text: `${table.toString()}\n${expected.size} figures compared (balances due, documents by status, lines and amounts by account), ${differing} differ`,
    agrees: differing === 0 && expected.size > 0,
    compared: expected.size,
  };
}

/** Cents as text with two places. */
const money = (value: number): string => {
  const digits = String(Math.abs(value)).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** A decimal of the engine with two places; more than two that are not zero stay and so differ. */
const cents = (value: unknown): string => {
  const [whole = '0', places = ''] = String(value).split('.');
  const kept = places.replace(/0+$/, '').padEnd(2, '0');
  return `${whole}.${kept}`;
};
