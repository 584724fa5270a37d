// The page in a real browser: with and without scripts, wide and narrow, light and dark, by keyboard.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { browserTest, openBrowser } from './page-browser.ts';
import { auditRow, endedJob, noon, type OpenPage, openPage } from './page-open.ts';
import { pipelineOf } from './pipeline-of.ts';

const failure = { kind: 'config', message: 'Cannot log in to "Acme": log in again' } as const;

interface Tab {
  readonly tab: Page;
  /** What the browser complained of: scripts that failed, policies that were broken. */
  readonly complaints: string[];
}

async function openTab(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const tab = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(String(error)));
  await tab.goto(url);
  return { tab, complaints };
}

/** Something of everything. */
async function fill(page: OpenPage): Promise<void> {
  const { store, live } = page;
  const done = await endedJob(page, {}, { read: 1_500, committed: 1_499 });
  await store.audit.add(Array.from({ length: 60 }, (_, index) => auditRow(done.id, `00${index}`)));
  await store.states.keep(
    'books',
    { type: 'STREAM', stream: { stream_descriptor: { name: 'invoices' } } },
    1,
  );
  await store.overview.keepQuota({ pipeline: 'books', tenant: 'acme', limit: 'day', left: 0, at: noon });
  await endedJob(page, { pipeline: 'ill' }, { state: 'failed', failure });
  const reference = { stream: 'invoices', tenant: 'acme', id: '7' };
  await endedJob(page, { pipeline: 'ill', records: [reference] }, { state: 'parked', failure });
  live.push({ pipeline: 'books', job: 9, since: noon, read: 18_312, committed: 15_000, stream: 'invoices' });
}

const openFilled = async (): Promise<OpenPage> => {
  const schedules = [{ cron: '*/15 * * * *', timezone: 'UTC', jitter_seconds: 60 }];
  const problems = [{ line: 4, column: 2, message: 'give "host"' }];
  const page = await openPage({
    pipelines: [
      pipelineOf('books', { schedules }),
      pipelineOf('ill'),
      pipelineOf('broken', { problems }),
      ...['p1', 'p2', 'p3'].map((name) => pipelineOf(name)),
    ],
  });
  await fill(page);
  return page;
};

const paths = [
  '/',
  '/failures',
  '/jobs',
  '/jobs/1',
  '/jobs/3',
  '/pipelines/books',
  '/pipelines/broken',
  '/quotas',
].concat('/audit', '/audit?record=INV-007', '/audit?since=soon', '/nowhere');

browserTest('a failed job is replayed by its button, without any script, and its page follows', async () => {
  const page = await openFilled();
  const { tab } = await openTab(await openBrowser(), page.url, { javaScriptEnabled: false });
  await tab.getByRole('button', { name: 'Replay job 2 of ill' }).click();
  await tab.waitForURL('**/jobs/4');
  expect(await tab.getByRole('heading', { level: 1 }).textContent()).toBe('Job 4');
  expect(await page.store.jobs.get(4)).toMatchObject({ cause: 'replay', replayOf: 2, state: 'waiting' });
  // Loading the page again adds nothing.
  await tab.reload();
  expect(await page.store.jobs.list()).toHaveLength(4);
});

browserTest('a login by the token leads on, and its end leads back', async () => {
  const page = await openPage({ http: { token: 'a-long-token' } });
  const { tab, complaints } = await openTab(await openBrowser(), `${page.url}/audit?record=INV-1`);
  await tab.getByLabel('Token').fill('wrong');
  await tab.keyboard.press('Enter');
  await tab.getByText('That is not the token').waitFor();
  await tab.getByLabel('Token').fill('a-long-token');
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/audit?record=INV-1');
  expect(await tab.getByLabel('Document number or key').inputValue()).toBe('INV-1');
  expect(await tab.evaluate('document.cookie')).toBe('');
  await tab.getByRole('button', { name: 'Log out' }).click();
  await tab.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
});

browserTest('a link of another site leads to the page without another login', async () => {
  const page = await openPage({ http: { token: 'a-long-token' } });
  const other = createServer((_, reply) => {
    reply
      .setHeader('content-type', 'text/html')
      .end(`<a href="${page.url}/jobs?state=failed">the failure</a>`);
  }).listen(0, 'localhost');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { tab } = await openTab(await openBrowser(), page.url);
  await tab.getByLabel('Token').fill('a-long-token');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { name: 'Overview' }).waitFor();
  await tab.goto(`http://localhost:${(other.address() as AddressInfo).port}`);
  await tab.getByText('the failure').click();
  await tab.getByRole('heading', { name: 'Jobs' }).waitFor();
  expect(tab.url()).toBe(`${page.url}/jobs?state=failed`);
});

browserTest('what runs is shown as it goes on, and what came of it when it is over', async () => {
  const page = await openPage();
  const { store, live } = page;
  const { tab, complaints } = await openTab(await openBrowser(), page.url);
  await tab.getByText('Nothing runs at this moment.').waitFor();
  const { id } = await store.jobs.add({ pipeline: 'books', cause: 'manual', dueAt: 0 });
  await store.jobs.claim('tester', { now: page.clock.now(), milliseconds: 60_000 });
  live.push({ pipeline: 'books', job: id, since: page.clock.now(), read: 1_000, committed: 0 });
  const atWork = tab.getByRole('region', { name: 'Runs at work' });
  await atWork.getByText('1,000').waitFor();
  live[0] = { pipeline: 'books', job: id, since: noon, read: 2_500, committed: 2_000, stream: 'invoices' };
  await atWork.getByText('2,500').waitFor();
  await atWork.getByText('invoices').waitFor();
  live.length = 0;
  const ended = { state: 'done', read: 2_600, committed: 2_599, endedAt: page.clock.now() } as const;
  await store.jobs.finish(id, 'tester', ended);
  await tab.getByText('Nothing runs at this moment.').waitFor();
  await tab.getByRole('region', { name: 'Pipelines' }).getByText('2,599 committed').waitFor();
  expect(complaints).toEqual([]);
});

