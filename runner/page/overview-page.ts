// The first page: how all pipelines stand, what runs, what failed, what was delivered, what is left of the quotas.
import type { Freshness, Job, Quota } from '../store/index.ts';
import { failureCard, failuresOf } from './failures.ts';
import { counted, figure } from './figures.ts';
import { type Html, html, type Piece } from './html.ts';
import type { Page } from './layout.ts';
import { type LiveView, liveSection } from './live.ts';
import type { TimesOf } from './next-run.ts';
import { type Choice, pipelinesPart } from './pipelines-part.ts';
import { type Day, dayPlot } from './plot.ts';
import { byScarcity, quotaTable } from './quota-table.ts';
import { needsPerson, type Standing } from './standing.ts';
import type { Visit } from './visit.ts';

const shownFailures = 5;
const shownQuotas = 10;

export interface OverviewData {
  readonly standings: readonly Standing[];
  readonly choice: Choice;
  /** Of the pipelines that are shown. */
  readonly freshness: readonly Freshness[];
  readonly live: LiveView;
  readonly days: readonly Day[];
  readonly quotas: readonly Quota[];
  readonly timesOf: TimesOf;
}

export const overviewPage = (data: OverviewData, visit: Visit): Page => ({
  title: 'Overview',
  section: 'overview',
  content: html`${headline(data)}
${tiles(data)}
${liveSection(data.live, visit.now)}
${failures(data, visit)}
${pipelinesPart(data, visit)}
<section aria-labelledby="days-title" id="days" data-fresh>
<h2 id="days-title">Records per day</h2>
${dayPlot(data.days, { of: 'by all pipelines' })}
</section>
<section aria-labelledby="quotas-title" id="quotas" data-fresh>
<h2 id="quotas-title">Quota left</h2>
${quotaTable(byScarcity(data.quotas).slice(0, shownQuotas), visit.now)}
${data.quotas.length > shownQuotas && html`<p><a href="/quotas">All ${figure(data.quotas.length)} quotas</a></p>`}
</section>`,
});

function headline({ standings }: OverviewData): Html {
  const urgent = standings.filter(needsPerson).length;
  const never = standings.every(({ last }) => last === undefined);
  const said: Piece =
    standings.length === 0
      ? html`The settings have no pipelines yet: add one to <code>ledgerpipe.yaml</code>, <code>ledgerpipe init</code> shows how.`
      : urgent > 0
        ? html`<strong>${counted(urgent, 'pipeline needs', 'pipelines need')} you</strong>, of ${figure(standings.length)}.`
        : never
          ? html`No pipeline has run yet. Schedules and webhooks start them, or <code>ledgerpipe sync</code> does.`
          : html`All is well with ${counted(standings.length, 'pipeline')}.`;
  return html`<p class="headline ${urgent > 0 ? 'bad' : 'good'}" id="headline" data-fresh>${said}</p>`;
}

function tiles({ standings, live, days }: OverviewData): Html {
  const unresolved = standings.reduce((sum, standing) => sum + standing.unresolved.length, 0);
  const waiting = standings.reduce((sum, standing) => sum + (standing.waiting?.jobs ?? 0), 0);
  const entries: readonly (readonly [string, number, string])[] = [
    ['Pipelines', standings.length, '#pipelines'],
    ['Running', live.runs.length, '/jobs?state=running'],
    ['Waiting', waiting, '/jobs?state=waiting'],
    ['To be replayed', unresolved, '/failures'],
    ['Records today', days.at(-1)?.records ?? 0, '#days'],
  ];
  return html`<ul class="tiles" id="tiles" data-fresh>
${entries.map(
  ([
    name,
    value,
    link,
  ]) => html`<li><a href="${link}"><strong>${figure(value)}</strong> <span>${name}</span></a></li>
`,
)}</ul>`;
}

function failures({ standings }: OverviewData, visit: Visit): Html {
  const jobs = standings.flatMap(({ unresolved }): readonly Job[] => unresolved);
  const all = failuresOf(jobs.toSorted((one, other) => other.id - one.id));
  return html`<section aria-labelledby="failures-title" id="failures" data-fresh>
<h2 id="failures-title">Failures</h2>
${all.length === 0 && html`<p class="empty">Nothing waits for a replay.</p>`}
<div class="cards">${all.slice(0, shownFailures).map((one) => failureCard(one, visit, { replayable: true }))}</div>
${all.length > shownFailures && html`<p><a href="/failures">All ${figure(all.length)} failures</a></p>`}
</section>`;
}
