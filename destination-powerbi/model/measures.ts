// The DAX measures of a model: receivables, payables, revenue, cash and orders, chosen by streams and roles.
import { daxColumn, daxTable, daxText } from '../api/queries.ts';
import type { ModelTable } from './layout.ts';
import { dayOf } from './traits.ts';
import type { MeasureDefinition } from './types.ts';

export interface Measured {
  readonly tables: readonly ModelTable[];
  /** MM-DD */
  readonly fiscalYearEnd: string;
}

/** The columns of a table that measures speak of, as DAX. */
interface Document {
  readonly table: ModelTable;
  readonly due?: string;
  readonly net?: string;
  readonly total?: string;
  readonly dueDay?: string;
  readonly day?: string;
  readonly status?: string;
  readonly kind?: string;
  readonly versioned: boolean;
}

const money = '#,0.00';

/** Measures that live on this table. `versioned`: only the newest version of each row counts. */
export function measuresOf(
  table: ModelTable,
  measured: Measured,
  versioned: boolean,
): readonly MeasureDefinition[] {
  const stream = table.plan?.parent ? '' : (table.plan?.declaration.name ?? '');
  const document = documentOf(table, versioned);
  const found = ((): readonly (MeasureDefinition | undefined)[] => {
    switch (stream) {
      case 'invoices':
        return side(document, { short: 'AR', flow: 'Revenue', days: 'DSO', measured });
      case 'bills':
        return [
          ...side(document, { short: 'AP', flow: 'Expenses', days: 'DPO', measured }),
          ...[7, 14, 30].map((days) =>
            sum(`AP due in ${days} days`, document, document.due, [
              ...open(document),
              within(document, days),
            ]),
          ),
        ];
      case 'sales_credit_notes':
      case 'credit_memos':
        return [sum('Sales credits left', document, document.due, open(document))];
      case 'purchase_credit_notes':
      case 'vendor_credits':
        return [sum('Purchase credits left', document, document.due, open(document))];
      case 'payments':
        return document.kind
          ? [
              sum('Cash in', document, document.total, [startsWith(document.kind, 'ACCREC')]),
              sum('Cash out', document, document.total, [startsWith(document.kind, 'ACCPAY')]),
            ]
          : [sum('Cash in', document, document.total, [])];
      case 'bill_payments':
        return [sum('Cash out', document, document.total, [])];
      case 'purchase_orders':
        return [sum('Open orders', document, document.total, [ordered(document)])];
      default:
        return [];
    }
  })();
  const count = document.day && stream ? [counted(document)] : [];
  const sync = table.name === '_sync' ? lastSynced : [];
  return uniqueIn(
    [...found, ...count, ...sync].filter((one) => one !== undefined),
    { table, measured },
  );
}

const lastSynced: readonly MeasureDefinition[] = [
  {
    name: 'Last synced',
    expression: `MAX(${daxColumn('_sync', 'finished_at')})`,
    formatString: 'yyyy-mm-dd hh:mm:ss',
  },
  { name: 'Rows delivered', expression: `SUM(${daxColumn('_sync', 'rows')})`, formatString: '#,0' },
];

interface Side {
  readonly short: string;
  readonly flow: string;
  readonly days: string;
  readonly measured: Measured;
}

function side(
  document: Document,
  { short, flow, days, measured }: Side,
): readonly (MeasureDefinition | undefined)[] {
  const late = (from: number, to?: number): readonly (string | undefined)[] => [
    ...open(document),
    overdue(document, from, to),
  ];
  const outstanding = sum(`${short} outstanding`, document, document.due, open(document));
  const turnover = sum(flow, document, document.net ?? document.total, [earned(document)]);
  return [
    outstanding,
    sum(`${short} overdue`, document, document.due, late(1)),
    sum(`${short} not due`, document, document.due, late(-100_000, 0)),
    sum(`${short} 1-30 days`, document, document.due, late(1, 30)),
    sum(`${short} 31-60 days`, document, document.due, late(31, 60)),
    sum(`${short} 61-90 days`, document, document.due, late(61, 90)),
    sum(`${short} 90+ days`, document, document.due, late(91)),
    bucketed(`${short} by bucket`, document),
    turnover,
    yearToDate(flow, document, measured),
    outstanding && turnover ? daysOutstanding(days, { outstanding, turnover, document }) : undefined,
  ];
}

function documentOf(table: ModelTable, versioned: boolean): Document {
  const dax = (pattern: RegExp): string | undefined => {
    const names = table.columns.map(({ name }) => name);
    const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();
    const found =
      names.find((name) => /_base/.test(name) && pattern.test(plain(name).replace(/base$/, ''))) ??
      names.find((name) => pattern.test(plain(name)));
    return found === undefined ? undefined : daxColumn(table.name, found);
  };
  // A document of QuickBooks has states of its printing and mailing, and none of its own.
  const ofRole = (role: string, called = /./): string | undefined => {
    const staged = table.plan?.columns.find(
      (column) => column.role === role && column.path.length === 1 && called.test(column.path[0] ?? ''),
    );
    return staged && stored(table, staged.name);
  };
  const day = table.plan && !table.plan.parent ? dayOf(table.plan) : undefined;
  const total = dax(/^(total|totalamt|amount)$/);
  const tax = dax(/^txntaxdetailtotaltax$/);
  const parts = {
    due: dax(/^(amountdue|balance|remainingcredit)$/),
    // QuickBooks tells the total and the tax in it.
    net: dax(/^subtotal$/) ?? (total && tax ? `(${total} - ${tax})` : undefined),
    total,
    dueDay: ofRole('due'),
    day: day && stored(table, day.name),
    status: ofRole('status', /^(po)?status$/i),
    kind: dax(/^paymenttype$/),
  };
  const known = Object.entries(parts).filter(([, value]) => value !== undefined);
  return { table, versioned, ...(Object.fromEntries(known) as Omit<Document, 'table' | 'versioned'>) };
}

