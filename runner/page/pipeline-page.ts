// The page of one pipeline: its streams and how fresh they are, its schedules, quotas, jobs and records per day.
import { told } from '../settings/index.ts';
import type { Freshness, Job, Quota } from '../store/index.ts';
import { badge } from './badges.ts';
import { failureCard, failuresOf } from './failures.ts';
import { figure, linkTo } from './figures.ts';
import { type Html, html } from './html.ts';
import { jobsTable } from './jobs-table.ts';
import type { Page } from './layout.ts';
import { type LiveView, liveSection } from './live.ts';
import { type NextRun, nextRuns, type TimesOf } from './next-run.ts';
import { type Day, dayPlot } from './plot.ts';
import { quotaTable } from './quota-table.ts';
import type { Standing } from './standing.ts';
import { table } from './table.ts';
import { moment } from './times.ts';
import type { Visit } from './visit.ts';

/** Failures that are shown here; the page of failures has them all. */
const shownFailures = 10;

export interface PipelineData {
  readonly standing: Standing;
  readonly live: LiveView;
  readonly freshness: readonly Freshness[];
  readonly quotas: readonly Quota[];
  readonly days: readonly Day[];
  /** The newest, newest first. */
  readonly jobs: readonly Job[];
  readonly timesOf: TimesOf;
}

export function pipelinePage(data: PipelineData, visit: Visit): Page {
  const { pipeline } = data.standing;
  const { now } = visit;
  const { name } = pipeline;
  return {
    title: name,
    section: 'overview',
    content: html`${facts(data, now)}
${
  pipeline.problems.length > 0 &&
  html`<section class="problem" aria-labelledby="problems-title"><h2 id="problems-title">It cannot start</h2>
<ul>${pipeline.problems.map((problem) => html`<li>${told(problem)}</li>`)}</ul>
<p>Mend these places of <code>ledgerpipe.yaml</code> and start the runner again.</p></section>`
}
${liveSection(data.live, now)}
<div id="failed" data-fresh>${failures(data, visit)}</div>
<section aria-labelledby="streams-title" id="streams" data-fresh>
<h2 id="streams-title">Freshness</h2>
${streamTable(data.freshness, now)}
</section>
<section aria-labelledby="days-title" id="days" data-fresh>
<h2 id="days-title">Records per day</h2>
${dayPlot(data.days, { of: `by ${name}` })}
</section>
<section aria-labelledby="schedules-title">
<h2 id="schedules-title">Schedules</h2>
${scheduleTable(nextRuns(pipeline, { now, timesOf: data.timesOf }), now)}
</section>
<section aria-labelledby="quotas-title" id="quotas" data-fresh>
<h2 id="quotas-title">Quota left</h2>
${quotaTable(data.quotas, now)}
</section>
<section aria-labelledby="jobs-title" id="jobs" data-fresh>
<h2 id="jobs-title">Newest jobs</h2>
${jobsTable(data.jobs, { now, label: 'Newest jobs', empty: 'It has not run yet.', pipelines: false })}
<p><a href="${linkTo('/jobs', { pipeline: name })}">All its jobs</a> · <a href="${linkTo('/audit', { pipeline: name })}">Its records in the audit trail</a></p>
</section>`,
  };
}

function facts({ standing }: PipelineData, now: number): Html {
  const { pipeline, condition, waiting } = standing;
  const { source, destination, tenant, streams, connection } = pipeline;
  return html`<dl class="facts" id="facts" data-fresh>
<div><dt>Health</dt><dd>${badge(condition)}</dd></div>
<div><dt>From</dt><dd>${source.connector}</dd></div>
<div><dt>To</dt><dd>${destination.connector}</dd></div>
${tenant !== undefined && html`<div><dt>Tenant</dt><dd>${tenant}</dd></div>`}
<div><dt>Consent</dt><dd>${connection}</dd></div>
<div><dt>Streams</dt><dd>${streams ? streams.join(', ') : 'all that the source offers'}</dd></div>
<div><dt>Waiting</dt><dd>${waiting ? html`${figure(waiting.jobs)}, the first due ${moment(waiting.dueAt, now)}` : 'nothing'}</dd></div>
</dl>`;
}

function failures({ standing: { unresolved } }: PipelineData, visit: Visit): Html | undefined {
  if (unresolved.length === 0) return undefined;
  return html`<section aria-labelledby="failures-title">
<h2 id="failures-title">Failures</h2>
<div class="cards">${failuresOf(unresolved)
    .slice(0, shownFailures)
    .map((one) => failureCard(one, visit, { replayable: true }))}</div>
</section>`;
}

const streamTable = (freshness: readonly Freshness[], now: number): Html =>
  table(
    [{ name: 'Stream' }, { name: 'Committed' }, { name: 'Records of that job', figures: true }],
    freshness
      .toSorted((one, other) => other.committedAt - one.committedAt)
      .map(({ stream, committedAt, records }) => [stream, moment(committedAt, now), figure(records)]),
    { label: 'Freshness per stream', empty: 'Nothing has been committed yet.' },
  );

const scheduleTable = (runs: readonly NextRun[], now: number): Html =>
  table(
    [{ name: 'Streams' }, { name: 'Cron' }, { name: 'Time zone' }, { name: 'Next' }],
    runs.map(({ schedule: { streams, cron, timezone, jitter_seconds: jitter }, at }) => [
      streams === undefined ? 'all' : typeof streams === 'string' ? streams : streams.join(', '),
      html`<code>${cron}</code>`,
      timezone,
      html`${moment(at, now)}${jitter > 0 && html`<small>up to ${figure(jitter)} s later</small>`}`,
    ]),
    { label: 'Schedules', empty: 'It has none: it runs by hand and by webhooks.' },
  );
