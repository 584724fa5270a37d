// The page's HTML, figures and times: nothing that is put in becomes markup, and people can read the rest.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectorName, counted, linkTo, pipelineLink } from '../../runner/page/figures.ts';
import { html, textOf } from '../../runner/page/html.ts';
import { dayPlot, everyDay, plottedDays } from '../../runner/page/plot.ts';
import { inWords, lasting, moment, utc } from '../../runner/page/times.ts';
import { noon } from './page-open.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '');

test('whatever text is put in stays text, between tags and in attributes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const made = textOf(html`<p title="${text}">${text}</p>`);
      const [, attribute = '', inner = ''] = /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(made) ?? [];
      expect(unescaped(attribute)).toBe(text);
      expect(unescaped(inner)).toBe(text);
      expect(inner).not.toMatch(/[<>"']/);
    }),
  );
});

test('HTML within HTML is not escaped again, lists are joined, what is absent leaves nothing', () => {
  const items = ['a<b', 'c'].map((item) => html`<li>${item}</li>`);
  expect(textOf(html`<ul>${items}${undefined}${false}${0}</ul>`)).toBe('<ul><li>a&lt;b</li><li>c</li>0</ul>');
});

test('an object that only looks like HTML cannot pass as it', () => {
  const forged = JSON.parse('{"Symbol(markup)":"<script>","0":"<b>"}') as never;
  expect(() => textOf(html`<p>${forged}</p>`)).toThrow();
});

test('figures have separators, names and links are safe in addresses', () => {
  expect(counted(1, 'record')).toBe('1 record');
  expect(counted(1234567, 'record')).toBe('1,234,567 records');
  expect(connectorName('/opt/programs/archive.mjs')).toBe('archive.mjs');
  expect(pipelineLink('a/b?c#"<')).toBe('/pipelines/a%2Fb%3Fc%23%22%3C');
  expect(linkTo('/audit', { record: 'INV 1&2', job: undefined, stream: '' })).toBe('/audit?record=INV+1%262');
});

test.each([
  [noon - 400, 'just now'],
  [noon - 5_000, '5 seconds ago'],
  [noon - 89_000, '89 seconds ago'],
  [noon - 120_000, '2 minutes ago'],
  [noon + 90 * 60_000, 'in 2 hours'],
  [noon - 47 * 3_600_000, '2 days ago'],
  [noon - 40 * 86_400_000, '40 days ago'],
])('a point in time reads as people say it: %i is %s', (at, words) => {
  expect(inWords(at, noon)).toBe(words);
});

test('times carry their instant for machines, and in UTC for people', () => {
  expect(utc(noon)).toBe('2026-11-20 12:00:00 UTC');
  expect(textOf(moment(noon - 300_000, noon))).toBe(
    '<time datetime="2026-11-20T11:55:00.000Z">5 minutes ago <small>2026-11-20 11:55:00 UTC</small></time>',
  );
  expect([200, 62_000, 7_260_000, 93_600_000].map(lasting)).toEqual([
    '0 s',
    '1 min 2 s',
    '2 h 1 min',
    '1 d 2 h',
  ]);
});

test('the plot has a bar for each of thirty days, days without records too, and the figures as a table', () => {
  const days = everyDay(
    [
      { day: '2026-11-20', records: 12_345 },
      { day: '2026-10-22', records: 1 },
      { day: '2026-10-21', records: 9 },
    ],
    noon,
  );
  expect(days).toHaveLength(plottedDays);
  expect(days.at(-1)).toEqual({ day: '2026-11-20', records: 12_345 });
  expect(days[0]).toEqual({ day: '2026-10-22', records: 1 });
  const drawn = textOf(dayPlot(days, { of: 'by <all>' }));
  expect(drawn.match(/class="bar"/g)).toHaveLength(plottedDays);
  expect(drawn).toContain(
    '<title id="plot-title">Records committed per day by &lt;all&gt;, last 30 days</title>',
  );
  expect(drawn).toContain('12,346 records in all; most on 2026-11-20: 12,345.');
  expect(drawn.match(/<th scope="row">/g)).toHaveLength(plottedDays);
  // The one record of the first day is still to be seen, and no bar leaves the drawing.
  const heights = [...drawn.matchAll(/class="bar".*? height="([\d.]+)"/g)].map(([, height]) =>
    Number(height),
  );
  expect(heights[0]).toBe(2);
  expect(Math.max(...heights)).toBeLessThanOrEqual(176);
  expect(heights[1]).toBe(0);
});

test('a plot of nothing says so', () => {
  expect(textOf(dayPlot(everyDay([], noon), { of: 'by all' }))).toContain('No records were committed');
});
