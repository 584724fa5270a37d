// The page of one job: how it went, what it was about, what became of its records.
import type { AuditRow, Job, StoredEvent } from '../store/index.ts';
import { auditTable } from './audit-table.ts';
import { badge } from './badges.ts';
import { remedyOf, subjectOf } from './failures.ts';
import { counted, figure, jobLink, linkTo, pipelineLink } from './figures.ts';
import { type Html, html } from './html.ts';
import { jobsTable } from './jobs-table.ts';
import type { Page } from './layout.ts';
import { type LiveView, liveSection } from './live.ts';
import { replayButton } from './replay-button.ts';
import { table } from './table.ts';
import { lasting, moment } from './times.ts';
import type { Visit } from './visit.ts';

export const recordsOfJob = 50;
export const eventsOfJob = 20;

export interface JobData {
  readonly job: Job;
  /** Starts that a job has before it is parked. */
  readonly attempts: number;
  /** One more than is shown when there are more. */
  readonly records: readonly AuditRow[];
  /** Of the first events. */
  readonly events: readonly StoredEvent[];
  /** Jobs that replay this one. */
  readonly replays: readonly Job[];
  readonly live: LiveView;
  /** Whether the settings have its pipeline. */
  readonly known: boolean;
}

export function jobPage(data: JobData, visit: Visit): Page {
  const { job, events, replays, live } = data;
  const { now } = visit;
  return {
    title: `Job ${job.id}`,
    section: 'jobs',
    content: html`<div id="about" data-fresh>${facts(data, now)}
${
  job.failure &&
  html`<section class="problem" aria-labelledby="failure-title"><h2 id="failure-title">${job.state === 'waiting' ? 'Why it is tried again' : 'Why it failed'}</h2>
<p class="reason">${job.failure.message}</p>
${job.state !== 'waiting' && html`<p class="remedy">${remedyOf(job.failure)}</p>`}</section>`
}
${replayPart(data, visit)}</div>
${(job.state === 'waiting' || job.state === 'running') && liveSection(live, now)}
<div id="outcome" data-fresh>${recordsPart(data, now)}
${job.records && html`<section aria-labelledby="asked-title"><h2 id="asked-title">Records asked for</h2>${askedTable(job)}</section>`}
${
  (job.events?.length ?? 0) > 0 &&
  html`<section aria-labelledby="events-title"><h2 id="events-title">Webhook events</h2>${eventTable(events, visit)}
${(job.events?.length ?? 0) > events.length && html`<p class="quiet">${figure(events.length)} of ${counted(job.events?.length ?? 0, 'event')}</p>`}</section>`
}
${replays.length > 0 && html`<section aria-labelledby="replays-title"><h2 id="replays-title">Replays of it</h2>${jobsTable(replays, { now, label: 'Replays', empty: '', pipelines: false })}</section>`}</div>`,
  };
}

function facts({ job, attempts }: JobData, now: number): Html {
  const { pipeline, state, cause, attempt, read, committed, createdAt, startedAt, endedAt, dueAt } = job;
  return html`<dl class="facts">
<div><dt>State</dt><dd>${badge(state)}</dd></div>
<div><dt>Pipeline</dt><dd><a href="${pipelineLink(pipeline)}">${pipeline}</a></dd></div>
<div><dt>Cause</dt><dd>${cause}${job.replayOf !== undefined && html` of <a href="${jobLink(job.replayOf)}">job ${job.replayOf}</a>`}</dd></div>
<div><dt>Reads</dt><dd>${subjectOf(job)}</dd></div>
<div><dt>Attempts</dt><dd>${figure(attempt)} of up to ${figure(attempts)}</dd></div>
<div><dt>Records</dt><dd>${figure(read)} read, ${figure(committed)} committed</dd></div>
<div><dt>Made</dt><dd>${moment(createdAt, now)}</dd></div>
${state === 'waiting' && html`<div><dt>Due</dt><dd>${moment(dueAt, now)}</dd></div>`}
${startedAt !== undefined && html`<div><dt>${attempt > 1 ? 'Last attempt began' : 'Began'}</dt><dd>${moment(startedAt, now)}</dd></div>`}
${endedAt !== undefined && html`<div><dt>Ended</dt><dd>${moment(endedAt, now)}</dd></div>`}
${startedAt !== undefined && html`<div><dt>Took</dt><dd>${lasting((endedAt ?? now) - startedAt)}</dd></div>`}
${job.owner !== undefined && html`<div><dt>Runner</dt><dd>${job.owner}</dd></div>`}
</dl>`;
}

function replayPart({ job, known }: JobData, visit: Visit): Html | undefined {
  if (job.state === 'waiting' || job.state === 'running') return undefined;
  if (!known)
    return html`<p class="quiet">The settings have no such pipeline any more, so that it cannot be replayed.</p>`;
  const does =
    job.records || job.state === 'done'
      ? 'Its records are read again, and merged in: nothing is doubled.'
      : 'It goes on from the last committed states.';
  return html`<div class="row">${replayButton({ job: job.id }, { visit, text: `Replay job ${job.id}` })} <p class="quiet">${does}</p></div>`;
}

function recordsPart({ job, records }: JobData, now: number): Html {
  const shown = records.slice(0, recordsOfJob);
  return html`<section aria-labelledby="records-title">
<h2 id="records-title">Records</h2>
${auditTable(shown, { now, label: 'Records of the job', empty: 'The audit trail has no record of this job.', jobs: false })}
${shown.length > 0 && html`<p>${records.length > shown.length && 'The newest ones. '}<a href="${linkTo('/audit', { job: job.id })}">All in the audit trail</a> · <a href="${linkTo('/audit.csv', { job: job.id })}">as CSV</a></p>`}
</section>`;
}

/** As many as a person reads. */
const askedTable = ({ records = [] }: Job): Html =>
  html`${table(
    [{ name: 'Stream' }, { name: 'Tenant' }, { name: 'Key' }],
    records
      .slice(0, recordsOfJob)
      .map(({ stream, tenant, id }) => [stream, tenant, html`<code>${id}</code>`]),
    { label: 'Records asked for', empty: '' },
  )}${records.length > recordsOfJob && html`<p class="quiet">${figure(recordsOfJob)} of ${counted(records.length, 'record')}</p>`}`;

const eventTable = (events: readonly StoredEvent[], visit: Visit): Html =>
  table(
    [
      { name: 'Event' },
      { name: 'What' },
      { name: 'Record' },
      { name: 'State' },
      { name: 'Happened' },
      { name: 'Came' },
      { name: 'Replay' },
    ],
    events.map(({ id, type, stream, record, state, happenedAt, receivedAt }) => [
      html`<code>${id}</code>`,
      type,
      html`${stream} <code>${record}</code>`,
      state,
      moment(happenedAt, visit.now),
      moment(receivedAt, visit.now),
      replayButton({ event: id }, { visit, text: 'Replay', of: `event ${id}` }),
    ]),
    { label: 'Webhook events', empty: 'The events are older than the audit trail goes back.' },
  );
