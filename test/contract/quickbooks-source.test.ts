// Every request of the QuickBooks source and every answer of the emulator is as the tables of shapes and limits have it.
import type { LoginPorts } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { source } from '../../source-quickbooks/index.ts';
import { rareStreams } from '../../source-quickbooks/streams.ts';
import { editBooks } from '../books/index.ts';
import { contextOf } from '../conformance/in-process.ts';
import type { LoggedRequest } from '../emulators/emulator.ts';
import { type QuickbooksEmulator, UNLIMITED } from '../emulators/quickbooks/index.ts';
import {
  type Bench,
  type BenchOptions,
  DAY,
  type Outcome,
  openBench,
  run,
  tables,
} from '../source-quickbooks/bench.ts';
import { expectNone } from './findings.ts';
import { expectValid } from './protocol.ts';
import { judgeAnswer } from './quickbooks-answers.ts';
import { judgeRequest, KINDS } from './quickbooks-requests.ts';
import { judgeStatement } from './quickbooks-statements.ts';

/** The kinds of requests seen over all tests: what the last one looks at. */
const seen = new Set<string>();

/** Fails the running test unless every exchange with this QuickBooks is as the tables say. */
function expectContract({ requests }: QuickbooksEmulator): void {
  const findings = requests.flatMap((logged) => {
    const { kind, findings: wrong } = judgeRequest(logged);
    if (kind !== undefined) seen.add(kind);
    return [...wrong, ...(kind === undefined ? [] : judgeAnswer(kind, logged))];
  });
  expectNone(findings);
}

const open = ({ config, ...options }: BenchOptions = {}): Promise<Bench> =>
  openBench({ documents: 200, limits: UNLIMITED, ...options, config: { page_size: 40, ...config } });

async function validRun(...args: Parameters<typeof run>): Promise<Outcome> {
  const outcome = await run(...args);
  expect(outcome.errors).toEqual([]);
  expectValid(outcome.messages);
  return outcome;
}

test('a first read, one after edits, one without any, and one after the changes are out of reach', async () => {
  const bench = await open({ config: { more_streams: [...rareStreams] } });
  let { states } = await validRun(bench);
  for (const wait of [2, 1, 40]) {
    bench.clock.advance(wait * DAY);
    editBooks(bench.books, { seed: wait, edits: 60, at: bench.clock.now() });
    bench.clock.advance(60_000);
    ({ states } = await validRun(bench, { states }));
  }
  await validRun(bench, { states });
  expectContract(bench.quickbooks);
});

test('records asked for by their ids, those with signs of their own and unknown ones among them', async () => {
  const bench = await open();
  const only = tables.flatMap(({ name, entity, wrapped, keyFrom }) => {
    const ids = bench.quickbooks
      .records(entity)
      .slice(0, 130)
      .map(({ Id }) => String(Id));
    const strange = wrapped || keyFrom ? [] : ['987654321', "it's \\ odd"];
    return [...ids, ...strange].map((id) => ({ stream: name, tenant: bench.realm, id }));
  });
  await validRun(bench, { only });
  // One statement goes out as a query, not as a batch of one.
  await validRun(bench, { only: only.slice(-1) });
  expectContract(bench.quickbooks);
});

test('other settings and the other readings of what no page settles', async () => {
  const bench = await open({
    config: {
      start_date: '2025-06-01',
      batch_size: 3,
      reports: { from: '2025-11-01', accounting_method: 'Cash' },
    },
    switches: {
      tombstoneMetaData: true,
      cdcCap: 'per entity',
      cdcDuplicates: true,
      reportEngine: 'modern',
      propagationMovesSyncToken: true,
    },
  });
  const { states } = await validRun(bench);
  bench.clock.advance(DAY);
  editBooks(bench.books, { seed: 8, edits: 200, at: bench.clock.now() });
  bench.clock.advance(60_000);
  await validRun(bench, { states });
  expectContract(bench.quickbooks);
});

test('reports that are cut for their size are asked for in smaller ranges', async () => {
  const bench = await open({ limits: { ...UNLIMITED, reportCells: 1_500 } });
  await validRun(bench);
  expectContract(bench.quickbooks);
});

test('refusals: an expired token, a wrong company, a wrong secret, an entity that the plan lacks', async () => {
  const bench = await open({ switches: { forbidden: { Budget: '5030', Employee: '5020' } } });
  bench.quickbooks.expireAccessTokens();
  const { errors } = await run(bench);
  expect(errors.length).toBe(2);
  const wrong = async (config: Record<string, unknown>): Promise<void> => {
    const context = await contextOf(source, { ...bench, config: { ...bench.config, ...config } }, []);
    await expect(source.check(context)).rejects.toMatchObject({ kind: 'config' });
  };
  await wrong({ realm_id: '1234567890123456789' });
  await wrong({ credentials: { ...(bench.config.credentials as object), client_secret: 'wrong' } });
  expect(bench.quickbooks.requests.some(({ status }) => status === 401)).toBe(true);
  expectContract(bench.quickbooks);
});

