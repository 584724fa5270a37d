// Every answer of the Xero emulator is what the official document of the Accounting API says, known differences aside.
import { expect } from 'vitest';
import { generateBooks } from '../books/index.ts';
import type { LoggedRequest } from '../emulators/emulator.ts';
import { setUp } from '../emulators-tests/xero-setup.ts';
import { expectNone, type Finding, knownDifferences, unseenIn } from './findings.ts';
import { contractTest } from './specs.ts';
import { accounting, judgeAccounting, judgeAnswer } from './xero-contract.ts';
import { answerDifferences } from './xero-differences.ts';
import { askAll, editedBooks } from './xero-sweep.ts';

const answersTo = (requests: readonly LoggedRequest[]): readonly Finding[] =>
  requests.flatMap((request) => judgeAccounting(request).answer);

const refusals = (requests: readonly LoggedRequest[]): readonly string[] =>
  requests
    .filter(({ status }) => status !== 200)
    .map(({ status, url }) => `${status} ${url.pathname}${url.search}`);

contractTest(
  'every GET of the document is answered by its schema, and every known difference shows',
  async () => {
    const setup = await setUp({ books: editedBooks(), switches: { journals: true } });
    await askAll(setup);
    const american = { country: 'US', baseCurrency: 'USD' };
    const states = await setUp({ books: generateBooks({ seed: 4, documents: 60, company: american }) });
    await states.get('Reports/TenNinetyNine?reportYear=2025');
    const requests = [...setup.xero.requests, ...states.xero.requests];
    expect(refusals(requests)).toEqual(['400 /api.xro/2.0/Reports/TenNinetyNine']);
    const known = knownDifferences(answerDifferences);
    expectNone(known.unexplained(answersTo(requests)));
    expect(known.unused()).toEqual([]);
  },
);

contractTest('the differences that are said to show in the official examples do', () => {
  const findings = accounting().operations.flatMap(({ path, answer, example }) =>
    answer && example !== undefined ? judgeAnswer({ path, schema: answer }, example) : [],
  );
  expect(unseenIn(findings, answerDifferences)).toEqual([]);
});

contractTest('a refused query, a refused list and a warning are as the document says', async () => {
  const { get, xero } = await setUp({
    documents: 60,
    limits: { highVolume: 30 },
    switches: { highVolumeWarnings: true },
  });
  const query = await get('Contacts?where=Nonsense%3D%3D1');
  expect([query.status, query.json.Type]).toEqual([400, 'ValidationException']);
  const list = await get('Invoices?page=1');
  expect([list.status, list.json.Type]).toEqual([400, 'HighVolumeException']);
  const warned = await get('Contacts?page=1');
  expect([warned.status, warned.json.Warnings]).toEqual([200, [{ Message: expect.any(String) }]]);
  expectNone(knownDifferences(answerDifferences).unexplained(answersTo(xero.requests)));
});
