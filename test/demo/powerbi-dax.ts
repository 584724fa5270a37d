// A push semantic model asked in DAX: what an accountant would ask, under the names that the books' figures have.
import type { PlainRow } from '../emulators/powerbi/for-tests.ts';
import type { PowerBiEmulator } from '../emulators/powerbi/index.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import type { Figures } from './figures.ts';

export interface DaxModel {
  /** Rows of a query, under the names that executeQueries gives its columns. */
  ask(query: string): Promise<readonly PlainRow[]>;
  /** Tables of records, with their columns. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
}

const ourOwn = ['Calendar', 'AgingBucket', '_sync'];

export function daxModel(emulator: PowerBiEmulator, dataset: string): DaxModel {
  const { tables } = emulator.dataset(dataset);
  return {
    ask: (query) => emulator.dax(query, dataset),
    tables: new Map(
      tables
        .filter(({ name }) => !ourOwn.includes(name))
        .map(({ name, columns }) => [name, columns.map((column) => column.name)]),
    ),
  };
}

interface Question {
  /** Columns of the table: the organisation, then what the figure is told apart by. */
  readonly by: readonly string[];
  /** A condition on rows. */
  readonly where?: string;
  /** An expression for each figure, by what it is called. */
  readonly values: Readonly<Record<string, string>>;
}

/** A table as a measure would take it: where changed rows were appended, the newest version of each key. */
export function livingRows({ tables }: DaxModel, table: string, where?: string): string {
  const newest = tables.get(table)?.includes('_version')
    ? [
        `'${table}'[_version] = CALCULATE(MAX('${table}'[_version]), ALLEXCEPT('${table}', '${table}'[_key]))`,
        `NOT '${table}'[_is_deleted]`,
      ]
    : [];
  const conditions = [...newest, ...(where ? [`(${where})`] : [])];
  return conditions.length === 0 ? `'${table}'` : `FILTER('${table}', ${conditions.join(' && ')})`;
}

const asked = (model: DaxModel, table: string, { by, where, values }: Question): string => {
  const rows = livingRows(model, table, where);
  const parts = [
    ...by.map((column) => `'${table}'[${column}]`),
    ...(rows.startsWith('FILTER') ? [rows] : []),
    ...Object.entries(values).flatMap(([name, expression]) => [`"${name}"`, expression]),
  ];
  return `EVALUATE SUMMARIZECOLUMNS(${parts.join(', ')})`;
};

/** Adds up answers: a figure may come from several tables. Values are units of 1/10000. */
class Sums {
  readonly #sums = new Map<string, bigint>();

  async add(model: DaxModel, table: string, question: Question): Promise<void> {
    for (const row of await model.ask(asked(model, table, question))) {
      const [tenant, ...by] = question.by.map((column) => String(row[`${table}[${column}]`] ?? ''));
      for (const name of Object.keys(question.values)) {
        const key = [tenant, name, ...by.map((text) => text.toLowerCase())].join(' ');
        this.put(key, row[`[${name}]`] ?? 0);
      }
    }
  }

  put(key: string, value: string | number | boolean): void {
    this.#sums.set(key, (this.#sums.get(key) ?? 0n) + tenThousandths(value));
  }

