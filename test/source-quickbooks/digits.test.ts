// Numbers of more than 15 significant digits arrive with all of them, whichever call brings them.
import { expect, test } from 'vitest';
import { type Bench, openBench, run } from './bench.ts';

const rate = '1.23456789012345678901';
const row = `{"Id":"987654","SyncToken":"0","MetaData":{"CreateTime":"2026-01-01T00:00:00-08:00","LastUpdatedTime":"2026-01-01T00:00:00-08:00"},"domain":"QBO","sparse":false,"ExchangeRate":${rate},"TotalAmt":12345678.25,"DocNumber":"12345678901234567890"}`;
const time = '"time":"2026-01-02T00:00:00.000-08:00"';
const page = `{"Invoice":[${row}],"startPosition":1,"maxResults":1,"totalCount":1}`;

function answers(bench: Bench, path: RegExp, body: string): void {
  const headers = { 'content-type': 'application/json' };
  bench.quickbooks.faults.add({ path, does: { kind: 'answer', status: 200, headers, body } });
}

test.each([
  ['a query', /\/query\?/, `{"QueryResponse":${page},${time}}`],
  [
    'a batch',
    /\/batch\?/,
    `{"BatchItemResponse":[{"bId":"0","QueryResponse":${page}},{"bId":"1","QueryResponse":{}}],${time}}`,
  ],
])('%s keeps every digit of a rate, and a number that fits stays one', async (kind, path, body) => {
  const bench = await openBench();
  answers(bench, path, body);
  const ids = kind === 'a query' ? ['987654'] : Array.from({ length: 101 }, (_, at) => String(at + 987_654));
  const only = ids.map((id) => ({ stream: 'invoices', tenant: bench.realm, id }));
  const [data] = (await run(bench, { only })).live('invoices');
  expect(data).toMatchObject({
    ExchangeRate: rate,
    TotalAmt: 12345678.25,
    DocNumber: '12345678901234567890',
  });
});

test('so does change data capture', async () => {
  const bench = await openBench();
  const first = await run(bench, { streams: ['invoices'] });
  answers(bench, /\/cdc\?/, `{"CDCResponse":[{"QueryResponse":[${page}]}],${time}}`);
  const second = await run(bench, { streams: ['invoices'], states: first.states });
  expect(second.live('invoices')).toMatchObject([{ Id: '987654', ExchangeRate: rate }]);
});

test('and a report', async () => {
  const bench = await openBench({ config: { reports: { from: '2026-01-15', refresh_months: 1 } } });
  const amount = '12345678901234567.25';
  answers(
    bench,
    /TrialBalance/,
    JSON.stringify({
      Header: { ReportName: 'TrialBalance', ReportBasis: 'Accrual', Currency: 'NZD', Option: [] },
      Columns: {
        Column: [
          { ColTitle: '', ColType: 'Account' },
          { ColTitle: 'Debit', ColType: 'Money', MetaData: [{ Name: 'ColKey', Value: 'debt_amt' }] },
          { ColTitle: 'Credit', ColType: 'Money', MetaData: [{ Name: 'ColKey', Value: 'credit_amt' }] },
        ],
      },
      Rows: {
        Row: [{ type: 'Data', ColData: [{ value: 'Bank', id: '1' }, { value: amount }, { value: '' }] }],
      },
    }),
  );
  const { live } = await run(bench, { streams: ['report_trial_balance'] });
  expect(Object.values(live('report_trial_balance')[0] ?? {})).toContain(amount);
});
