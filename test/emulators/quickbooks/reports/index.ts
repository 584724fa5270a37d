// GET …/reports/{Name}: which reports there are, on which basis, by which engine.
import type { Company } from '../company.ts';
import { forbiddenEntity, invalidParameter } from '../errors.ts';
import { aged } from './aged.ts';
import { generalLedger, transactionList } from './detail.ts';
import { bodyOf, type Look, type Report } from './shape.ts';
import { type Asked, balanceSheet, cashFlow, profitAndLoss, trialBalance } from './statements.ts';

export interface ReportOptions {
  readonly query: URLSearchParams;
  readonly now: number;
  /** Most cells of an answer. */
  readonly cells: number;
}

const REPORTS: Readonly<Record<string, (asked: Asked, cells: number) => Report>> = {
  profitandloss: profitAndLoss,
  balancesheet: balanceSheet,
  trialbalance: trialBalance,
  cashflow: cashFlow,
  generalledger: generalLedger,
  transactionlist: transactionList,
  agedreceivables: (asked) => aged(asked, 'customer'),
  agedpayables: (asked) => aged(asked, 'vendor'),
};

/** The whole body of a report; 5030 when there is no such report. */
export function reportJson(company: Company, name: string, { query, now, cells }: ReportOptions): string {
  const make = REPORTS[name.toLowerCase()];
  const code = company.switches.forbidden[name];
  if (!make || code) throw forbiddenEntity(name, code ?? '5030');
  const look: Look = {
    ...{ company, now },
    // Only its presence counts.
    modern: company.switches.reportEngine === 'modern' || query.has('testing_migration'),
    basis: basisOf(query.get('accounting_method')),
    macro: query.get('date_macro'),
  };
  return bodyOf(make({ query, look }, cells), look);
}

function basisOf(asked: string | null): Look['basis'] {
  // The company's preference is Accrual.
  if (asked === null || asked.toLowerCase() === 'accrual') return 'Accrual';
  if (asked.toLowerCase() === 'cash') return 'Cash';
  throw invalidParameter('accounting_method', asked);
}
