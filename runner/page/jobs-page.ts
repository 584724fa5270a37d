// All jobs, newest first, by pipeline and state.
import type { Job, JobState } from '../store/index.ts';
import { linkTo } from './figures.ts';
import { html } from './html.ts';
import { jobsTable } from './jobs-table.ts';
import type { Page } from './layout.ts';
import type { Visit } from './visit.ts';

export const jobsOfPage = 50;

export const jobStates = [
  'waiting',
  'running',
  'done',
  'failed',
  'parked',
] as const satisfies readonly JobState[];

export interface JobsChoice {
  readonly pipeline: string | undefined;
  readonly state: JobState | undefined;
  /** Only jobs with a lower number. */
  readonly before: number | undefined;
}

/** `jobs` may be one more than a page shows: then there are older ones. */
export function jobsPage(
  { jobs, choice }: { readonly jobs: readonly Job[]; readonly choice: JobsChoice },
  { now }: Visit,
): Page {
  const { pipeline, state, before } = choice;
  const shown = jobs.slice(0, jobsOfPage);
  const older = jobs.length > shown.length ? shown.at(-1)?.id : undefined;
  return {
    title: 'Jobs',
    section: 'jobs',
    content: html`<form class="filter" method="get" action="/jobs" role="search" aria-label="Jobs">
<p><label for="pipeline">Pipeline</label> <input id="pipeline" name="pipeline" value="${pipeline}"></p>
<p><label for="state">State</label> <select id="state" name="state"><option value="">any</option>${jobStates.map(
      (name) => html`<option${name === state && html` selected`}>${name}</option>`,
    )}</select></p>
<p><button>Show</button></p>
</form>
<div id="list" data-fresh>
${jobsTable(shown, { now, label: 'Jobs', empty: 'There is no such job.', pipelines: true })}
${
  (older !== undefined || before !== undefined) &&
  html`<nav class="pager" aria-label="Pages of jobs">
${before !== undefined && html`<a href="${linkTo('/jobs', { pipeline, state })}">← Newest</a>`}
${older !== undefined && html`<a rel="next" href="${linkTo('/jobs', { pipeline, state, before: older })}">Older →</a>`}
</nav>`
}
</div>`,
  };
}
