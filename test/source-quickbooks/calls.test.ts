// Nothing but reads ever leaves: the guard refuses all else, and a whole run asks for nothing else.
import type { HttpRequest } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { isRead, readsOnly } from '../../source-quickbooks/calls.ts';
import { openBench, run } from './bench.ts';

const root = 'https://quickbooks.api.intuit.com/v3/company/123';
const get = (path: string): HttpRequest => ({ method: 'GET', url: `${root}/${path}` });
const post = (path: string, body: unknown): HttpRequest => ({
  method: 'POST',
  url: `${root}/${path}`,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const batch = (...items: readonly unknown[]) => post('batch', { BatchItemRequest: items });

test.each([
  get('companyinfo/123?minorversion=75'),
  get('query?query=select%20*%20from%20Invoice'),
  get('cdc?entities=Invoice&changedSince=2026-01-01'),
  get('reports/ProfitAndLoss?start_date=2026-01-01'),
  batch({ bId: '0', Query: 'SELECT * FROM Bill' }, { bId: '1', Query: 'select count(*) from Bill' }),
])('$method $url is a read', (request) => {
  expect(isRead(request)).toBe(true);
});

test.each([
  get('invoice/1'),
  get('download/1'),
  get('invoice/1/pdf'),
  get('reports/ProfitAndLoss?operation=delete'),
  { ...get('query'), method: 'DELETE' as const },
  { ...get('query'), body: 'x' },
  post('invoice', { Id: '1' }),
  post('invoice?operation=delete', { Id: '1' }),
  post('query', 'select * from Invoice'),
  post('batch?operation=delete', { BatchItemRequest: [] }),
  post('upload', ''),
  batch({ bId: '0', operation: 'delete', Invoice: { Id: '1', SyncToken: '0' } }),
  batch({ bId: '0', Query: 'SELECT * FROM Bill' }, { bId: '1', operation: 'create', Invoice: {} }),
  batch({ bId: '0', Query: 'SELECT * FROM Bill', operation: 'update' }),
  batch({ bId: '0', Query: 'DELETE FROM Bill' }),
  post('batch', { BatchItemRequest: [], Invoice: {} }),
  post('batch', 'not json'),
  { method: 'GET' as const, url: 'https://quickbooks.api.intuit.com/v4/graphql' },
  { method: 'POST' as const, url: 'nowhere' },
])('$method $url is refused before it leaves', async (request) => {
  let sent = 0;
  const send = readsOnly()(async () => {
    sent += 1;
    return { status: 200, headers: {}, body: Buffer.alloc(0), text: () => '', json: () => ({}) };
  });
  await expect(send(request)).rejects.toMatchObject({
    kind: 'system',
    message: expect.stringMatching(/only reads/),
  });
  expect(sent).toBe(0);
});

test('a run with everything in it sends reads alone, each with the newest minor version', async () => {
  const bench = await openBench({ documents: 60 });
  const { states } = await run(bench);
  await run(bench, { states });
  const [id = ''] = bench.quickbooks.records('Invoice').map(({ Id }) => String(Id));
  await run(bench, { only: [{ stream: 'invoices', tenant: bench.realm, id }] });
  const { requests, writes } = bench.quickbooks;
  const calls = requests.filter(({ url }) => url.pathname.startsWith('/v3/'));
  expect(calls.length).toBeGreaterThan(40);
  for (const { method, url, body } of calls) {
    const content = method === 'POST' ? { body: body.toString() } : {};
    expect(isRead({ method: method as 'GET', url: url.href, ...content })).toBe(true);
    expect(url.searchParams.get('minorversion')).toBe('75');
  }
  expect(writes).toEqual([]);
});
