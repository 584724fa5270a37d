// What a model adds up to, asked by DAX.
import type { PowerBiEmulator } from '../emulators/powerbi/index.ts';

const cents = (value: unknown): number => Math.round(Number(value ?? 0) * 100);

/** The current rows of a table as a DAX table. */
export function currentRows(emulator: PowerBiEmulator, table: string): string {
  const versioned = emulator
    .dataset('Finance')
    .tables.find(({ name }) => name === table)
    ?.columns.some(({ name }) => name === '_version');
  return versioned
    ? `FILTER('${table}', '${table}'[_version] = CALCULATE(MAX('${table}'[_version]), ALLEXCEPT('${table}', '${table}'[_key])) && NOT '${table}'[_is_deleted])`
    : `'${table}'`;
}

export async function scalarOf(emulator: PowerBiEmulator, expression: string): Promise<unknown> {
  const [row] = await emulator.dax(`EVALUATE ROW("n", ${expression})`);
  return Object.values(row ?? {})[0] ?? 0;
}

/** The figures of `Ledger.totals`, as the model has them. */
export async function figures(emulator: PowerBiEmulator) {
  const one = (expression: string): Promise<unknown> => scalarOf(emulator, expression);
  const rows = (table: string): string => currentRows(emulator, table);
  return {
    outstanding: cents(await one(`SUMX(${rows('invoices')}, 'invoices'[AmountDue])`)),
    revenue: cents(await one('[Revenue]')),
    invoices: Number(await one(`COUNTROWS(${rows('invoices')})`)),
    lines: Number(await one(`COUNTROWS(${rows('invoices_LineItems')})`)),
    lineAmount: cents(await one(`SUMX(${rows('invoices_LineItems')}, 'invoices_LineItems'[LineAmount])`)),
    contacts: Number(await one(`COUNTROWS('contacts')`)),
    payments: Number(await one(`COUNTROWS('payments')`)),
    paid: cents(await one(`SUM('payments'[Amount])`)),
  };
}

/** The same figures of a mirrored database, whose rows are told one by one. */
export async function mirrorFigures(emulator: PowerBiEmulator) {
  const rows = async (table: string) => await emulator.mirrored(table).catch(() => []);
  const [invoices, lines, contacts, payments] = await Promise.all([
    rows('invoices'),
    rows('invoices_LineItems'),
    rows('contacts'),
    rows('payments'),
  ]);
  const sum = (of: typeof invoices, column: string): number =>
    of.reduce((total, row) => total + cents(row[column]), 0);
  return {
    outstanding: sum(invoices, 'AmountDue'),
    revenue: sum(invoices, 'SubTotal'),
    invoices: invoices.length,
    lines: lines.length,
    lineAmount: sum(lines, 'LineAmount'),
    contacts: contacts.length,
    payments: payments.length,
    paid: sum(payments, 'Amount'),
  };
}

/** Payments in the model, each counted once. */
export function appendedPayments(emulator: PowerBiEmulator) {
  const once = new Map(emulator.rows('payments').map((row) => [row.PaymentID, cents(row.Amount)]));
  return { payments: once.size, paid: [...once.values()].reduce((sum, paid) => sum + paid, 0) };
}