test('a login by the consent page, and what it leads to', async () => {
  const bench = await open({ switches: { consent: 'allow' } });
  const redirect = 'http://localhost:8976/callback';
  let back: URL | undefined;
  const ports: LoginPorts = {
    listen: async () => ({
      url: redirect,
      wait: async () => back ?? new URL(redirect),
      close: async () => undefined,
    }),
    open: async (url) => {
      const page = await fetch(url, { redirect: 'manual' });
      back = new URL(page.headers.get('location') ?? redirect);
    },
    choose: async (_, options) => options.map(({ value }) => value),
  };
  const context = await contextOf(source, bench, []);
  const ready = await source.login?.(context, ports);
  bench.config = { ...ready };
  await source.check(await contextOf(source, bench, []));
  expectContract(bench.quickbooks);
});

test.each([
  ['select everything of nothing', /breaks the grammar/],
  ['SELECT * FROM Invoice MAXRESULTS 1001', /MAXRESULTS 1001/],
  ['SELECT * FROM Invoice STARTPOSITION 0 MAXRESULTS 10', /counts from 1/],
  ['SELECT * FROM Invoice', /without MAXRESULTS/],
  ['SELECT * FROM Customer MAXRESULTS 10', /stay hidden/],
  ['SELECT * FROM Invoice WHERE Active IN (true,false) MAXRESULTS 10', /no Active/],
  ['SELECT * FROM Invoice STARTPOSITION 11 MAXRESULTS 10', /without an order/],
  ["SELECT * FROM Invoice WHERE Id = '1' OR Id = '2' MAXRESULTS 10", /not of the known kinds/],
  ['SELECT COUNT(*) FROM Invoice MAXRESULTS 10', /takes no order/],
])('the tables refuse "%s"', (statement, why) => {
  expect(judgeStatement(statement).join()).toMatch(why);
});

const at = '2026-05-05T05:16:21.718-07:00';
const second = '2026-05-05T05:16:21-07:00';
const row = {
  Id: '1',
  SyncToken: '0',
  MetaData: { CreateTime: second, LastUpdatedTime: second },
  domain: 'QBO',
  sparse: false,
};
const page = (entity: string, rows: readonly object[], more: object = {}) => ({
  QueryResponse: { [entity]: rows, startPosition: 1, maxResults: rows.length, ...more },
  time: at,
});
const reportOf = (value: unknown) => ({
  Header: {
    ...{ Time: second, ReportName: 'CashFlow', ReportBasis: 'Cash', EndPeriod: '2026-01-31' },
    ...{ Currency: 'NZD', Option: [{ Name: 'NoReportData', Value: 'false' }] },
  },
  Columns: { Column: [{ ColTitle: '', ColType: 'Account' }] },
  Rows: { Row: [{ type: 'Data', ColData: [{ value }] }] },
});

const answered = (status: number, body: unknown): LoggedRequest => ({
  ...{ method: 'GET', url: new URL('http://localhost'), headers: {}, body: Buffer.alloc(0), at: 0, status },
  answer: {
    status,
    headers: { 'content-type': 'application/json', intuit_tid: '1-2-3' },
    body: JSON.stringify(body),
  },
});

test.each([
  ['a page', 'query', 200, page('Customer', [row])],
  ['a page that counts', 'query', 200, page('Invoice', [row], { totalCount: 1 })],
  ['an empty page', 'query', 200, { QueryResponse: {}, time: at }],
  ['a report', 'report', 200, reportOf('12.50')],
  [
    'a fault',
    'query',
    400,
    { Fault: { Error: [{ Message: 'm', Detail: 'd', code: '4000' }], type: 'ValidationFault' }, time: at },
  ],
])('the tables take %s', (_, kind, status, body) => {
  expect(judgeAnswer(kind, answered(status, body))).toEqual([]);
});

test.each([
  ['an empty list of rows', 'query', 200, page('Invoice', [], { totalCount: 0 })],
  ['a count where the entity has none', 'query', 200, page('Customer', [row], { totalCount: 1 })],
  ['no count where the entity has one', 'query', 200, page('Invoice', [row])],
  ['a null', 'query', 200, page('Customer', [{ ...row, Notes: null }])],
  ['an id that is a number', 'query', 200, page('Customer', [{ ...row, Id: 1 }])],
  [
    'milliseconds in a record',
    'query',
    200,
    page('Customer', [{ ...row, MetaData: { CreateTime: at, LastUpdatedTime: at } }]),
  ],
  ['no time', 'query', 200, { QueryResponse: {} }],
  ['a number in a report', 'report', 200, reportOf(12.5)],
  [
    'a tombstone with content',
    'cdc',
    200,
    {
      CDCResponse: [
        page('Invoice', [{ domain: 'QBO', status: 'Deleted', Id: '1', TotalAmt: 5 }], { totalCount: 1 }),
      ],
      time: at,
    },
  ],
  [
    'a fault without a code',
    'query',
    400,
    { Fault: { Error: [{ Message: 'm', Detail: 'd' }], type: 'SystemFault' }, time: at },
  ],
  ['rows under the status of a refusal', 'query', 400, page('Customer', [row])],
])('the tables refuse an answer with %s', (_, kind, status, body) => {
  expect(judgeAnswer(kind, answered(status, body))).not.toEqual([]);
});

test('every kind of request was seen', () => {
  expect([...seen].toSorted()).toEqual([...KINDS].toSorted());
});
