// Records per day as bars in SVG, with the same figures as a table.
import { counted, figure } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';

export const plottedDays = 30;

const dayMilliseconds = 86_400_000;

/** In units of the drawing; the page scales it. */
const size = { width: 760, height: 220, left: 76, right: 8, top: 14, bottom: 30 } as const;
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;

export interface Day {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly records: number;
}

/** Every day up to today, oldest first: those without records too. */
export function everyDay(days: readonly Day[], now: number): readonly Day[] {
  const known = new Map(days.map(({ day, records }) => [day, records]));
  return Array.from({ length: plottedDays }, (_, index) => {
    const day = new Date(now - (plottedDays - 1 - index) * dayMilliseconds).toISOString().slice(0, 10);
    return { day, records: known.get(day) ?? 0 };
  });
}

/** `days` as `everyDay` gives them; `of` ends the sentence "Records committed per day". */
export function dayPlot(days: readonly Day[], { of }: { readonly of: string }): Html {
  const total = days.reduce((sum, { records }) => sum + records, 0);
  if (total === 0)
    return html`<p class="empty">No records were committed in the last ${plottedDays} days.</p>`;
  const most = days.reduce((best, day) => (day.records > best.records ? day : best));
  const top = roundedUp(most.records);
  return html`<figure class="plot">
<div class="scroll" role="region" aria-label="Records per day" tabindex="0">
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="plot-title plot-desc">
<title id="plot-title">Records committed per day ${of}, last ${plottedDays} days</title>
<desc id="plot-desc">${counted(total, 'record')} in all; most on ${most.day}: ${figure(most.records)}.</desc>
${[0, top / 2, top].map((value) => gridLine(value, top))}
${days.map((day, index) => bar(day, index, top))}
${days.map((day, index) => (days.length - 1 - index) % 7 === 0 && dayLabel(day, index))}
</svg></div>
<figcaption>${counted(total, 'record')} in ${plottedDays} days; most on <time datetime="${most.day}">${most.day}</time>: ${figure(most.records)}.</figcaption>
<details><summary>The same as a table</summary>
${table(
  [{ name: 'Day (UTC)' }, { name: 'Records', figures: true }],
  days.toReversed().map(({ day, records }) => [html`<time datetime="${day}">${day}</time>`, figure(records)]),
  { label: 'Records per day', empty: '' },
)}</details>
</figure>`;
}

/** The next of 2, 4, 10, 20, 40, 100, ...: its half is a whole number. */
function roundedUp(value: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [2, 4, 10]) if (value <= step * power) return step * power;
}

const heightOf = (value: number, top: number): number => (value / top) * plotHeight;
const inTenths = (value: number): number => Math.round(value * 10) / 10;

function gridLine(value: number, top: number): Html {
  const y = inTenths(size.top + plotHeight - heightOf(value, top));
  return html`<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y}" y2="${y}"/><text class="axis" x="${size.left - 8}" y="${y + 4}" text-anchor="end">${figure(value)}</text>
`;
}

const slot = plotWidth / plottedDays;

function bar({ day, records }: Day, index: number, top: number): Html {
  // A few records on a day beside thousands are still to be seen.
  const height = records === 0 ? 0 : Math.max(2, heightOf(records, top));
  const [x, y] = [inTenths(size.left + index * slot + slot * 0.14), inTenths(size.top + plotHeight - height)];
  return html`<g class="day"><title>${day}: ${counted(records, 'record')}</title><rect class="slot" x="${inTenths(
    size.left + index * slot,
  )}" y="${size.top}" width="${inTenths(slot)}" height="${plotHeight}"/><rect class="bar" x="${x}" y="${y}" width="${inTenths(
    slot * 0.72,
  )}" height="${inTenths(height)}" rx="1.5"/></g>
`;
}

const monthDay = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

function dayLabel({ day }: Day, index: number): Html {
  const x = inTenths(size.left + (index + 0.5) * slot);
  return html`<text class="axis" x="${x}" y="${size.height - 8}" text-anchor="middle">${monthDay.format(Date.parse(day))}</text>
`;
}
