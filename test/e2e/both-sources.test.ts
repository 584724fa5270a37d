// The same books through either source: receivables, payables and the trial balance come out equal.
import { expect, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { databricksEngine } from '../demo/databricks.ts';
import { type Engine, gather } from '../demo/figures.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { type Route, startSync, writePipeline } from '../sandbox/pipeline.ts';

/** Where each source keeps what both of them show. */
const places = {
  xero: {
    due: (table: string) => `FROM ${table} AS d WHERE d."Status" = 'AUTHORISED'`,
    currency: 'd."CurrencyCode"',
    amount: 'd."AmountDue"',
    debit: `b."YTDDebit"`,
    credit: `b."YTDCredit"`,
    account: 'a."Code"',
    join: 'a."AccountID" = b."AccountID"',
    // Snapshots and reports are read in every run.
    config: { snapshot_hours: 0 },
  },
  quickbooks: {
    due: (table: string) => `FROM ${table} AS d WHERE d."Balance" <> 0`,
    currency: 'd."CurrencyRef_value"',
    amount: 'd."Balance"',
    debit: `b."Debit"`,
    credit: `b."Credit"`,
    account: 'a."AcctNum"',
    join: 'a."Id" = b."TitleID"',
    config: { reports: { hours: 0 } },
  },
} as const;

/** Balances due by currency, and the latest trial balance by account code. */
function commonFigures(engine: Engine, from: Route['from']) {
  const { due, currency, amount, debit, credit, account, join } = places[from];
  const balances = engine.table('report_trial_balance');
  return gather(engine, [
    ...['invoices', 'bills'].map(
      (table) =>
        `SELECT 'due on' AS tenant, '${table} ' || ${currency} AS figure, sum(${amount}) AS value
         ${due(engine.table(table))} AND ${engine.living('d')} GROUP BY 1, 2`,
    ),
    `SELECT 'balance of' AS tenant, ${account} AS figure, sum(coalesce(${debit}, 0) - coalesce(${credit}, 0)) AS value
     FROM ${balances} AS b JOIN ${engine.table('accounts')} AS a ON ${join}
     WHERE ${engine.living('b')} AND b."Period" = (SELECT max("Period") FROM ${balances}) GROUP BY 1, 2`,
  ]);
}

test('receivables, payables and the balance of every account are equal whichever source they came through', async () => {
  const folder = await temporaryFolder();
  await using sandbox = await openSandbox({
    folder,
    documents: 300,
    companies: 1,
    products: ['xero', 'quickbooks', 'databricks'],
    xeroLimits: UNLIMITED,
  });
  const through = async (from: Route['from']) => {
    const route = { from, to: 'databricks' } as const;
    const file = await writePipeline(sandbox, {
      folder,
      ...route,
      source: places[from].config,
      destination: { schema: from },
      streams: ['accounts', 'invoices', 'bills', 'report_trial_balance'],
    });
    const { code, output } = await startSync(file, { route }).ended;
    expect([code, output.slice(-300)]).toEqual([0, expect.any(String)]);
    return commonFigures(databricksEngine(sandbox.databricks, from), from);
  };
  for (const round of [1, 2]) {
    const [xero, quickbooks] = [await through('xero'), await through('quickbooks')];
    expect([...xero].filter(([, value]) => value !== '0.00').sort()).toEqual(
      [...quickbooks].filter(([, value]) => value !== '0.00').sort(),
    );
    expect(xero.size).toBeGreaterThan(10);
    for (const books of sandbox.books) editBooks(books, { seed: round, edits: 40, at: Date.now() });
  }
});
