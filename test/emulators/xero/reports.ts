// GET /Reports/{Name}: which reports there are, what each needs, and the envelope around their rows.
import { type Books, idOf } from '../../books/index.ts';
import { bareStamp, longDay } from './dates.ts';
import { validationError } from './errors.ts';
import { money } from './json.ts';
import type { Look } from './look.ts';
import type { Query } from './query.ts';
import type { Report } from './report-rows.ts';
import { trialBalanceReport } from './report-trial-balance.ts';
import { agedByContact, bankSummary, budgetSummary, executiveSummary } from './reports-business.ts';
import { balanceSheet, profitAndLoss } from './reports-statements.ts';
import type { XeroSwitches } from './switches.ts';

interface ReportContext {
  readonly query: Query;
  readonly now: number;
  readonly switches: XeroSwitches;
  readonly look: Look;
}

interface ReportRow {
  readonly scope: string;
  make(books: Books, query: Query, options: { today: number; periods: 11 | 12 }): Report;
}

const REPORTS: Readonly<Record<string, ReportRow>> = {
  profitandloss: { scope: 'profitandloss', make: profitAndLoss },
  balancesheet: { scope: 'balancesheet', make: balanceSheet },
  trialbalance: { scope: 'trialbalance', make: trialBalanceReport },
  banksummary: { scope: 'banksummary', make: bankSummary },
  budgetsummary: { scope: 'budgetsummary', make: budgetSummary },
  executivesummary: { scope: 'executivesummary', make: executiveSummary },
  agedreceivablesbycontact: {
    scope: 'aged',
    make: (books, query, options) => agedByContact(books, query, { ...options, side: 'receivable' }),
  },
  agedpayablesbycontact: {
    scope: 'aged',
    make: (books, query, options) => agedByContact(books, query, { ...options, side: 'payable' }),
  },
};

/** The scope a report asks for; undefined when there is no such report. BankStatement was withdrawn. */
export function reportScope(name: string): string | undefined {
  if (name === '') return 'accounting.reports.taxreports.read';
  const key = name.toLowerCase();
  if (key === 'tenninetynine') return 'accounting.reports.tenninetynine.read';
  if (/^[0-9a-f-]{36}$/.test(key)) return 'accounting.reports.taxreports.read';
  return REPORTS[key] && `accounting.reports.${REPORTS[key].scope}.read`;
}

/** The `Reports` array as JSON text, or undefined when there is no such report. */
export function reportsJson(books: Books, name: string, context: ReportContext): string | undefined {
  const { query, now, switches } = context;
  const key = name.toLowerCase();
  if (key === '') return `[${taxReport(books, context)}]`;
  if (key === 'tenninetynine') return tenNinetyNine(books, query);
  const row = REPORTS[key];
  if (!row) return key === taxReportId(books) ? `[${taxReport(books, context)}]` : undefined;
  const today = Math.floor(now / 86_400_000) * 86_400_000;
  const report = row.make(books, query, { today, periods: switches.profitAndLossPeriods });
  return `[${reportJson(books, report, context)}]`;
}

function reportJson(books: Books, report: Report, { now, look }: ReportContext): string {
  const head = {
    ReportID: idOf(books, report.type, 0),
    ReportName: report.name,
    ReportType: report.type,
    ReportTitles: report.titles,
    ReportDate: longDay(now),
  };
  const open = JSON.stringify(head).slice(0, -1);
  return `${open},"UpdatedDateUTC":${bareStamp(now, look)},"Fields":[],"Rows":${JSON.stringify(report.rows)}}`;
}

const taxReportId = (books: Books): string => idOf(books, 'taxReport', 0);

/** The last filed tax return: figures in Fields instead of Rows, as published AU and NZ returns have them. */
function taxReport(books: Books, { now, look }: ReportContext): string {
  let sales = 0;
  let purchases = 0;
  for (const one of books.invoices)
    if (one.status === 'authorised' || one.status === 'paid') sales += one.tax;
  for (const one of books.bills)
    if (one.status === 'authorised' || one.status === 'paid') purchases += one.tax;
  const fields = [
    { FieldID: 'G9', Description: 'GST on sales and income', Value: money(sales) },
    { FieldID: 'G13', Description: 'GST on purchases and expenses', Value: money(purchases) },
  ];
  const head = {
    ReportID: taxReportId(books),
    ReportName: 'GST Return',
    ReportType: 'GSTReturn',
    ReportTitles: ['GST Return', books.company.name],
    ReportDate: longDay(now),
  };
  return `${JSON.stringify(head).slice(0, -1)},"UpdatedDateUTC":${bareStamp(now, look)},"Fields":${JSON.stringify(fields)},"Rows":[]}`;
}

/** Paid to US contractors, by contact and box; other countries' organisations are refused. */
function tenNinetyNine(books: Books, query: Query): string {
  if (books.company.country !== 'US')
    throw validationError('The 1099 report is only available for US organisations');
  const year = query.whole('reportYear', {
    least: 2012,
    most: 2100,
    otherwise: new Date(books.lastTouched).getUTCFullYear() - 1,
  });
  const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year, 11, 31)];
  const paid = new Map<string, { name: string; cents: number }>();
  for (const { target, date, amount, status } of books.payments) {
    if (status === 'deleted' || date < from || date > to || target.kind !== 'bill') continue;
    const entry = paid.get(target.contact.id) ?? { name: target.contact.name, cents: 0 };
    entry.cents += amount;
    paid.set(target.contact.id, entry);
  }
  const contacts = [...paid].map(([ContactId, { name, cents }]) => ({
    Name: name,
    ContactId,
    Box1: 0,
    Box2: 0,
    Box3: 0,
    Box7: cents / 100,
  }));
  return JSON.stringify([
    {
      ReportName: '1099-MISC report',
      ReportDate: `1 Jan ${year} to 31 Dec ${year}`,
      Fields: [],
      Contacts: contacts,
    },
  ]);
}
