// The audit trail on the page: found by record, job, pipeline, outcome and time, page by page, and as CSV.
import { expect, test } from 'vitest';
import { auditRow, endedJob, noon, type OpenPage, openPage } from './page-open.ts';

const day = 86_400_000;

async function filled(): Promise<OpenPage> {
  const page = await openPage();
  const { id } = await endedJob(page);
  await page.store.audit.add([
    ...Array.from({ length: 120 }, (_, index) => auditRow(id, `k${index}`, { readAt: noon - 1_000 })),
    auditRow(id, 'old', { readAt: noon - 30 * day, deliveredAt: noon - 30 * day }),
    auditRow(8, 'bad', { outcome: 'rejected', pipeline: 'other', stream: 'contacts', document: '=1+1' }),
  ]);
  return page;
}

const records = (text: string): readonly string[] =>
  [...text.matchAll(/href="\/audit\?record=([^"&]+)"/g)].map(([, name = '']) => decodeURIComponent(name));

async function search(page: OpenPage, query: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${page.url}/audit${query}`, { headers: { accept: 'text/html' } });
  return { status: reply.status, text: await reply.text() };
}

test.each([
  ['?record=INV-k7', ['INV-k7']],
  ['?record=k7', ['INV-k7']],
  ['?record=%20INV-old%20', ['INV-old']],
  ['?job=8', ['=1+1']],
  ['?pipeline=other', ['=1+1']],
  ['?stream=contacts', ['=1+1']],
  ['?outcome=rejected', ['=1+1']],
  ['?outcome=delivered&since=2026-10-01&stream=invoices&record=old', ['INV-old']],
  ['?record=nothing', []],
  ['?record=k7&record=k8', ['INV-k7']],
  ['?record=k7%00', ['INV-k7']],
])('%s finds what it says', async (query, found) => {
  const page = await filled();
  expect(records((await search(page, query)).text)).toEqual(found);
});

test('a search by neither record nor job is of the last seven days unless it says otherwise', async () => {
  const page = await filled();
  const { text } = await search(page, '?page=3');
  expect(text).toContain('name="since" value="7d"');
  expect(records(text)).toHaveLength(21);
  expect(records((await search(page, '?page=3&since=2026-01-01')).text)).toHaveLength(22);
});

test('pages hold fifty rows, newest first, with ways to the next and the one before', async () => {
  const page = await filled();
  const first = await search(page, '?stream=invoices');
  expect(records(first.text)).toHaveLength(50);
  expect(records(first.text)[0]).toBe('INV-k119');
  expect(first.text).toContain('href="/audit?stream=invoices&amp;since=7d&amp;page=2"');
  expect(first.text).not.toContain('← Newer');
  const last = await search(page, '?stream=invoices&page=3');
  expect(records(last.text)).toHaveLength(20);
  expect(last.text).toContain('← Newer');
  expect(last.text).not.toContain('Older →');
  // A page far behind is no way to read the whole trail at once.
  expect((await search(page, '?page=999999999')).status).toBe(200);
});

test.each([
  ['?since=yesterday', 'Give a date, a time or how long ago'],
  ['?job=twelve', 'Give the number of a job'],
])('%s is refused at its field, and kept there', async (query, words) => {
  const page = await filled();
  const { status, text } = await search(page, query);
  expect([status, text.includes(words)]).toEqual([400, true]);
  expect(text).toMatch(
    /value="(yesterday|twelve)" [^>]*aria-invalid="true" aria-describedby="(since|job)-problem"/,
  );
  const csv = await fetch(`${page.url}/audit.csv${query}`);
  expect([csv.status, await csv.text()]).toEqual([400, expect.stringContaining(words)]);
});

test('the CSV has all that was found, and nothing that a spreadsheet would compute', async () => {
  const page = await filled();
  const { text } = await search(page, '?stream=invoices');
  const link = /href="(\/audit\.csv[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const reply = await fetch(`${page.url}${link}`);
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(reply.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
  const lines = (await reply.text()).trimEnd().split('\r\n');
  expect(lines).toHaveLength(121);
  expect(lines[0]).toMatch(/^pipeline,tenant,stream,key,document,hash,/);
  const other = await (await fetch(`${page.url}/audit.csv?pipeline=other`)).text();
  expect(other).toContain(",'=1+1,");
});

test('a store that fails in the middle of a CSV cuts it off, and the page goes on', async () => {
  const page = await filled();
  const { store } = page;
  async function* broken() {
    yield auditRow(1, 'one');
    throw new Error('the disk is gone');
  }
  const real = store.audit.find;
  Object.assign(store.audit, { find: broken });
  await expect(fetch(`${page.url}/audit.csv`).then((reply) => reply.text())).rejects.toThrow();
  Object.assign(store.audit, { find: real });
  expect((await search(page, '?record=k7')).status).toBe(200);
});