browserTest('a page whose runner is gone says that it is out of date', async () => {
  const page = await openPage();
  const { tab } = await openTab(await openBrowser(), page.url);
  await page.app.close();
  await tab.getByRole('status').getByText('The runner does not answer').waitFor();
});

browserTest('the search keeps what was asked, by keyboard alone, and gives the CSV', async () => {
  const page = await openFilled();
  const { tab } = await openTab(await openBrowser(), `${page.url}/audit`);
  await tab.keyboard.press('Tab');
  expect(await tab.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await tab.getByLabel('Document number or key').focus();
  await tab.keyboard.type('INV-007');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { name: 'What became of INV-007' }).waitFor();
  const [download] = await Promise.all([
    tab.waitForEvent('download'),
    tab.getByRole('link', { name: 'All that was found, as CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('audit.csv');
});

browserTest('no page breaks its own policy, on none does a script fail', async () => {
  const page = await openFilled();
  const browser = await openBrowser();
  for (const path of paths) {
    const { tab, complaints } = await openTab(browser, `${page.url}${path}`);
    await tab.waitForTimeout(100);
    const serious = complaints.filter((text) => !/status of (400|404)/.test(text));
    expect([path, serious]).toEqual([path, []]);
    await tab.context().close();
  }
});

browserTest('on a telephone no page scrolls sideways: its tables do', async () => {
  const page = await openFilled();
  const { tab } = await openTab(await openBrowser(), page.url, { viewport: { width: 360, height: 740 } });
  for (const path of paths) {
    await tab.goto(`${page.url}${path}`);
    expect([path, await tab.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
  }
  await tab.goto(page.url);
  const table = tab.locator('.scroll[aria-label="Pipelines"]');
  expect(
    await table.evaluate(
      (box: { scrollWidth: number; clientWidth: number }) => box.scrollWidth > box.clientWidth,
    ),
  ).toBe(true);
});

/**
 * In the page: pairs of colours that are below WCAG AA (4.5, or 3 for large text), fields without a label, buttons and
 * links without a name, tables without headings, headings that skip a level, and landmarks that are not there once.
 */
const flaws = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba('Canvas');
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
    const [one, other] = [light(ink), light(behind(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push('contrast ' + ratio.toFixed(2) + ': ' + walker.currentNode.data.trim());
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]), select'))
    if (field.labels.length !== 1) found.push('no label: ' + field.name);
  for (const control of document.querySelectorAll('button, a'))
    if (control.textContent.trim() === '') found.push('no name: ' + control.outerHTML);
  for (const table of document.querySelectorAll('table'))
    if (!table.querySelector('thead th[scope=col]') || [...table.tBodies[0].rows].some((row) => !row.querySelector('th[scope=row]')))
      found.push('no headings: ' + table.parentElement.ariaLabel);
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3')) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) found.push('skipped a level: ' + heading.textContent);
    level = own;
  }
  for (const name of ['h1', 'main', 'header', 'footer'])
    if (document.querySelectorAll('body > ' + name + ', main > ' + name).length !== 1) found.push('not one ' + name);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push('twice: ' + id);
  for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
    for (const id of (element.getAttribute('aria-labelledby') ?? element.getAttribute('aria-describedby')).split(' '))
      if (!document.getElementById(id)) found.push('names nothing: ' + id);
  if (document.documentElement.lang !== 'en' || document.title === '') found.push('no language or title');
  return found;
})()`;

for (const colorScheme of ['light', 'dark'] as const)
  browserTest(`everything can be read and is named, in the ${colorScheme} scheme`, async () => {
    const page = await openFilled();
    const { tab } = await openTab(await openBrowser(), page.url, { colorScheme });
    for (const path of paths) {
      await tab.goto(`${page.url}${path}`);
      expect([path, await tab.evaluate(flaws)]).toEqual([path, []]);
    }
    const guarded = await openPage({ http: { token: 'a-long-token' } });
    await tab.goto(guarded.url);
    expect(await tab.evaluate(flaws)).toEqual([]);
  });

browserTest('the look for flaws sees them', async () => {
  const page = await openFilled();
  const { tab } = await openTab(await openBrowser(), `${page.url}/audit`);
  await tab.evaluate(`document.querySelector('label').remove();
    document.querySelector('h1').style.setProperty('color', '#ccc');
    document.querySelector('th[scope=row]').removeAttribute('scope');
    document.querySelector('h2').outerHTML = '<h3>Too deep</h3>';`);
  const found = (await tab.evaluate(flaws)) as readonly string[];
  for (const flaw of ['no label', 'contrast', 'no headings', 'skipped a level', 'names nothing'])
    expect(found.join('\n')).toContain(flaw);
});

browserTest('the day of the plot under the pointer tells its records', async () => {
  const page = await openFilled();
  const { tab } = await openTab(await openBrowser(), page.url);
  const plot = tab.getByRole('img', { name: /^Records committed per day by all pipelines/ });
  expect(await plot.locator('g.day title').last().textContent()).toBe('2026-11-20: 1,499 records');
  const bars = await plot
    .locator('rect.bar')
    .evaluateAll((all) =>
      all.map((bar) => (bar as unknown as { getBBox(): { height: number } }).getBBox().height),
    );
  expect(bars.filter((height) => height > 0)).toHaveLength(1);
  await tab.getByText('The same as a table').click();
  await tab.getByRole('row', { name: '2026-11-20 1,499' }).waitFor();
});