function stored(table: ModelTable, staged: string): string | undefined {
  const found = table.columns.find(
    ({ origin }) => origin.kind === 'stored' && origin.column === `c_${staged}`,
  );
  return found && daxColumn(table.name, found.name);
}

/** The current rows of the table for which every condition holds. */
function current({ table, versioned }: Document, conditions: readonly (string | undefined)[]): string {
  const name = table.name;
  const newest = versioned
    ? [
        `${daxColumn(name, '_version')} = CALCULATE(MAX(${daxColumn(name, '_version')}), ALLEXCEPT(${daxTable(name)}, ${daxColumn(name, '_key')}))`,
        `NOT ${daxColumn(name, '_is_deleted')}`,
      ]
    : [];
  const all = [...newest, ...conditions.filter((condition) => condition !== undefined)];
  return all.length === 0 ? daxTable(name) : `FILTER(${daxTable(name)}, ${all.join(' && ')})`;
}

function sum(
  name: string,
  document: Document,
  column: string | undefined,
  conditions: readonly (string | undefined)[],
): MeasureDefinition | undefined {
  if (column === undefined) return undefined;
  return { name, expression: `SUMX(${current(document, conditions)}, ${column})`, formatString: money };
}

const counted = (document: Document): MeasureDefinition => ({
  name: `Count of ${document.table.name}`,
  expression: `COUNTROWS(${current(document, [])})`,
  formatString: '#,0',
});

const isOneOf = (column: string, values: readonly string[]): string =>
  `(${values.map((value) => `${column} = ${daxText(value)}`).join(' || ')})`;

/** Xero has a status; QuickBooks tells what is open by the balance alone. */
const open = ({ status }: Document): readonly (string | undefined)[] => [
  status && isOneOf(status, ['AUTHORISED']),
];
const earned = ({ status }: Document): string | undefined =>
  status && isOneOf(status, ['AUTHORISED', 'PAID']);
const ordered = ({ status }: Document): string | undefined =>
  status && isOneOf(status, ['AUTHORISED', 'SUBMITTED', 'Open']);
const startsWith = (column: string, text: string): string =>
  `LEFT(${column}, ${text.length}) = ${daxText(text)}`;

/** Days overdue, at the time of the query, so that ageing moves without a push. */
const daysLate = (dueDay: string): string => `DATEDIFF(${dueDay}, TODAY(), DAY)`;

function overdue({ dueDay }: Document, from: number, to?: number): string | undefined {
  if (dueDay === undefined) return undefined;
  const least = from <= -100_000 ? [] : [`${daysLate(dueDay)} >= ${from}`];
  return [...least, ...(to === undefined ? [] : [`${daysLate(dueDay)} <= ${to}`])].join(' && ');
}

const within = ({ dueDay }: Document, days: number): string | undefined =>
  dueDay && `${daysLate(dueDay)} <= 0 && ${daysLate(dueDay)} >= ${-days}`;

function bucketed(name: string, document: Document): MeasureDefinition | undefined {
  const { due, dueDay } = document;
  if (!due || !dueDay) return undefined;
  const rows = current(document, [
    ...open(document),
    `${daysLate(dueDay)} >= MIN(${daxColumn('AgingBucket', 'FromDays')}) && ${daysLate(dueDay)} <= MAX(${daxColumn('AgingBucket', 'ToDays')})`,
  ]);
  return {
    name,
    expression: `SUMX(${rows}, ${due})`,
    formatString: money,
    description: 'Put AgingBucket[Bucket] beside it',
  };
}

function yearToDate(
  flow: string,
  document: Document,
  { fiscalYearEnd }: Measured,
): MeasureDefinition | undefined {
  const column = document.net ?? document.total;
  if (!column || !document.day) return undefined;
  const inner = `SUMX(${current(document, [earned(document)])}, ${column})`;
  return {
    name: `${flow} YTD`,
    expression: `TOTALYTD(${inner}, ${daxColumn('Calendar', 'Date')}, ${daxText(fiscalYearEnd)})`,
    formatString: money,
  };
}

function daysOutstanding(
  name: string,
  {
    outstanding,
    turnover,
    document,
  }: { outstanding: MeasureDefinition; turnover: MeasureDefinition; document: Document },
): MeasureDefinition | undefined {
  const column = document.net ?? document.total;
  if (!document.day || !column) return undefined;
  const recent = current(document, [
    earned(document),
    `DATEDIFF(${document.day}, TODAY(), DAY) <= 90 && DATEDIFF(${document.day}, TODAY(), DAY) >= 0`,
  ]);
  return {
    name,
    expression: `DIVIDE(${outstanding.expression}, SUMX(${recent}, ${column})) * 90`,
    formatString: '#,0.0',
    description: `${outstanding.name} over ${turnover.name.toLowerCase()} of 90 days`,
  };
}

/** Names of measures are unique in the model, and no column of their table has one. */
function uniqueIn(
  measures: readonly MeasureDefinition[],
  { table, measured }: { readonly table: ModelTable; readonly measured: Measured },
): readonly MeasureDefinition[] {
  const columns = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  const namespace = table.plan?.declaration.namespace;
  const shared = namespace !== undefined && measured.tables.length > 0;
  return measures.map((measure) => {
    const name = shared ? `${measure.name} (${namespace})` : measure.name;
    return { ...measure, name: columns.has(name.toLowerCase()) ? `${name} measure` : name };
  });
}