  figures(rename: (key: string) => string = (key) => key): Map<string, string> {
    const living = [...this.#sums].filter(([, sum]) => sum !== 0n);
    return new Map(living.map(([key, sum]) => [rename(key), decimalOf(sum)]));
  }
}

function tenThousandths(value: string | number | boolean): bigint {
  const [whole = '0', places = ''] = String(value).split('.');
  const sum = BigInt(whole.replace('-', '') + places.slice(0, 4).padEnd(4, '0'));
  return whole.startsWith('-') ? -sum : sum;
}

/** Two places at least, up to four where they are not zero. */
export function decimalOf(sum: bigint): string {
  const digits = String(sum < 0n ? -sum : sum).padStart(5, '0');
  const places = digits.slice(-4).replace(/0{1,2}$/, '');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -4)}.${places}`;
}

/** What a sales invoice comes to in the model, with two places; undefined: it is not there. */
export async function daxInvoiceTotal(
  model: DaxModel,
  { id, total }: { readonly id: string; readonly total: string },
  key: string,
): Promise<string | undefined> {
  const [row] = await model.ask(
    asked(model, 'invoices', {
      by: [id],
      where: `'invoices'[${id}] = "${key}"`,
      values: { total: `SUM('invoices'[${total}])` },
    }),
  );
  return row ? decimalOf(tenThousandths(row['[total]'] ?? 0)) : undefined;
}

/** Currency codes keep their capitals. */
const capitals = (key: string): string => key.replace(/ [a-z]{3}$/, (code) => code.toUpperCase());

const xeroTables = ['invoices', 'bills', 'sales_credit_notes', 'purchase_credit_notes'] as const;

async function xeroFigures(model: DaxModel): Promise<Figures> {
  const balances = new Sums();
  const others = new Sums();
  for (const [table, figure] of [
    ['invoices', 'receivable'],
    ['bills', 'payable'],
  ] as const)
    await balances.add(model, table, {
      by: ['TenantID', 'CurrencyCode'],
      where: `'${table}'[Status] = "AUTHORISED"`,
      values: { [figure]: `SUM('${table}'[AmountDue])` },
    });
  for (const table of xeroTables) {
    await others.add(model, table, {
      by: ['TenantID', 'Status'],
      values: { [table]: `COUNTROWS('${table}')` },
    });
    const lines = `${table}_LineItems`;
    await others.add(model, lines, {
      by: ['TenantID', 'AccountCode'],
      where: `'${lines}'[${table}_Status] IN {"AUTHORISED", "PAID"} && NOT ISBLANK('${lines}'[AccountCode])`,
      values: { 'lines of': `COUNTROWS('${lines}')`, 'amount of': `SUM('${lines}'[LineAmount])` },
    });
  }
  return new Map([...balances.figures(capitals), ...others.figures()]);
}

const quickbooksTables = ['invoices', 'bills', 'credit_memos', 'vendor_credits'] as const;

async function quickbooksFigures(model: DaxModel): Promise<Figures> {
  const documents = new Sums();
  const balances = new Sums();
  const by = ['RealmID', 'CurrencyRef_value'];
  for (const [table, figure] of [
    ['invoices', 'receivable'],
    ['bills', 'payable'],
  ] as const)
    await documents.add(model, table, { by, values: { [figure]: `SUM('${table}'[Balance])` } });
  for (const table of quickbooksTables)
    await documents.add(model, table, {
      by,
      values: {
        [`number of ${table}`]: `COUNTROWS('${table}')`,
        [`total of ${table}`]: `SUM('${table}'[TotalAmt])`,
      },
    });
  const report = 'report_trial_balance';
  const account = (column: string): string =>
    `LOOKUPVALUE('accounts'[${column}], 'accounts'[Id], '${report}'[TitleID], 'accounts'[RealmID], '${report}'[RealmID])`;
  const rows = livingRows(
    model,
    report,
    `'${report}'[RowType] = "Data" && '${report}'[Period] = MAX('${report}'[Period])`,
  );
  const found = await model.ask(
    `EVALUATE SELECTCOLUMNS(${rows}, "tenant", '${report}'[RealmID], "code", ${account('AcctNum')}, "class", ${account('Classification')}, "value", '${report}'[Debit] - '${report}'[Credit])`,
  );
  for (const row of found)
    if (row['[class]'] === 'Asset' || row['[class]'] === 'Liability')
      balances.put(`${row['[tenant]']} balance of ${row['[code]']}`, row['[value]'] ?? 0);
  return new Map([...documents.figures(capitals), ...balances.figures()]);
}

const figuresOf: Readonly<Record<SourceName, (model: DaxModel) => Promise<Figures>>> = {
  xero: xeroFigures,
  quickbooks: quickbooksFigures,
};

/** Balances, documents and accounts; and the rows that share a key, of which there should be none. */
export async function daxFigures(
  model: DaxModel,
  from: SourceName,
  keys: (table: string) => readonly string[],
): Promise<Figures> {
  return new Map([...(await figuresOf[from](model)), ...(await doubledKeys(model, keys))]);
}

async function doubledKeys(model: DaxModel, keys: (table: string) => readonly string[]): Promise<Figures> {
  const figures = new Map<string, string>();
  for (const table of model.tables.keys()) {
    const columns = keys(table).map((key) => `'${table}'[${key}]`);
    if (columns.length === 0) throw new Error(`Table "${table}" has no key`);
    const rows = livingRows(model, table);
    const [row] = await model.ask(
      `EVALUATE ROW("doubled", COUNTROWS(${rows}) - COUNTROWS(SUMMARIZE(${rows}, ${columns.join(', ')})))`,
    );
    const doubled = Number(row?.['[doubled]'] ?? 0);
    if (doubled !== 0) figures.set(`all doubled keys of ${table}`, `${doubled}.00`);
  }
  return figures;
}

/** Rows of every table that has any. */
export async function daxCounts(model: DaxModel): Promise<readonly (readonly [string, number])[]> {
  const counts: (readonly [string, number])[] = [];
  for (const table of model.tables.keys()) {
    const [row] = await model.ask(`EVALUATE ROW("n", COUNTROWS(${livingRows(model, table)}))`);
    counts.push([table, Number(row?.['[n]'] ?? 0)]);
  }
  return counts;
}
